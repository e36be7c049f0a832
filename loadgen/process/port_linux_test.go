package process

import (
	"net"
	"strconv"
	"testing"
)

// A port is one that a careless server can have, and its caller's alone until it is released.
func TestFreePort(t *testing.T) {
	for _, network := range []string{"tcp", "udp"} {
		for range 20 {
			p, err := FreePort(t.Context(), network, Loopback)
			if err != nil {
				t.Fatal(err)
			}
			host, text, err := net.SplitHostPort(p.Address)
			number, _ := strconv.Atoi(text)
			if host != "127.0.0.1" || number == 0 || err != nil {
				t.Errorf("%s: %s", network, p.Address)
			}
			if other, err := claimPort(number); err == nil {
				other.Close()
				t.Errorf("two have port %d", number)
			}
			p.Release()
			p.Release()
			other, err := claimPort(number)
			if err != nil {
				t.Fatalf("port %d was released: %v", number, err)
			}
			other.Close()
		}
	}
}

// A port that somebody listens on is not free.
func TestFreePortIsNoTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := (&Port{Address: l.Addr().String()}).try(t.Context(), "tcp"); err == nil {
		t.Errorf("%s is said to be free", l.Addr())
	}
}
