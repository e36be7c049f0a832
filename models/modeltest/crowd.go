package modeltest

import (
	"testing"
)

// testManyAtOnce connects clients, as many as the model serves at once, and has
// each answered while all the others stay connected.
func testManyAtOnce(t *testing.T, g *target) {
	s := g.start(t, nil)
	clients := s.crowd(t, g.atOnce(s.cfg, 50))
	each(t, len(clients), func(i int) error {
		for round := range 5 {
			if err := clients[i].exchange(g.message(payload(1+round*700, i))); err != nil {
				return err
			}
		}
		return nil
	})
	s.stop(t)
	s.checkCounts(t, map[string]int64{"clean": int64(len(clients))})
}

// testOthersWait holds a model to the number of clients that it says it serves at
// once: further ones connect and get no answer while the first are there, and
// are served when those have left.
func testOthersWait(t *testing.T, g *target) {
	s := g.start(t, nil)
	limit := g.limit(s.cfg)
	served := s.crowd(t, limit)
	var waiting []*client
	turn := g.message([]byte("my turn?"))
	for range 3 {
		c := s.dial(t)
		c.send(t, turn.request)
		waiting = append(waiting, c)
	}
	for range 5 {
		for _, c := range served {
			check(t, c.exchange(g.message([]byte("still here"))))
		}
		for _, c := range waiting {
			check(t, c.expectNothing())
		}
	}
	for _, c := range served {
		c.Close()
	}
	each(t, len(waiting), func(i int) error {
		defer waiting[i].Close()
		_, err := waiting[i].expect(turn.reply)
		return err
	})
	s.awaitCount(t, "clean", int64(limit+len(waiting)))
	s.stop(t)
}
