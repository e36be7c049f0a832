package modeltest

import (
	"net"
	"net/netip"
	"strconv"
	"testing"

	"connbench/models"
)

// onIP is for the networks that have addresses to choose from.
func onIP(g *target) bool { return g.network != "unix" }

func testListensAsAsked(t *testing.T, g *target) {
	for _, asked := range []struct {
		host      string
		want      []string // any of them
		six, four bool     // whether a client on that loopback is served
	}{
		{"0.0.0.0", []string{"0.0.0.0"}, false, true},
		{"127.0.0.1", []string{"127.0.0.1"}, false, true},
		{"localhost", []string{"127.0.0.1", "::1"}, false, false},
		{"::", []string{"::"}, true, true},
		{"::1", []string{"::1"}, true, false},
	} {
		t.Run(asked.host, func(t *testing.T) {
			if l, err := net.Listen("tcp", net.JoinHostPort(asked.host, "0")); err != nil {
				t.Skip(err) // no IPv6 here
			} else {
				l.Close()
			}
			s := g.start(t, func(c *models.Config) { c.Address = net.JoinHostPort(asked.host, "0") })
			got := netip.MustParseAddrPort(s.Addr().String())
			if host := got.Addr().String(); host != asked.want[0] && host != asked.want[len(asked.want)-1] {
				t.Errorf("it listens on %s, asked for %s", got, asked.host)
			}
			for host, served := range map[string]bool{"127.0.0.1": asked.four, "::1": asked.six} {
				to := net.JoinHostPort(host, strconv.Itoa(int(got.Port())))
				if asked.host != "localhost" && stream(g) {
					c, err := net.DialTimeout("tcp", to, patience)
					if (err == nil) != served {
						t.Errorf("a connection to %s: %v", to, err)
					}
					if err == nil {
						c.Close()
					}
				}
			}
			s.stop(t)
		})
	}
}
