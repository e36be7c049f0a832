package modeltest

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"connbench/models"
)

// testRestart opens a server where another has just been, with connections that
// the first has closed still known to the kernel. Another process may take the
// port in between; it does not do so every time.
func testRestart(t *testing.T, g *target) {
	for range 5 {
		err := restart(t, g)
		if err == nil {
			return
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatal(err)
		}
		t.Log(err)
	}
	t.Error("the address of a server that was shut down is never free")
}

func restart(t *testing.T, g *target) error {
	t.Helper()
	first := g.start(t, nil)
	for i := range g.atOnce(first.cfg, 10) {
		c := first.dial(t)
		check(t, first.talk(c, payload(100, i)))
	}
	first.stop(t)

	cfg := first.cfg
	cfg.Address = first.Addr().String()
	second, err := g.listen(t, cfg)
	if err != nil {
		return err
	}
	if second.Addr().String() != cfg.Address {
		t.Errorf("listens at %s, want %s", second.Addr(), cfg.Address)
	}
	second.serve()
	check(t, second.talk(second.dial(t), payload(100, 99)))
	second.stop(t)
	return nil
}

func (s *server) talk(c *client, payload []byte) error {
	if datagram(s.target) {
		return c.ask(payload)
	}
	return c.exchange(s.target.message(payload))
}

// testShutdownBeforeServe shuts down a server that never serves: its address is
// free again, and Serve has nothing to do any more.
func testShutdownBeforeServe(t *testing.T, g *target) {
	s, err := g.listen(t, g.config(t))
	check(t, err)
	check(t, s.shutdown())
	if stream(g) {
		if c, err := s.connect(); err == nil {
			c.Close()
			t.Error("connected to a server that was shut down")
		}
	}
	s.serve()
	s.checkStopped(t)
	check(t, s.shutdown())
}

func testShutdownTwice(t *testing.T, g *target) {
	s := g.start(t, nil)
	check(t, s.talk(s.dial(t), payload(100, 1)))
	each(t, 4, func(int) error { return s.shutdown() })
	s.checkStopped(t)
	check(t, s.shutdown())
}

// testShutdownAtOnce races Shutdown against the start of Serve: whichever comes
// first, nothing is left.
func testShutdownAtOnce(t *testing.T, g *target) {
	for range 10 {
		s := g.start(t, func(c *models.Config) { c.Backlog = g.backlog() })
		s.stop(t)
	}
}

func (g *target) backlog() int {
	if !slices.Contains(g.model.Knobs, models.KnobBacklog) {
		return 0
	}
	return 7
}

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
			var unasked []string // addresses that are served and not to be
			for host, served := range map[string]bool{"127.0.0.1": asked.four, "::1": asked.six} {
				to := net.JoinHostPort(host, strconv.Itoa(int(got.Port())))
				if asked.host != "localhost" && stream(g) {
					c, err := net.DialTimeout("tcp", to, patience)
					if err == nil {
						c.Close()
					}
					switch {
					case err != nil && served:
						t.Errorf("a connection to %s: %v", to, err)
					case err == nil && !served:
						unasked = append(unasked, to)
					}
				}
			}
			s.stop(t)
			for _, to := range unasked {
				if c, err := net.DialTimeout("tcp", to, patience); err == nil {
					c.Close() // another program has that port at this address
				} else {
					t.Errorf("a connection to %s was accepted", to)
				}
			}
		})
	}
}
