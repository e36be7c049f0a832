package loadgen

import (
	"crypto/tls"
	"io"
	"net"
	"time"
)

// probe finds out, before anything is measured, whether the server honours the
// field that asks for an answer of another size. A foreign echo server takes it
// for payload, or the frame for too long.
func probe(s *Spec) error {
	if s.ResponseBytes == 0 || s.Part > 0 {
		return nil
	}
	foreign := &SpecError{"response-size", s.ResponseBytes, "only for connbench's own models: this server does not honour the request's field for it"}
	c, err := net.DialTimeout(s.Network, s.Address, s.ConnectTimeout)
	if err != nil {
		return nil // connecting the clients will say so
	}
	defer c.Close()
	if s.TLS {
		c = tls.Client(c, tlsConfig)
	}
	c.SetDeadline(time.Now().Add(s.Timeout))
	l := newLayout(s)
	request := make([]byte, l.size())
	for n := 0; n < len(request); {
		n += copy(request[n:], l.from(request[n:], 0, 0, n))
	}
	if _, err := c.Write(request); err != nil {
		return foreign
	}
	answer := make([]byte, l.answerSize())
	if _, err := io.ReadFull(c, answer); err != nil || !l.matches(answer, 0, 0, 0) {
		return foreign
	}
	return nil
}

// tlsConfig trusts every certificate: who measures a server knows it, and models
// make their own.
var tlsConfig = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}
