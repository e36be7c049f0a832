package modeltest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"slices"
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
	others, ping := s.others(t), g.message([]byte("other"))
	roundTrip := func() error { return exchangeEach(others, ping) }
	flood(t, s.lopsidedClient(t), g.request(payload(64<<10, 1)), g.floodLimit(), roundTrip)
	for range 20 {
		check(t, roundTrip())
	}
	for _, c := range others {
		check(t, c.closeWrite())
		check(t, c.expectEOF())
	}
	s.awaitOpen(t, 1) // a client sees its end before a server has counted it
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

// errLate is of a client that was not as fast as an idle timeout asks for.
var errLate = errors.New("the client was late")

// idling is a server with an idle timeout, which is held to a promise and ends with the
// counts that this returns, if any. A client that the machine held up proves nothing, and is
// asked again with a longer timeout.
func idling(t *testing.T, g *target, promise func(*server) (map[string]int64, error)) {
	t.Helper()
	const shortest, longest = 40 * time.Millisecond, 5 * time.Second
	for timeout := shortest; ; timeout *= 4 {
		s := g.start(t, func(c *models.Config) { c.IdleTimeout = timeout })
		want, err := promise(s)
		switch {
		case err == nil && want != nil:
			s.finish(t, want)
			return
		case err != nil && (!errors.Is(err, errLate) || timeout > longest):
			t.Fatalf("with an idle timeout of %v: %v", timeout, err)
		}
		if s.stop(t); err == nil {
			return
		}
	}
}

// late is err, and errLate where the server may have closed a connection for want of
// progress, of which there was some at the time given: a good part of the timeout is over.
func (s *server) late(progress time.Time, err error) error {
	if gap := time.Since(progress); closed(err) && gap > s.cfg.IdleTimeout/4 {
		return fmt.Errorf("%w, by %v: %w", errLate, gap, err)
	}
	return err
}

func testIdleIsClosed(t *testing.T, g *target) {
	idling(t, g, func(s *server) (map[string]int64, error) {
		n := g.atOnce(s.cfg, 3)
		return map[string]int64{"idle": int64(n)}, together(n, func(i int) error {
			began := time.Now()
			return s.visit(func(c *client) (err error) {
				if i > 0 { // the first never says anything
					err = c.exchange(g.message(payload(100, i)))
				} else if secure, ok := c.Conn.(*tls.Conn); ok {
					err = secure.Handshake()
				}
				if err != nil {
					return s.late(began, err)
				}
				return s.late(began, c.expectEOF()) // a server that was held up has not read all of a handshake
			})
		})
	})
}

func testIdleInsideFrame(t *testing.T, g *target) {
	idling(t, g, func(s *server) (map[string]int64, error) {
		began := time.Now()
		c := s.dial(t)
		ahead, half := g.message([]byte("ahead")), g.request([]byte("half of this"))[:8]
		_, err := c.Write(slices.Concat(ahead.request, half))
		if err == nil {
			_, err = c.expect(ahead.reply)
		}
		if err != nil {
			return nil, s.late(began, err)
		}
		return map[string]int64{"idle": 1}, s.late(began, c.expectEOF())
	})
}

func testActiveIsNotIdle(t *testing.T, g *target) {
	idling(t, g, func(s *server) (map[string]int64, error) {
		began := time.Now()
		c, err := s.connect()
		if err != nil {
			return nil, err
		}
		defer c.Close()
		m := g.message(payload(100, 1))
		for last, now := began, began; now.Sub(began) < s.cfg.IdleTimeout*3/2; last, now = now, time.Now() {
			if err := c.exchange(m); err != nil {
				return nil, s.late(last, err)
			}
			time.Sleep(pause)
		}
		return nil, nil // it may be late in closing
	})
}
