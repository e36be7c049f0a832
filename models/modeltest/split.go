package modeltest

import (
	"fmt"
	"slices"
	"testing"
)

// cutStream is a few requests, small enough to be cut everywhere.
func cutStream(g *target) []byte {
	return slices.Concat(
		g.request([]byte("some")), g.request(nil), g.request([]byte("x")), g.request([]byte("requests")))
}

// testCutAtEveryByte has the server read a stream in two parts, cut at each
// offset. A whole request goes ahead in the segment of the first part: when it
// has been answered, the server has read that part.
func testCutAtEveryByte(t *testing.T, g *target) {
	s := g.start(t, nil)
	c := s.dial(t)
	ahead, rest := g.request([]byte("ahead")), cutStream(g)
	for cut := range rest {
		if err := sendCut(c, ahead, rest, cut); err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
	s.stop(t)
	s.checkCounts(t, map[string]int64{"clean": 1})
}

func sendCut(c *client, ahead, rest []byte, cut int) error {
	if _, err := c.Write(slices.Concat(ahead, rest[:cut])); err != nil {
		return err
	}
	if _, err := c.expect(ahead); err != nil {
		return err
	}
	if _, err := c.Write(rest[cut:]); err != nil {
		return err
	}
	_, err := c.expect(rest)
	return err
}

// testByteByByte sends each byte for itself, as far apart as a round trip of
// another client where the model serves one.
func testByteByByte(t *testing.T, g *target) {
	s := g.start(t, nil)
	c := s.greeted(t)
	tick := func() error { return nil }
	if g.limit(s.cfg) != 1 {
		other, ping := s.greeted(t), g.request([]byte("tick"))
		tick = func() error { return other.exchange(ping) }
	}
	all := cutStream(g)
	for i := range all {
		_, err := c.Write(all[i : i+1])
		check(t, err)
		check(t, tick())
	}
	if _, err := c.expect(all); err != nil {
		t.Fatal(fmt.Errorf("byte by byte: %w", err))
	}
	s.stop(t)
}

// testSlowSenders has many clients send a request each, a byte a round.
// Another makes a round trip in every round.
func testSlowSenders(t *testing.T, g *target) {
	s := g.start(t, nil)
	tick := func(int) error { return nil }
	ends := int64(0)
	if g.limit(s.cfg) != 1 {
		other := s.greeted(t)
		tick = func(round int) error { return other.exchange(g.request(payload(1+round*100, round))) }
		ends++
	}
	slow := make([]*client, s.room(40))
	for i := range slow {
		slow[i] = s.greeted(t)
	}
	request := func(i int) []byte { return g.request(payload(8, i)) }
	for round := range len(request(0)) {
		for i, c := range slow {
			_, err := c.Write(request(i)[round : round+1])
			check(t, err)
		}
		check(t, tick(round))
	}
	for i, c := range slow {
		_, err := c.expect(request(i))
		check(t, err)
		check(t, c.closeWrite())
		check(t, c.expectEOF())
	}
	s.stop(t)
	s.checkCounts(t, map[string]int64{"clean": ends + int64(len(slow))})
}
