package loadgen

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// named lets every name have these addresses.
func named(t *testing.T, ips ...string) {
	before := lookup
	t.Cleanup(func() { lookup = before })
	lookup = func(context.Context, string, string) ([]netip.Addr, error) {
		var all []netip.Addr
		for _, ip := range ips {
			all = append(all, netip.MustParseAddr(ip))
		}
		return all, nil
	}
}

// on is an echo server on an IP address and a port, any if that is 0.
func on(t *testing.T, network, ip, port string) (address string) {
	t.Helper()
	address = net.JoinHostPort(ip, port)
	if network == "tcp" {
		return echo(t, network, address)
	}
	c, err := net.ListenPacket(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		b := make([]byte, 65536)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			c.WriteTo(b[:n], from)
		}
	}()
	return c.LocalAddr().String()
}

// Of a name with several addresses the first that has a server is loaded, and which that
// was is known afterwards.
func TestRunTriesAllAddresses(t *testing.T) {
	if l, err := net.Listen("tcp", "[::1]:0"); err != nil {
		t.Skip(err)
	} else {
		l.Close()
	}
	for _, network := range []string{"tcp", "udp"} {
		for _, ip := range []string{"127.0.0.1", "127.0.0.3", "::1"} {
			named(t, "::1", "127.0.0.1", "127.0.0.3")
			address := on(t, network, ip, "0")
			_, port, _ := net.SplitHostPort(address)
			s := quick(network, "several.example:"+port)
			if r := mustAnswer(t, s); r.Address != address || r.Requests == 0 || len(r.Errors) > 0 {
				t.Errorf("%s on %s: %d requests to %s, errors %v", network, ip, r.Requests, r.Address, r.Errors)
			}
		}
	}
	named(t, "::1", "127.0.0.1")
	s := quick("tcp", "several.example:1")
	if _, err := Run(t.Context(), s, Stages{}); !errors.Is(err, errNobody) || !strings.Contains(err.Error(), "several.example:1") {
		t.Errorf("where nobody listens: %v", err)
	}
}

// The name may have a port of a name, and IPv4 comes before IPv6.
func TestAddresses(t *testing.T) {
	named(t, "fe80::1%lo", "::1", "::ffff:127.0.0.1", "127.0.0.2")
	for _, tt := range []struct{ network, address, want string }{
		{"tcp", "a.example:80", "127.0.0.1:80 127.0.0.2:80 [fe80::1%lo]:80 [::1]:80"},
		{"tcp", "a.example:http", "127.0.0.1:80 127.0.0.2:80 [fe80::1%lo]:80 [::1]:80"},
		{"tcp", "[fe80::1%lo]:80", "[fe80::1%lo]:80"},
		{"udp", "127.0.0.1:7", "127.0.0.1:7"},
		{"tcp", ":80", ":80"},
		{"unix", "/tmp/a:80", "/tmp/a:80"},
	} {
		all, err := addresses(t.Context(), &Spec{Network: tt.network, Address: tt.address})
		if got := strings.Join(all, " "); err != nil || got != tt.want {
			t.Errorf("%s %s: %s, %v; want %s", tt.network, tt.address, got, err, tt.want)
		}
	}
}

// A probe that nobody answers ends with the run's context, however long it may take.
func TestProbeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := quick("tcp", serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		c.Read(make([]byte, 1))
		cancel()
		io.Copy(io.Discard, c)
	}))
	s.ResponseBytes, s.Timeout = 128, 10*time.Minute
	if _, err := Run(ctx, s, Stages{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
