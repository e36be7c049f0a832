package modeltest

import (
	"bytes"
	"fmt"
	"testing"

	"connbench/models"
	"connbench/models/wire"
)

// asking is a request with a payload of n bytes for an answer of reply bytes.
func asking(n, reply int) []byte {
	request := make([]byte, wire.HeaderSize+wire.SizeField, wire.HeaderSize+n)
	wire.PutSizedHeader(request, n, reply)
	return append(request, payload(n-wire.SizeField, reply)...)
}

// appendReply is what a server answers to a frame, within max bytes.
func appendReply(dst, frame []byte, max int) ([]byte, error) {
	left := wire.Budget(max)
	return wire.Open(wire.LengthCodec, wire.Options{MaxPayload: max}).Reply(dst, frame, &left)
}

// testAskedSizes asks for answers shorter and longer than the requests, alone and
// between others, with reads that hold several requests and parts of one.
func testAskedSizes(t *testing.T, g *target) {
	for _, buffer := range []int{64, models.DefaultReadBuffer} {
		t.Run(fmt.Sprintf("buffer %d", buffer), func(t *testing.T) {
			s := g.start(t, func(c *models.Config) { c.ReadBuffer = buffer })
			c := s.dial(t)
			var requests, replies []byte
			for _, size := range [][2]int{{4, 1}, {64, 0}, {64, 64}, {7, 5000}, {5000, 7}, {100, 100_000}} {
				for _, request := range [][]byte{g.request(payload(10, size[0])), asking(size[0], size[1])} {
					reply, err := appendReply(nil, request, wire.DefaultMaxPayload)
					check(t, err)
					requests, replies = append(requests, request...), append(replies, reply...)
				}
			}
			c.send(t, requests)
			c.receive(t, replies)
			check(t, c.closeWrite())
			check(t, c.expectEOF())
			s.finish(t, map[string]int64{"clean": 1})
		})
	}
}

// testAskedTooMuch asks for more than a frame may hold, at once and in many small
// requests that arrive together: that ends the connection, and nobody else's.
func testAskedTooMuch(t *testing.T, g *target) {
	const most = 1 << 16
	s := g.start(t, func(c *models.Config) { c.MaxFrame = most })
	for i, ask := range []struct{ requests, reply int }{{1, most + 1}, {1000, most}} {
		c := s.dial(t)
		var requests []byte
		for range ask.requests {
			requests = append(requests, asking(8, ask.reply)...)
		}
		c.send(t, requests)
		s.awaitCount(t, "oversized", int64(i+1))
		c.Close()
	}
	check(t, s.greeted(t).exchange(g.message(payload(100, 1))))
	s.stop(t)
}

// testAskedLimits has one request, and many that arrive together, ask for as much as they
// may, for one byte less each, and for one more, which is refused.
func testAskedLimits(t *testing.T, g *target) {
	const most = 1 << 16
	s := g.start(t, func(c *models.Config) { c.MaxFrame = most })
	for _, together := range []int{1, 64} {
		limit := wire.MostReply(together, most)
		for size := limit - 1; size <= limit; size++ {
			c := s.dial(t)
			c.send(t, bytes.Repeat(asking(8, size), together))
			reply, err := appendReply(nil, asking(8, size), most)
			check(t, err)
			c.receive(t, bytes.Repeat(reply, together))
			check(t, c.Close())
		}
		_, err := s.dial(t).Write(bytes.Repeat(asking(8, limit+1), together))
		check(t, err)
	}
	s.awaitCount(t, "oversized", 2)
	s.finish(t, map[string]int64{"clean": 4, "oversized": 2})
}
