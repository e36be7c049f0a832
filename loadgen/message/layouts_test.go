package message

import (
	"math"
	"testing"
)

func mixed(network string) *Layouts {
	r := Request{Network: network, Framing: "length", Seed: 5}
	return NewMix(&r, Mix{{4, 6}, {100, 3}, {60_000, 1}})
}

// Each request has the payload that its numbers draw, as often as its weight says, whoever asks.
func TestLayoutsDrawByWeight(t *testing.T) {
	l, again := mixed("tcp"), mixed("tcp")
	const clients, each = 20, 5000
	var counts [3]float64
	alike, last := 0, -1
	for client := range clients {
		for seq := range uint64(each) {
			which := l.Which(client, seq)
			if again.Which(client, seq) != which || l.Of(client, seq) != l.all[which] {
				t.Fatalf("request %d of client %d is of another payload the second time", seq, client)
			}
			counts[which]++
			if which == last {
				alike++
			}
			last = which
		}
	}
	const n = clients * each
	for i, share := range []float64{0.6, 0.3, 0.1} {
		if math.Abs(counts[i]-share*n) > 5*math.Sqrt(n*share*(1-share)) {
			t.Errorf("payload %d is drawn %v times of %d, want %v", i, counts[i], n, share*n)
		}
	}
	if want := n * (0.36 + 0.09 + 0.01); math.Abs(float64(alike)-want) > 5*math.Sqrt(want) {
		t.Errorf("%d payloads are that of the request before, want %v", alike, want)
	}
	if size := l.AnswerSize(); size != 60_004 {
		t.Errorf("the longest answer is of %d bytes", size)
	}
}

func TestLayoutsOfOne(t *testing.T) {
	r := Request{Network: "tcp", Framing: "raw", PayloadBytes: 7}
	l := NewMix(&r, nil)
	if l.Which(3, 9) != 0 || l.Of(3, 9).Size() != 7 || l.AnswerSize() != 7 {
		t.Errorf("got %+v", l)
	}
}

// A datagram says which request it answers, and has to be as long as that.
func TestSequenceOfAMix(t *testing.T) {
	l := mixed("udp")
	var seen [3]int
	for seq := range uint64(100) {
		which := l.Which(1, seq)
		if got, ok := l.SequenceOf(l.all[which].message(1, seq), 1, seq+3); !ok || got != seq {
			t.Errorf("request %d: got %d, %v", seq, got, ok)
		}
		if _, ok := l.SequenceOf(l.all[(which+1)%3].message(1, seq), 1, seq+3); ok {
			t.Errorf("request %d: an answer of another length passes", seq)
		}
		seen[which]++
	}
	if _, ok := l.SequenceOf(make([]byte, 5), 1, 100); ok {
		t.Errorf("a datagram of no length of the mix passes")
	}
	if seen[0] == 0 || seen[1] == 0 || seen[2] == 0 {
		t.Errorf("of 100 requests %v have the payloads", seen)
	}
}

func TestMixMean(t *testing.T) {
	if got := (Mix{{64, 9}, {64 << 10, 1}}).Mean(); got != 6611 {
		t.Errorf("got %d", got)
	}
}
