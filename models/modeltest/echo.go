package modeltest

import (
	"fmt"
	"testing"

	"connbench/models"
	"connbench/models/wire"
)

// testEchoSizes sends payloads around every size at which something changes,
// with a read buffer that holds most of them and one that holds few.
func testEchoSizes(t *testing.T, g *target) {
	for _, buffer := range []int{512, models.DefaultReadBuffer} {
		t.Run(fmt.Sprintf("buffer %d", buffer), func(t *testing.T) {
			s := g.start(t, func(c *models.Config) { c.ReadBuffer = buffer })
			c := s.dial(t)
			sizes := echoSizes(buffer)
			if bounded(g) {
				sizes = append(sizes, 0, 0)
			}
			if buffer == models.DefaultReadBuffer {
				sizes = append(sizes, wire.DefaultMaxPayload-1, wire.DefaultMaxPayload) // thousands of reads are enough once
			}
			for i, n := range sizes {
				if err := c.exchange(g.message(payload(n, i))); err != nil {
					t.Fatalf("%d bytes: %v", n, err)
				}
			}
			check(t, c.closeWrite())
			check(t, c.expectEOF())
			s.finish(t, map[string]int64{"clean": 1})
		})
	}
}

func echoSizes(buffer int) []int {
	fits := buffer - wire.HeaderSize
	return []int{
		1, 2, 3, 100,
		fits - 1, fits, fits + 1, buffer - 1, buffer, buffer + 1, 2*fits + 1,
		64<<10 - 1, 64 << 10,
	}
}

// testManyInOneSegment sends requests together that one read takes together,
// and then more than one read takes.
func testManyInOneSegment(t *testing.T, g *target) {
	s := g.start(t, func(c *models.Config) { c.ReadBuffer = g.readBuffer(1000) })
	c := s.dial(t)
	for _, n := range []int{2, 10, 500} {
		var all []message
		for i := range n {
			all = append(all, g.message(payload(1+i%40, i)))
		}
		check(t, c.exchange(joined(all...)))
	}
	s.stop(t)
}
