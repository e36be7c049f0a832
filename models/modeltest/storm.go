package modeltest

import (
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"connbench/models"
)

// testConnectStorm has many times as many clients as the backlog holds connect at
// once. The kernel turns away those for which there is no room, and they try again;
// each that has connected is served.
func testConnectStorm(t *testing.T, g *target) {
	const storm, backlog = 40, 4
	s := g.start(t, func(c *models.Config) { c.Backlog = backlog })
	var gaveUp atomic.Int64
	served := storm + s.beside(t, func() {
		each(t, storm, func(i int) error {
			c, err := s.connectInStorm(&gaveUp)
			if err != nil {
				return err
			}
			defer c.Close()
			return c.exchange(g.message(payload(1000, i)))
		})
	})
	eventually(t, func() bool { return s.counts(t)["clean"] >= served },
		func() { t.Errorf("%d clients were served: %v", served, s.counts(t)) })
	s.stop(t)
	// A client may give up just when it is let in.
	counts := s.counts(t)
	if counts["clean"] > served+gaveUp.Load() {
		t.Errorf("%d clients were served and %d gave up: %v", served, gaveUp.Load(), counts)
	}
	s.checkCounts(t, map[string]int64{"clean": counts["clean"]})
}

// connectInStorm is connect again and again, each time for a little longer, as long as
// that fails for want of room. It adds up how often it has.
func (s *server) connectInStorm(gaveUp *atomic.Int64) (*client, error) {
	const step = 10 * time.Millisecond
	start := time.Now()
	for wait := step; ; wait += step {
		c, err := s.connectBy(net.Dialer{Timeout: wait})
		var late net.Error
		switch {
		case err == nil || time.Since(start) > patience:
			return c, err
		case errors.Is(err, syscall.EAGAIN): // of a Unix socket, at once
			time.Sleep(time.Millisecond)
		case !errors.As(err, &late) || !late.Timeout():
			return c, err
		}
		gaveUp.Add(1)
	}
}
