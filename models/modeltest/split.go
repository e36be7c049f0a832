package modeltest

import (
	"slices"
	"testing"
)

// cutStream is a few requests, small enough to be cut everywhere.
func cutStream(g *target) message {
	return joined(
		g.message([]byte("some")), g.message(nil), g.message([]byte("x")), g.message([]byte("requests")))
}

// testCutAtEveryByte has the server read a stream in two parts, cut at each
// offset. A whole request goes ahead in the segment of the first part: when it
// has been answered, the server has read that part.
func testCutAtEveryByte(t *testing.T, g *target) {
	s := g.start(t, nil)
	c := s.dial(t)
	ahead, rest := g.message([]byte("ahead")), cutStream(g)
	for cut := range rest.request {
		if err := sendCut(c, ahead, rest, cut); err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
	s.stop(t)
	s.checkCounts(t, map[string]int64{"clean": 1})
}

func sendCut(c *client, ahead, rest message, cut int) error {
	if _, err := c.Write(slices.Concat(ahead.request, rest.request[:cut])); err != nil {
		return err
	}
	if _, err := c.expect(ahead.reply); err != nil {
		return err
	}
	if _, err := c.Write(rest.request[cut:]); err != nil {
		return err
	}
	_, err := c.expect(rest.reply)
	return err
}

// testSlowSenders has many clients send a request each, a byte a round.
// Another makes a round trip in every round.
func testSlowSenders(t *testing.T, g *target) {
	s := g.start(t, nil)
	others := s.others(t)
	slow := s.crowd(t, s.room(40))
	one := func(i int) message { return joined(g.message(payload(8, i)), g.message(payload(1, i))) }
	for round := range one(0).request {
		for i, c := range slow {
			c.send(t, one(i).request[round:round+1])
		}
		check(t, exchangeEach(others, g.message(payload(1+round*100, round))))
	}
	for i, c := range slow {
		c.receive(t, one(i).reply)
		check(t, c.closeWrite())
		check(t, c.expectEOF())
	}
	s.stop(t)
	s.checkCounts(t, map[string]int64{"clean": int64(len(others) + len(slow))})
}
