package loadgen

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"time"

	"connbench/loadgen/message"
	"connbench/models/wire"
	"connbench/results"
)

// resolve returns the address that all clients connect to: of a name that has several, the
// first that has a server, or the first of all; those of IPv4 come before the others. An
// IP address, and the path of a socket, is its own.
func resolve(ctx context.Context, s *Spec) (string, error) {
	all, err := addresses(ctx, s)
	if err != nil {
		return "", err
	}
	for _, address := range all[:len(all)-1] {
		if answers(ctx, s, address) {
			return address, nil
		}
	}
	if last := all[len(all)-1]; len(all) == 1 || answers(ctx, s, last) {
		return last, ctx.Err()
	}
	return all[0], ctx.Err()
}

// lookup resolves a name. Tests change it.
var lookup = net.DefaultResolver.LookupNetIP

func addresses(ctx context.Context, s *Spec) ([]string, error) {
	host, port, err := net.SplitHostPort(s.Address)
	if _, notIP := netip.ParseAddr(host); s.Network == "unix" || err != nil || host == "" || notIP == nil {
		return []string{s.Address}, nil
	}
	ips, err := lookup(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	number, err := net.DefaultResolver.LookupPort(ctx, s.Network, port)
	if err != nil {
		return nil, err
	}
	for i := range ips {
		ips[i] = ips[i].Unmap()
	}
	slices.SortStableFunc(ips, func(a, b netip.Addr) int { return cmp.Compare(a.BitLen(), b.BitLen()) })
	var all []string
	for _, ip := range slices.Compact(ips) {
		all = append(all, net.JoinHostPort(ip.String(), strconv.Itoa(number)))
	}
	return all, nil
}

// datagramGlance is how long a datagram server may take to answer, or a system to say that
// there is none.
const datagramGlance = 200 * time.Millisecond

// answers reports whether there is a server at an address, by connecting to it once; of a
// datagram server, whether nothing says that there is none.
func answers(ctx context.Context, s *Spec, address string) bool {
	dialer := net.Dialer{Timeout: s.ConnectTimeout}
	c, err := dialer.DialContext(ctx, s.Network, address)
	if err != nil {
		return false
	}
	defer c.Close()
	if s.Network != "udp" {
		return true
	}
	c.SetDeadline(time.Now().Add(min(s.Timeout, datagramGlance)))
	l := message.New(s.Message())
	if _, err = c.Write(l.Request()); err == nil {
		_, err = c.Read(make([]byte, 1))
	}
	return !errors.Is(err, syscall.ECONNREFUSED)
}

// probes reports whether there is something to find out by probe.
func (s *Spec) probes() bool { return s.ResponseBytes > 0 && s.Framing == wire.LengthCodec }

// probe finds out, before anything is measured, whether the server honours the
// field that asks for an answer of another size. A foreign echo server takes it
// for payload, or the frame for too long.
func probe(ctx context.Context, s *Spec) error {
	if !s.probes() || s.Part > 0 {
		return nil
	}
	return s.alone(ctx, func(c net.Conn) error {
		c.SetDeadline(time.Now().Add(s.Timeout))
		l := message.New(s.Message())
		answer := make([]byte, l.AnswerSize())
		_, err := c.Write(l.Request())
		if err == nil {
			_, err = io.ReadFull(c, answer)
		}
		if err != nil || !l.Matches(answer, 0, 0, 0) {
			return &SpecError{"response-size", s.ResponseBytes, "only for connbench's own models: this server does not honour the request's field for it"}
		}
		return nil
	})
}

// fill puts what the load gets under its keys, before anything is measured.
func fill(ctx context.Context, s *Spec) error {
	if s.FillBytes == 0 || s.Part > 0 {
		return nil
	}
	return s.alone(ctx, func(c net.Conn) error {
		asks := s.Message()
		if err := asks.Fill(c, s.Timeout); err != nil {
			return fmt.Errorf("keys cannot be put before the load: %w; it is to hold %d values of %s, and --keys says how many", err, asks.KeySpace(), results.Bytes(int64(s.FillBytes)))
		}
		return nil
	})
}

// alone talks to the server over a connection of its own, before the clients have theirs. It returns
// the context's error when that ends first, and none where nobody listens: connecting the clients
// will say so.
func (s *Spec) alone(ctx context.Context, talk func(net.Conn) error) error {
	dialer := net.Dialer{Timeout: s.ConnectTimeout}
	c, err := dialer.DialContext(ctx, s.Network, s.Address)
	if err != nil {
		return ctx.Err()
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	socket := c
	if s.TLS {
		socket = tls.Client(c, s.tlsConfig())
	}
	if err := talk(socket); err != nil {
		return cmp.Or(ctx.Err(), err)
	}
	return nil
}

// tlsConfig trusts every certificate: who measures a server knows it, and models
// make their own.
func (s *Spec) tlsConfig() *tls.Config {
	c := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}
	if s.Framing == wire.HTTPCodec {
		c.NextProtos = []string{"http/1.1"}
	}
	return c
}
