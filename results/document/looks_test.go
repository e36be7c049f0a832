package document

import (
	"testing"

	"connbench/results"
	"connbench/results/resultstest"
)

func TestLooks(t *testing.T) {
	left := func(n int) []results.Leaving { return make([]results.Leaving, n) }
	resultstest.Golden(t, "looks.txt", said(t, Looks([]results.Look{
		{Blocks: 10, Planned: 20, Clients: 16, PayloadBytes: 64, Left: left(12)},
		{Blocks: 10, Planned: 20, Clients: 256, PayloadBytes: 4096, RateRPS: 5000, Left: left(1)},
		{Blocks: 12, Planned: 20, Clients: 16, PayloadBytes: 64, Left: left(3)},
	}), ""))
	if d := Looks(nil); d.Blocks != nil {
		t.Errorf("nothing decided: %+v", d)
	}
}
