package modeltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"connbench/models"
)

func testShutdownEndsIdle(t *testing.T, g *target) {
	s := g.start(t, nil)
	clients := s.crowd(t, g.atOnce(s.cfg, 20))
	s.stop(t)
	for _, c := range clients {
		check(t, c.expectEOF())
	}
	s.checkCounts(t, map[string]int64{"clean": int64(len(clients))})
}

// begun sends half a request, and returns the other half when the server has
// read the first: a whole request goes ahead in the same segment.
func begun(t *testing.T, s *server) (c *client, reply, rest []byte) {
	t.Helper()
	c = s.greeted(t)
	ahead, whole := s.target.message([]byte("ahead")), s.target.message([]byte("begun and finished"))
	c.send(t, slices.Concat(ahead.request, whole.request[:9]))
	c.receive(t, ahead.reply)
	return c, whole.reply, whole.request[9:]
}

// testShutdownHalfArrived sends the second half of a request when Shutdown has
// begun, with and without an idle timeout, which is another deadline on the same
// connection.
func testShutdownHalfArrived(t *testing.T, g *target) {
	for _, idle := range []time.Duration{0, time.Hour} {
		t.Run(fmt.Sprintf("idle timeout %v", idle), func(t *testing.T) {
			s := g.start(t, func(c *models.Config) { c.IdleTimeout = idle })
			c, reply, rest := begun(t, s)
			s.stopWhile(t, func() {
				check(t, c.expectNothing()) // it waits
				c.send(t, rest)
				c.receive(t, reply)
				check(t, c.expectEOF())
			})
			if got := s.counts(t); got["clean"] != got["accepted"] {
				t.Errorf("not all ends were clean: %v", got)
			}
		})
	}
}

func (s *server) awaitRefusal(t *testing.T) {
	t.Helper()
	eventually(t, func() bool {
		c, err := s.connect()
		if err != nil {
			return true
		}
		defer c.Close()
		return s.target.lack(refusesOthers) != "" && c.isLetGo()
	}, func() { t.Fatal("connections are still taken") })
}

func (c *client) isLetGo() bool {
	c.SetReadDeadline(time.Now().Add(soon))
	n, err := c.Read(make([]byte, 1))
	return n == 0 && closed(err)
}

// testShutdownAnswersArrived calls Shutdown with requests in the server's
// sockets, whether it has read them or not: they are answered.
func testShutdownAnswersArrived(t *testing.T, g *target) {
	for round := range 5 {
		s := g.start(t, nil)
		m := g.message(payload(500, round))
		clients := s.crowd(t, g.atOnce(s.cfg, 10))
		for _, c := range clients {
			c.send(t, m.request)
		}
		for _, c := range clients {
			c.awaitArrival(t)
		}
		s.stop(t)
		for i, c := range clients {
			if _, err := c.expect(m.reply); err != nil {
				t.Fatalf("client %d: %v", i, err)
			}
			check(t, c.expectEOF())
		}
	}
}

// testShutdownAnswersPipelined is the same for many requests on one connection,
// with no room for all their replies until Shutdown has begun.
func testShutdownAnswersPipelined(t *testing.T, g *target) {
	s, c := lopsided(t, g, models.DefaultReadBuffer)
	all := g.kibibyte(1).times(160) // whole ones to a read
	c.send(t, all.request)
	c.awaitArrival(t)
	s.stopWhile(t, func() {
		c.receive(t, all.reply)
		check(t, c.expectEOF())
	})
}

func (s *server) stopWhile(t *testing.T, do func()) {
	t.Helper()
	over := make(chan error, 1)
	go func() { over <- s.shutdown() }()
	s.awaitRefusal(t)
	do()
	check(t, <-over)
	s.checkStopped(t)
}

// testShutdownEndsWaiting shuts down while clients wait for their turn: they are
// let go.
func testShutdownEndsWaiting(t *testing.T, g *target) {
	s := g.start(t, nil)
	s.crowd(t, g.limit(s.cfg))
	var waiting []*client
	for range 3 {
		waiting = append(waiting, s.dial(t))
	}
	s.stop(t)
	for _, c := range waiting {
		if n, err := c.Read(make([]byte, 1)); n != 0 || !closed(err) {
			t.Errorf("read %d bytes and error %v, want an end", n, err)
		}
	}
}

// testShutdownUnderLoad shuts down under clients of many sizes that never pause.
// Each sees whole replies and then an end; in raw framing, where the server
// knows no requests, what it sees is the beginning of what it sent.
func testShutdownUnderLoad(t *testing.T, g *target) {
	s := g.start(t, nil)
	sizes := []int{1, 100, 5000, 70_000, 300_000}
	n := g.atOnce(s.cfg, 2*len(sizes))
	var busy atomic.Int64 // clients that have been answered a few times
	ended := make(chan error, 1)
	go func() {
		ended <- together(n, func(i int) error {
			return exchangeToEnd(s, payload(sizes[i%len(sizes)], i), &busy)
		})
	}()
	eventually(t, func() bool { return busy.Load() == int64(n) || len(ended) > 0 },
		func() { t.Errorf("%d of %d clients are answered", busy.Load(), n) })
	s.stop(t)
	check(t, <-ended)
	if got := s.counts(t); got["cut"]+got["truncated"]+got["failed"] > 0 {
		t.Errorf("connections have ended badly: %v", got)
	}
}

// exchangeToEnd makes round trips until the server ends the connection, and
// returns an error if that is in the middle of a reply. It adds itself to busy
// after a few.
func exchangeToEnd(s *server, payload []byte, busy *atomic.Int64) error {
	const few = 2
	c, err := s.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	m := s.target.message(payload)
	for round := 1; ; round++ {
		n, err := c.exchanged(m)
		switch {
		case err == nil && round == few:
			busy.Add(1)
		case err == nil:
		case !closed(err):
			return err
		case n > 0 && n < len(m.reply) && bounded(s.target):
			return fmt.Errorf("ended inside a reply: %w", err)
		case round <= few:
			return fmt.Errorf("ended before Shutdown: %w", err)
		default:
			return nil
		}
	}
}

// testShutdownOutOfTime cuts a request that never ends, with a context that is
// over from the start and with one that ends while Shutdown waits.
func testShutdownOutOfTime(t *testing.T, g *target) {
	for _, when := range []string{"from the start", "while it waits"} {
		t.Run(when, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if when == "from the start" {
				cancel()
			}
			s := g.start(t, nil)
			c, _, _ := begun(t, s)
			result := make(chan error, 1)
			go func() { result <- s.Shutdown(ctx) }()
			s.awaitRefusal(t)
			cancel()
			if err := <-result; !errors.Is(err, context.Canceled) {
				t.Errorf("Shutdown returned %v, want the context's error", err)
			}
			check(t, c.expectEOF())
			s.checkStopped(t)
			if got := s.counts(t); got["cut"] == 0 {
				t.Errorf("nothing was cut: %v", got)
			}
		})
	}
}
