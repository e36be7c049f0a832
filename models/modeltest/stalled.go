package modeltest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"connbench/models"
)

// testNeverReads has a client send and never read, until nothing moves any more.
// The other clients are answered all the same, and Shutdown, which cannot finish
// with this one, cuts it when its context is over: there is less room for replies than
// for requests, so that even where the flood has only paused there are too many.
func testNeverReads(t *testing.T, g *target) {
	s := g.start(t, lopsidedSockets)
	var other *client
	ping := g.request([]byte("other"))
	if g.limit(s.cfg) != 1 {
		other = s.greeted(t)
	}
	stuck := s.lopsidedClient(t)
	flood(t, stuck, g.request(payload(64<<10, 1)), g.floodLimit(), func() error {
		if other == nil {
			return nil
		}
		return other.exchange(ping)
	})
	if other != nil {
		for range 20 {
			check(t, other.exchange(ping))
		}
		check(t, other.closeWrite())
		check(t, other.expectEOF())
	}
	ctx, cancel := context.WithTimeout(t.Context(), soon/5)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown returned %v beside a client that never reads, want the context's error", err)
	}
	s.checkStopped(t)
	s.awaitCount(t, "cut", 1)
}

// flood writes request over and over until limit bytes are out or the peer takes
// nothing: twice in a row no byte goes out for soon, with a round trip of another
// client between.
func flood(t *testing.T, c *client, request []byte, limit int, roundTrip func() error) {
	t.Helper()
	rest := request
	for still := 0; still < 2 && limit > 0; {
		c.SetWriteDeadline(time.Now().Add(soon))
		n, err := c.Write(rest)
		switch {
		case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
			t.Fatal(err)
		case n == 0:
			still++
			check(t, roundTrip())
		default:
			still = 0
		}
		limit -= n
		if rest = rest[n:]; len(rest) == 0 {
			rest = request
		}
	}
}

const idleTimeout = 50 * time.Millisecond

func testIdleIsClosed(t *testing.T, g *target) {
	s := g.start(t, func(c *models.Config) { c.IdleTimeout = idleTimeout })
	n := g.atOnce(s.cfg, 3)
	each(t, n, func(i int) error {
		c, err := s.connect()
		if err != nil {
			return err
		}
		defer c.Close()
		if i > 0 { // the first never says anything
			if err := c.exchange(g.request(payload(100, i))); err != nil {
				return err
			}
		}
		return c.expectEOF()
	})
	s.awaitCount(t, "idle", int64(n))
	s.stop(t)
	s.checkCounts(t, map[string]int64{"idle": int64(n)})
}

func testIdleInsideFrame(t *testing.T, g *target) {
	s := g.start(t, func(c *models.Config) { c.IdleTimeout = idleTimeout })
	c := s.dial(t)
	ahead, half := g.request([]byte("ahead")), g.request([]byte("half of this"))[:8]
	_, err := c.Write(bytes.Join([][]byte{ahead, half}, nil))
	check(t, err)
	_, err = c.expect(ahead)
	check(t, err)
	check(t, c.expectEOF())
	s.stop(t)
	s.checkCounts(t, map[string]int64{"idle": 1})
}

// testActiveIsNotIdle keeps a connection busy for longer than the idle timeout.
// A machine so busy that a round trip took a good part of the timeout proves
// nothing, and is asked again.
func testActiveIsNotIdle(t *testing.T, g *target) {
	const timeout = 100 * time.Millisecond
	s := g.start(t, func(c *models.Config) { c.IdleTimeout = timeout })
	for range 10 {
		gap, err := keepActive(s, timeout*3/2)
		if err == nil {
			s.stop(t)
			return
		}
		if gap < timeout/2 {
			t.Fatalf("after a pause of %v, with a timeout of %v: %v", gap, timeout, err)
		}
	}
	t.Skip("the machine is too busy to keep a connection active")
}

// keepActive makes round trips for a while. When one fails, gap is how long the
// connection had been without one.
func keepActive(s *server, while time.Duration) (gap time.Duration, err error) {
	c, err := s.connect()
	if err != nil {
		return 0, err
	}
	defer c.Close()
	request := s.target.request(payload(100, 1))
	start := time.Now()
	for last := start; time.Since(start) < while; {
		began := last
		last = time.Now()
		if err := c.exchange(request); err != nil {
			return time.Since(began), err
		}
	}
	return 0, nil
}
