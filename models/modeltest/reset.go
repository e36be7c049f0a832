package modeltest

import (
	"slices"
	"testing"

	"connbench/models"
)

// testReset kills many clients at once, each with a reset inside a frame that the
// server has begun to read.
func testReset(t *testing.T, g *target) {
	const kills = 40
	s := g.start(t, nil)
	ahead, half := g.message([]byte("ahead")), g.request([]byte("half of this"))[:8]
	answered := ahead.reply
	if !bounded(g) {
		answered = slices.Concat(ahead.reply, half)
	}
	want := map[string]int64{}
	want["clean"] += s.beside(t, func() {
		s.inTurn(t, kills, kills, func(int) error {
			return s.visit(func(c *client) error {
				if _, err := c.Write(slices.Concat(ahead.request, half)); err != nil {
					return err
				}
				if _, err := c.expect(answered); err != nil { // so the server has read the half as well
					return err
				}
				return c.abort()
			})
		})
	})
	want[g.abortClass(bounded(g))] += kills
	s.finish(t, want)
}

// abortClass is that of a client which has read all its replies and aborts, inside a
// request or between two. A Unix socket knows no reset: there it is an end of the
// stream.
func (g *target) abortClass(partial bool) string {
	switch {
	case g.network != "unix":
		return "reset"
	case partial:
		return "truncated"
	default:
		return "clean"
	}
}

// testResetStorm connects and resets hundreds of times in a row, before the server
// can have said anything.
func testResetStorm(t *testing.T, g *target) {
	const storm = 300
	s := g.start(t, nil)
	want := map[string]int64{}
	want["clean"] += s.beside(t, func() {
		for range storm {
			check(t, s.dial(t).abort())
		}
	})
	want[g.abortClass(false)] += storm
	s.finish(t, want)
}

// testResetWhileAnswered resets connections whose server waits for room for the
// replies.
func testResetWhileAnswered(t *testing.T, g *target) {
	s := g.start(t, lopsidedSockets)
	n := s.room(5)
	want := map[string]int64{"reset": int64(n)}
	want["clean"] += s.beside(t, func() {
		all := g.kibibyte(1).times(160)
		for range n {
			c := s.lopsidedClient(t)
			c.send(t, all.request)
			c.receive(t, all.reply[:1])
			check(t, c.abort())
		}
	})
	s.finish(t, want)
}

// testReadsLate has clients send much and read nothing, until the server waits for
// room for the replies of each. They get every byte when they do read.
func testReadsLate(t *testing.T, g *target) {
	s := g.start(t, func(c *models.Config) {
		c.ReadBuffer = g.readBuffer(40_000) // more than is sent at once, and not a number of requests
		lopsidedSockets(c)
	})
	late := make([]*client, s.room(10))
	all := g.message(payload(507, 1)).times(320)
	want := map[string]int64{"clean": int64(len(late))}
	want["clean"] += s.beside(t, func() {
		for i := range late {
			late[i] = s.lopsidedClient(t)
			late[i].send(t, all.request)
			late[i].awaitArrival(t)
		}
		for _, c := range late {
			c.receive(t, all.reply)
			check(t, c.Close())
		}
	})
	s.finish(t, want)
}
