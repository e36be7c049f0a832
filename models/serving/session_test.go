package serving

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"connbench/models"
	"connbench/models/wire"

	"github.com/google/go-cmp/cmp"
)

// feed gives stream to s in chunks of the given size, each in a buffer that is
// used again as a server does, and returns all replies.
func feed(s *Session, stream []byte, size int) (replies []byte, err error) {
	for chunk := range slices.Chunk(stream, size) {
		buf := slices.Clone(chunk)
		first, whole, err := s.Replies(buf)
		replies = append(append(replies, first...), whole...)
		clear(buf)
		if err != nil {
			return replies, err
		}
	}
	return replies, nil
}

func TestSessionWorksOncePerFrame(t *testing.T) {
	want := []string{"first", "", "second", "x", "the last one"}
	var stream []byte
	for _, p := range want {
		stream = wire.AppendFrame(stream, []byte(p))
	}
	for size := 1; size <= len(stream); size++ {
		var got []string
		s := NewSession(&models.Config{Framing: models.Length, MaxFrame: 100})
		s.Work = func(p []byte) { got = append(got, string(p[wire.HeaderSize:])) }
		replies, err := feed(&s, stream, size)
		if err != nil || !bytes.Equal(replies, stream) || s.Partial() {
			t.Fatalf("chunks of %d: replies %q, partial %v, error %v", size, replies, s.Partial(), err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("chunks of %d: work (-want +got):\n%s", size, diff)
		}
	}
}

// In raw framing what one read brings is a request.
func TestSessionWorksOncePerRawChunk(t *testing.T) {
	var got []string
	s := NewSession(&models.Config{Framing: models.Raw})
	s.Work = func(p []byte) { got = append(got, string(p)) }
	replies, err := feed(&s, []byte("abcdefgh"), 3)
	if err != nil || string(replies) != "abcdefgh" || s.Partial() {
		t.Fatalf("replies %q, partial %v, error %v", replies, s.Partial(), err)
	}
	if diff := cmp.Diff([]string{"abc", "def", "gh"}, got); diff != "" {
		t.Errorf("work (-want +got):\n%s", diff)
	}
}

func TestSessionDoesNoWorkForAnOversizedFrame(t *testing.T) {
	stream := wire.AppendFrame(nil, []byte("fits"))
	end := len(stream)
	stream = wire.AppendFrame(stream, []byte("fits not"))
	for size := 1; size <= len(stream); size++ {
		works := 0
		s := NewSession(&models.Config{Framing: models.Length, MaxFrame: 4})
		s.Work = func([]byte) { works++ }
		replies, err := feed(&s, stream, size)
		if !errors.Is(err, wire.ErrTooLong) || !bytes.Equal(replies, stream[:end]) || works != 1 {
			t.Fatalf("chunks of %d: replies %q, %d works, error %v", size, replies, works, err)
		}
	}
}

// FuzzSession sends anything, in chunks of any size: a session never answers
// with anything but what it was sent, or as many bytes as a request asks for, up to the
// end of the last whole request.
func FuzzSession(f *testing.F) {
	f.Add(wire.AppendFrame(nil, []byte("hello")), uint8(3), false)
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 1, 'x', 0xff, 0xff, 0xff, 0xff}, uint8(5), false)
	f.Add([]byte("no frames here"), uint8(1), true)
	f.Add([]byte("\x80\x00\x00\x05\x00\x00\x00\x00\x00"), uint8(5), false) // asks for an empty reply
	f.Fuzz(func(t *testing.T, stream []byte, size uint8, raw bool) {
		cfg := models.Config{Framing: models.Length, MaxFrame: 50}
		if raw {
			cfg.Framing = models.Raw
		}
		s := NewSession(&cfg)
		worked := 0
		s.Work = func(p []byte) { worked += len(p) }
		replies, err := feed(&s, stream, 1+int(size))
		want, rest := stream, []byte(nil)
		if !raw {
			want, rest = repliesTo(stream, cfg.MaxFrame)
		}
		if !bytes.HasPrefix(want, replies) || err == nil && len(replies) < len(want) {
			t.Fatalf("replies %q to %q, error %v", replies, stream, err)
		}
		if err == nil && s.Partial() != (len(rest) > 0) {
			t.Fatalf("partial is %v with %d bytes of %d left", s.Partial(), len(rest), len(stream))
		}
		if raw && worked != len(stream) {
			t.Fatalf("worked on %d of %d bytes", worked, len(stream))
		}
	})
}

// repliesTo is what the whole requests of a stream are to be answered with, and what of
// it follows them.
func repliesTo(stream []byte, max int) (replies, rest []byte) {
	for rest = stream; len(rest) >= wire.HeaderSize; {
		n := int(binary.BigEndian.Uint32(rest) &^ (1 << 31))
		if n > max || len(rest) < wire.HeaderSize+n {
			break
		}
		left, err := wire.Budget(max), error(nil)
		codec := wire.Open(wire.LengthCodec, wire.Options{MaxPayload: max})
		if replies, err = codec.Reply(replies, rest[:wire.HeaderSize+n], &left); err != nil {
			break
		}
		rest = rest[wire.HeaderSize+n:]
	}
	return replies, rest
}
