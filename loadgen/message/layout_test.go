package message

import (
	"bytes"
	"testing"

	"connbench/models/wire"
)

func layoutOf(payload int, framed bool, response int) *Layout {
	r := Request{Network: "tcp", Framing: "length", PayloadBytes: payload, ResponseBytes: response, Seed: 1}
	if !framed {
		r.Framing = "raw"
	}
	return New(&r)
}

// message puts together a whole message through the chunks that a sender sees.
func (l *Layout) message(client int, seq uint64) []byte {
	scratch := make([]byte, 64)
	var m []byte
	for len(m) < l.Size() {
		m = append(m, l.From(scratch, client, seq, len(m))...)
	}
	return m
}

func TestLayoutMessage(t *testing.T) {
	for _, payload := range []int{1, 2, 7, 8, 9, 52, 53, 1000} {
		for _, framed := range []bool{true, false} {
			l := layoutOf(payload, framed, 0)
			m := l.message(3, 0x0102030405060708)
			if len(m) != l.Size() {
				t.Fatalf("payload %d framed %v: %d bytes, want %d", payload, framed, len(m), l.Size())
			}
			if framed {
				got, err := wire.ReadFrame(bytes.NewReader(m), payload)
				if err != nil || len(got) != payload {
					t.Errorf("payload %d: frame of %d bytes, %v", payload, len(got), err)
				}
			}
			for from := 0; from < len(m); from++ {
				for _, to := range []int{from + 1, (from + len(m) + 1) / 2, len(m)} {
					if !l.Matches(m[from:to], 3, 0x0102030405060708, from) {
						t.Fatalf("payload %d framed %v: bytes %d to %d do not match their own message", payload, framed, from, to)
					}
				}
			}
		}
	}
}

func TestLayoutNoticesEveryWrongByte(t *testing.T) {
	l := layoutOf(40, true, 0)
	m := l.message(0, 9)
	for i := range m {
		m[i] ^= 1
		if l.Matches(m, 0, 9, 0) {
			t.Errorf("byte %d may be wrong", i)
		}
		m[i] ^= 1
	}
	if l.Matches(l.message(1, 9), 0, 9, 0) {
		t.Error("another client's answer passes")
	}
	if l.Matches(l.message(0, 8), 0, 9, 0) {
		t.Error("the last request's answer passes")
	}
	if l.Matches(append(m, 0), 0, 9, 0) {
		t.Error("an answer that is too long passes")
	}
}

func TestSequenceOf(t *testing.T) {
	tests := []struct {
		payload   int
		seq, next uint64
		want      uint64
		ok        bool
	}{
		{64, 7, 8, 7, true},
		{64, 8, 8, 8, false}, // not sent yet
		{64, 1 << 40, 1<<40 + 1, 1 << 40, true},
		{1, 7, 8, 7, true},
		{1, 255, 256, 255, true},
		{1, 256, 257, 256, true},
		{1, 250, 260, 250, true}, // across the wrap of one byte
		{2, 65530, 65540, 65530, true},
		{1, 0, 1, 0, true},
	}
	for _, tt := range tests {
		l := layoutOf(tt.payload, false, 0)
		got, ok := l.SequenceOf(l.message(0, tt.seq), tt.next)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("payload %d, %d of %d: got %d, %v; want %d, %v", tt.payload, tt.seq, tt.next, got, ok, tt.want, tt.ok)
		}
	}
	l := layoutOf(8, false, 0)
	if _, ok := l.SequenceOf(make([]byte, 9), 1); ok {
		t.Error("a datagram of the wrong length has a sequence number")
	}
}

// What a model of ours answers is what the client expects, to the last byte and
// from any offset.
func TestLayoutOfSizedAnswers(t *testing.T) {
	for _, payload := range []int{4, 5, 11, 12, 13, 40} {
		for _, response := range []int{1, 3, 4, 12, 39, 40, 41, 100} {
			l := layoutOf(payload, true, response)
			left := wire.Budget(1000)
			answer, err := wire.Open(wire.LengthCodec, wire.Options{MaxPayload: 1000}).Reply(nil, l.message(3, 77), &left)
			if err != nil || len(answer) != l.AnswerSize() {
				t.Fatalf("payload %d, response %d: answer of %d bytes, %v", payload, response, len(answer), err)
			}
			for from := 0; from < len(answer); from++ {
				for _, to := range []int{from + 1, (from + len(answer) + 1) / 2, len(answer)} {
					if !l.Matches(answer[from:to], 3, 77, from) {
						t.Fatalf("payload %d, response %d: bytes %d to %d do not match", payload, response, from, to)
					}
				}
			}
			for i := range answer {
				answer[i] ^= 1
				if l.Matches(answer, 3, 77, 0) {
					t.Errorf("payload %d, response %d: byte %d may be wrong", payload, response, i)
				}
				answer[i] ^= 1
			}
			if l.Matches(append(answer, 0), 3, 77, 0) {
				t.Errorf("payload %d, response %d: an answer that is too long passes", payload, response)
			}
		}
	}
}
