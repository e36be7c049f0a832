package modeltest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"

	"connbench/models"
	"connbench/models/wire"
)

// testGarbage sends streams that are made up from a seed: whole requests with
// something after them that ends the stream well, early or badly, or bytes of no
// meaning. Each gets the replies to what was whole, and ends in its class.
func testGarbage(t *testing.T, g *target) {
	const streams = 60
	s := g.start(t, func(c *models.Config) { c.MaxFrame = mostGarbage })
	want := map[string]int64{}
	for seed := range streams {
		want[g.fateOf(garbage(seed), s.cfg.MaxFrame).class]++
	}
	want["clean"] += s.beside(t, func() {
		s.inTurn(t, streams, 8, func(seed int) error {
			return s.visit(func(c *client) error { return c.sendGarbage(s, seed) })
		})
	})
	s.finish(t, want)
}

// mostGarbage is the longest payload that a server of garbage allows.
const mostGarbage = 1 << 16

// sendGarbage sends the stream of a seed in writes of any size, ends it, and checks
// what comes back.
func (c *client) sendGarbage(s *server, seed int) error {
	stream := garbage(seed)
	want := s.target.fateOf(stream, s.cfg.MaxFrame)
	sent := make(chan error, 1)
	go func() { sent <- c.sendInParts(stream, rand.New(rand.NewPCG(uint64(seed), 1))) }()
	replies, end := io.ReadAll(c)
	err := <-sent
	if want.read < len(stream) {
		// The server has left with bytes unread, which is a reset: what was on
		// its way may be lost.
		if (err == nil || closed(err)) && (end == nil || closed(end)) && bytes.HasPrefix(want.replies, replies) {
			return nil
		}
	} else if err == nil && end == nil && bytes.Equal(replies, want.replies) {
		return nil
	}
	return fmt.Errorf("stream of seed %d: sent (%v); read %d bytes (%v), want %d and a %s end", seed, err, len(replies), end, len(want.replies), want.class)
}

func (c *client) sendInParts(b []byte, random *rand.Rand) error {
	for len(b) > 0 {
		n := 1 + random.IntN(len(b))
		if _, err := c.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	if err := c.closeWrite(); err != nil && !errors.Is(err, syscall.ENOTCONN) {
		return err
	}
	return nil
}

// garbage is the stream of a seed. What it asks for in all is far less than a frame
// may hold, or more than that in one request: in between, it would matter which
// requests arrive together.
func garbage(seed int) []byte {
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	var stream []byte
	for range random.IntN(5) {
		if n := random.IntN(3000); random.IntN(3) == 0 {
			stream = append(stream, asking(wire.SizeField+n, random.IntN(3000))...)
		} else {
			stream = wire.AppendFrame(stream, payload(n, seed))
		}
	}
	whole := wire.AppendFrame(nil, payload(1+random.IntN(5000), seed))
	meaningless := payload(1+random.IntN(100), seed)
	switch random.IntN(7) {
	case 0: // a clean end
		return stream
	case 1: // an end inside a frame
		return append(stream, whole[:1+random.IntN(len(whole)-1)]...)
	case 2: // a length that is not allowed, alone or not
		var header [wire.HeaderSize]byte
		wire.PutHeader(header[:], []int{mostGarbage + 1, 1<<31 - 1}[random.IntN(2)])
		return slices.Concat(stream, header[:], meaningless[random.IntN(2)*len(meaningless):])
	case 3: // a field without room
		short := wire.AppendFrame(nil, payload(random.IntN(wire.SizeField), seed))
		short[0] |= 0x80
		return append(stream, short...)
	case 4: // an answer that is not allowed, and another request
		return slices.Concat(stream, asking(10, mostGarbage+1+random.IntN(1<<30)), whole)
	case 5: // bits turned over
		stream = append(stream, whole...)
		stream[random.IntN(len(stream))] ^= byte(1 + random.IntN(255))
		return stream
	default:
		return append(stream, meaningless...)
	}
}

type fate struct {
	replies []byte
	class   string // of its end
	read    int    // how many of its bytes decide that
}

func (g *target) fateOf(stream []byte, max int) fate {
	if !framed(g) {
		return fate{stream, "clean", len(stream)}
	}
	var f fate
	codec := wire.Open(wire.LengthCodec, wire.Options{MaxPayload: max})
	for f.read < len(stream) {
		rest := stream[f.read:]
		n, err := codec.Next(rest, new(wire.Progress))
		switch {
		case err != nil:
			f.class, f.read = "oversized", f.read+wire.HeaderSize
			return f
		case n > len(rest):
			f.class, f.read = "truncated", len(stream)
			return f
		}
		f.read += n
		if f.replies, err = appendReply(f.replies, rest[:n], max); err != nil {
			f.class = "malformed"
			if errors.Is(err, wire.ErrTooLong) {
				f.class = "oversized"
			}
			return f
		}
	}
	f.class = "clean"
	return f
}
