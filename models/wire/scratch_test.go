package wire

import (
	"bytes"
	"fmt"
	"testing"
)

// Streams that share a Scratch do not get into each other's frames, however their
// chunks mix.
func TestSplittersShareScratch(t *testing.T) {
	const streams, rounds = 7, 40
	shared := NewScratch(&length{1000})
	splitters := make([]Splitter, streams)
	sent, got := make([][]byte, streams), make([][]byte, streams)
	for i := range splitters {
		splitters[i] = Splitter{Scratch: &shared}
		for round := range rounds {
			sent[i] = AppendFrame(sent[i], bytes.Repeat([]byte{byte('a' + i)}, (i*rounds+round*31)%200))
		}
	}
	for at, step := 0, 0; at < 8000; at += step {
		step = 1 + at%53
		for i := range splitters {
			chunk := sent[i][min(at, len(sent[i])):min(at+step, len(sent[i]))]
			first, whole, err := splitters[i].Split(chunk)
			if err != nil {
				t.Fatal(err)
			}
			got[i] = append(append(got[i], first...), whole...)
		}
	}
	for i := range splitters {
		if !bytes.Equal(got[i], sent[i]) || splitters[i].Partial() {
			t.Errorf("stream %d: %d bytes came out of %d", i, len(got[i]), len(sent[i]))
		}
	}
}

func TestSplitterHoldsNothingBetweenFrames(t *testing.T) {
	s := frameSplitter(64)
	frame := frames("a frame in two parts")
	split := func() {
		s.Split(frame[:9])
		s.Split(frame[9:])
	}
	split()
	if s.part != nil {
		t.Error("an idle splitter holds the memory of its last frame")
	}
	if allocs := testing.AllocsPerRun(100, split); allocs != 0 {
		t.Errorf("%v allocations a frame with memory to use again, want 0", allocs)
	}
}

// A frame that is kept outlives the calls after it.
func TestScratchKeep(t *testing.T) {
	shared := NewScratch(&length{64})
	var kept [][]byte
	for i := range 5 {
		s := Splitter{Scratch: &shared}
		frame := frames(fmt.Sprint("frame ", i))
		s.Split(frame[:6])
		first, _, _ := s.Split(frame[6:])
		shared.Keep()
		kept = append(kept, first)
	}
	for i, frame := range kept {
		if want := frames(fmt.Sprint("frame ", i)); !bytes.Equal(frame, want) {
			t.Errorf("kept %q, want %q", frame, want)
		}
		shared.GiveBack(frame)
	}
	if len(shared.free) != len(kept) {
		t.Errorf("%d buffers to use again, want %d", len(shared.free), len(kept))
	}
}

func TestScratchIsBounded(t *testing.T) {
	var s Scratch
	for range 100 {
		s.GiveBack(make([]byte, 0, mostFree/10))
	}
	if s.size > mostFree || len(s.free) != 10 {
		t.Errorf("holds %d bytes in %d buffers, want at most %d", s.size, len(s.free), mostFree)
	}
}
