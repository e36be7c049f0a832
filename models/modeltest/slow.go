package modeltest

import "testing"

// testSlowSenders has clients by the hundred send a request each, a byte a round.
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
	slow := make([]*client, s.room(200))
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
