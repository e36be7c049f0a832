package modeltest

import (
	"math/rand/v2"
	"testing"

	"connbench/models"
)

// testDatagramGarbage sends datagrams made up from a seed, of every size and content:
// those that are not too long come back as they are.
func testDatagramGarbage(t *testing.T, g *target) {
	const datagrams, most = 200, 1000
	s := g.start(t, func(c *models.Config) { c.MaxFrame = most })
	var tooLong int64
	random := rand.New(rand.NewPCG(1, 0))
	garbage := make([][]byte, datagrams)
	for i := range garbage {
		garbage[i] = payload(random.IntN(2*most), i)
		if len(garbage[i]) > most {
			tooLong++
		}
	}
	s.inTurn(t, datagrams, 8, func(i int) error {
		return s.visit(func(c *client) error { // a socket each, as in testDatagramSizes
			if len(garbage[i]) > most {
				if _, err := c.Write(garbage[i]); err != nil {
					return err
				}
				garbage[i] = garbage[i][:most]
			}
			return c.ask(garbage[i])
		})
	})
	s.finish(t, map[string]int64{"oversized": tooLong})
}

// testDatagramFlood has a client send much more than there is room for, and never
// read the answers. In between, another is answered.
func testDatagramFlood(t *testing.T, g *target) {
	const rounds, flood = 8, 500
	s := g.start(t, nil)
	flooder := s.dial(t)
	datagram := payload(100, 1)
	for round := range rounds {
		for range flood {
			flooder.send(t, datagram)
		}
		check(t, s.dial(t).ask(payload(300, round)))
	}
	s.stop(t)
	s.checkCounts(t, nil)
}
