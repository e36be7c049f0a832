package modeltest

import (
	"errors"
	"slices"
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
