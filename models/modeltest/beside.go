package modeltest

import (
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// beside runs misbehave while a well-behaved client, where the model serves two at
// once, makes a round trip each millisecond and gets every byte. It returns how many
// such clients there were, whose end is clean.
func (s *server) beside(t *testing.T, misbehave func()) int64 {
	t.Helper()
	if s.target.limit(s.cfg) == 1 {
		misbehave()
		return 0
	}
	c := s.greeted(t)
	over := make(chan struct{})
	ended := make(chan error, 1)
	go func() { ended <- c.exchangeUntil(over, s.target) }()
	misbehave()
	close(over)
	check(t, <-ended)
	check(t, c.Close())
	return 1
}

// others are the well-behaved clients beside one that is not: one, where the model serves
// two at once.
func (s *server) others(t *testing.T) []*client {
	t.Helper()
	if s.target.limit(s.cfg) == 1 {
		return nil
	}
	return s.crowd(t, 1)
}

func exchangeEach(clients []*client, m message) error {
	for _, c := range clients {
		if err := c.exchange(m); err != nil {
			return err
		}
	}
	return nil
}

// pause is between a client's round trips, so that many can be waited for without taking
// all of a machine.
const pause = time.Millisecond

// exchangeUntil makes round trips of many sizes until over is closed, and one after
// that. Each may take as long as the suite has patience, and all together longer.
func (c *client) exchangeUntil(over <-chan struct{}, g *target) error {
	for last, round := false, 0; !last; round++ {
		select {
		case <-over:
			last = true
		default:
		}
		c.SetDeadline(time.Now().Add(patience))
		if err := c.exchange(g.message(payload(1+round*331%5000, round))); err != nil {
			return err
		}
		time.Sleep(pause)
	}
	return nil
}

func (s *server) room(n int) int {
	limit := s.target.limit(s.cfg)
	if limit == 0 {
		return n
	}
	return min(n, max(1, limit-1))
}

// inTurn runs f for 0 to n-1, as many at once as there is room for, up to most, and
// ends the test on an error.
func (s *server) inTurn(t *testing.T, n, most int, f func(i int) error) {
	t.Helper()
	var group errgroup.Group
	group.SetLimit(s.room(most))
	for i := range n {
		group.Go(func() error { return f(i) })
	}
	check(t, group.Wait())
}

// finish waits until every connection has ended, each in its class, and then stops
// the server: nothing else was counted.
func (s *server) finish(t *testing.T, want map[string]int64) {
	t.Helper()
	for class, n := range want {
		s.awaitCount(t, class, n)
	}
	s.stop(t)
	s.checkCounts(t, want)
}
