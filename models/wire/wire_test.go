package wire

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func frames(payloads ...string) []byte {
	var b []byte
	for _, p := range payloads {
		b = AppendFrame(b, []byte(p))
	}
	return b
}

func TestReadFrame(t *testing.T) {
	tests := []struct {
		name  string
		input []byte
		want  string
		err   error
	}{
		{"one frame", frames("hello"), "hello", nil},
		{"empty payload", frames(""), "", nil},
		{"at the maximum", frames("12345678"), "12345678", nil},
		{"end of stream", nil, "", io.EOF},
		{"inside the header", []byte{0, 0}, "", io.ErrUnexpectedEOF},
		{"inside the payload", frames("hello")[:7], "", io.ErrUnexpectedEOF},
		{"after the header", frames("hello")[:4], "", io.ErrUnexpectedEOF},
		{"too long by one", frames("123456789"), "", ErrTooLong},
		{"absurdly long", []byte{0xff, 0xff, 0xff, 0xff}, "", ErrTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadFrame(bytes.NewReader(tt.input), 8)
			if !errors.Is(err, tt.err) || string(got) != tt.want {
				t.Errorf("got %q, %v; want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func frameSplitter(max int) *Splitter {
	scratch := NewScratch(&length{max})
	return &Splitter{Scratch: &scratch}
}

// split feeds stream to a Splitter in chunks ending at the given offsets and
// returns all frames that come out.
func split(t *testing.T, max int, stream []byte, cuts ...int) ([]byte, *Splitter, error) {
	t.Helper()
	s := frameSplitter(max)
	var got []byte
	at := 0
	for _, cut := range append(cuts, len(stream)) {
		first, whole, err := s.Split(stream[at:cut])
		got = append(append(got, first...), whole...)
		if err != nil {
			return got, s, err
		}
		at = cut
	}
	return got, s, nil
}

func TestSplitAtEveryPairOfBytes(t *testing.T) {
	stream := frames("", "a", "hello, world", "", strings.Repeat("x", 40))
	for i := 0; i <= len(stream); i++ {
		for j := i; j <= len(stream); j++ {
			got, s, err := split(t, 64, stream, i, j)
			if err != nil || !bytes.Equal(got, stream) || s.Partial() {
				t.Fatalf("cut at %d and %d: got %q, partial %v, %v", i, j, got, s.Partial(), err)
			}
		}
	}
}

func TestSplitReturnsFramesBeforeAnOversizedOne(t *testing.T) {
	stream := append(frames("good", "also good"), 0, 0, 0, 65, 'x')
	for cut := range stream {
		got, _, err := split(t, 64, stream, cut)
		if !errors.Is(err, ErrTooLong) || !bytes.Equal(got, frames("good", "also good")) {
			t.Fatalf("cut at %d: got %q, %v", cut, got, err)
		}
	}
}

func TestSplitterKeepsNothingForWholeFrames(t *testing.T) {
	s := frameSplitter(64)
	chunk := frames("one", "two")
	if allocs := testing.AllocsPerRun(100, func() { s.Split(chunk) }); allocs != 0 {
		t.Errorf("%v allocations for whole frames, want 0", allocs)
	}
	if s.part != nil || s.Scratch.size > 0 {
		t.Error("an idle splitter that met whole frames only holds memory")
	}
}

func TestSplitterMemoryFollowsArrivedBytes(t *testing.T) {
	s := frameSplitter(1 << 30)
	var header [HeaderSize]byte
	PutHeader(header[:], 1<<30)
	s.Split(header[:])
	s.Split([]byte("a few bytes"))
	if cap(s.part) > 64 {
		t.Errorf("%d bytes held for 15 received", cap(s.part))
	}
}

func TestRequests(t *testing.T) {
	var got []string
	for f := range frameSplitter(64).Scratch.Requests(frames("a", "", "bc")) {
		got = append(got, string(f[HeaderSize:]))
	}
	if want := []string{"a", "", "bc"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// sized is a request with rest after the field that asks for n bytes.
func sized(n int, rest string) []byte {
	b := make([]byte, HeaderSize+SizeField, 64)
	PutSizedHeader(b, SizeField+len(rest), n)
	return append(b, rest...)
}

func TestLengthReply(t *testing.T) {
	short := frames("abc")
	short[0] |= 0x80
	tests := []struct {
		name  string
		frame []byte
		want  []byte
		err   error
	}{
		{"the same bytes", frames("hello"), frames("hello"), nil},
		{"empty", frames(""), frames(""), nil},
		{"shorter", sized(5, "xyz"), frames("\x00\x00\x00\x05x"), nil},
		{"as long", sized(7, "xyz"), frames("\x00\x00\x00\x07xyz"), nil},
		{"over and over", sized(16, "xyz"), frames("\x00\x00\x00\x10xyz\x00\x00\x00\x10xyz\x00\x00"), nil},
		{"nothing", sized(0, "xyz"), frames(""), nil},
		{"too long", sized(17, "xyz"), nil, ErrTooLong},
		{"no field", short, nil, ErrMalformed},
	}
	for _, tt := range tests {
		left := Budget(16)
		got, err := (&length{64}).Reply(nil, tt.frame, &left)
		if !errors.Is(err, tt.err) || !bytes.Equal(got, tt.want) {
			t.Errorf("%s: got %q, %v; want %q, %v", tt.name, got, err, tt.want, tt.err)
		}
	}
}

func TestSplitterTellsASingleFrame(t *testing.T) {
	s := frameSplitter(64)
	one, two := frames("one"), frames("one", "two")
	for _, tt := range []struct {
		chunk []byte
		want  bool
	}{{one, true}, {two, false}, {one[:2], false}, {one[2:], false}, {two[:9], true}, {append(two[9:], one...), true}, {nil, false}} {
		if _, _, err := s.Split(tt.chunk); err != nil || s.Single() != tt.want {
			t.Errorf("%q: single is %v, want %v; %v", tt.chunk, s.Single(), tt.want, err)
		}
	}
}

func TestSplitterNoticesSizedFrames(t *testing.T) {
	stream := append(frames("plain"), sized(3, "xy")...)
	for cut := range stream {
		s := frameSplitter(64)
		s.Split(stream[:cut])
		before := s.Made()
		s.Split(stream[cut:])
		if before || !s.Made() {
			t.Errorf("cut at %d: %v before the sized frame was whole, %v after", cut, before, s.Made())
		}
		s.Split(frames("plain"))
		if s.Made() {
			t.Errorf("cut at %d: still sized a chunk later", cut)
		}
	}
}

// FuzzSplit holds the Splitter against ReadFrame: however a stream is cut, the
// frames that come out are those a blocking reader sees, and it ends as there.
func FuzzSplit(f *testing.F) {
	f.Add(frames("hello", ""), uint8(3), uint16(64))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff}, uint8(1), uint16(64))
	f.Add(frames("hello")[:6], uint8(2), uint16(4))
	f.Add(sized(9, "hello"), uint8(3), uint16(64))
	f.Fuzz(func(t *testing.T, stream []byte, step uint8, max uint16) {
		var want []byte // the frames as they are, bits of the header and all
		var wantErr error
		for r := bytes.NewReader(stream); wantErr == nil; {
			if _, wantErr = ReadFrame(r, int(max)); wantErr == nil {
				want = stream[:len(stream)-r.Len()]
			}
		}
		cuts := []int{}
		for at := int(step); step > 0 && at < len(stream); at += int(step) {
			cuts = append(cuts, at)
		}
		got, s, err := split(t, int(max), stream, cuts...)
		if !bytes.Equal(got, want) {
			t.Fatalf("frames %q, want %q", got, want)
		}
		switch {
		case errors.Is(wantErr, ErrTooLong):
			if !errors.Is(err, ErrTooLong) {
				t.Fatalf("error %v, want %v", err, wantErr)
			}
		case err != nil:
			t.Fatalf("error %v where a reader has %v", err, wantErr)
		default:
			if truncated := wantErr == io.ErrUnexpectedEOF; s.Partial() != truncated {
				t.Fatalf("partial %v, want %v", s.Partial(), truncated)
			}
		}
	})
}
