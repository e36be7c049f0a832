package loadgen

import (
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"net"
	"time"
)

// probe finds out, before anything is measured, whether the server honours the
// field that asks for an answer of another size. A foreign echo server takes it
// for payload, or the frame for too long.
func probe(ctx context.Context, s *Spec) error {
	if s.ResponseBytes == 0 || s.Part > 0 {
		return nil
	}
	foreign := &SpecError{"response-size", s.ResponseBytes, "only for connbench's own models: this server does not honour the request's field for it"}
	dialer := net.Dialer{Timeout: s.ConnectTimeout}
	c, err := dialer.DialContext(ctx, s.Network, s.Address)
	if err != nil {
		return ctx.Err() // else connecting the clients will say so
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	socket := c
	if s.TLS {
		socket = tls.Client(c, tlsConfig)
	}
	c.SetDeadline(time.Now().Add(s.Timeout))
	l := newLayout(s)
	if _, err := socket.Write(l.request()); err != nil {
		return cmp.Or(ctx.Err(), error(foreign))
	}
	answer := make([]byte, l.answerSize())
	if _, err := io.ReadFull(socket, answer); err != nil || !l.matches(answer, 0, 0, 0) {
		return cmp.Or(ctx.Err(), error(foreign))
	}
	return nil
}

// tlsConfig trusts every certificate: who measures a server knows it, and models
// make their own.
var tlsConfig = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}
