package live

import (
	"testing"

	"connbench/loadgen/sweep"
	"connbench/results"
	"connbench/results/resultstest"
	"connbench/results/stats"

	"github.com/jedib0t/go-pretty/v6/text"
)

func TestLeaders(t *testing.T) {
	for _, tt := range []struct {
		name   string
		blocks int
		costs  map[string]float64
		models []string
		want   string
	}{
		{"a row alone", 6, map[string]float64{"a": 5000}, []string{"a"}, ""},
		{"one block tells little", 1, map[string]float64{"a": 5000, "b": 9000}, []string{"a", "b"}, "64 clients, 64 B: no two rows told apart yet; 2 of 2 placed"},
		{"two of three", 14, map[string]float64{"a": 5000, "b": 5000, "c": 9000}, []string{"a", "c", "b"}, "64 clients, 64 B: a, b first (within 1.03 times); 3 of 3 placed"},
		{"one of three", 14, map[string]float64{"a": 5000, "b": 7000, "c": 9000}, []string{"a", "b", "c"}, "64 clients, 64 B: a first (the next from 1.39 times on); 3 of 3 placed"},
		{"many", 14, map[string]float64{"a": 5000, "b": 5000, "c": 5000, "d": 5000, "e": 9000}, []string{"a", "b", "c", "d", "e"}, "64 clients, 64 B: c, d, 2 more first (within 1.05 times); 5 of 5 placed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			trials := resultstest.Race(tt.blocks, tt.costs, tt.models...)
			v := newView(nil, newClock().now)
			if got := v.led(&trials[len(trials)-1], trials); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// Leaders are named when a block is finished, and stand in the view of their point alone.
func TestLeadersAtTheEndOfABlock(t *testing.T) {
	text.DisableColors()
	t.Cleanup(text.EnableColors)
	trials := resultstest.Race(6, map[string]float64{"goroutine": 9000, "reactor": 5000}, "goroutine", "reactor")
	c := newClock()
	s, term := testScreen(80, 24)
	p := testProgress(c, planCourseAt(c, "", 0, coursePlan()), s)
	asked := 0
	p.stored = func() []results.Trial { asked++; return trials }
	at := stats.At{Clients: trials[0].Clients, PayloadBytes: trials[0].PayloadBytes}
	for i := range trials {
		last := &trials[i]
		p.begin(sweep.Trial{Number: i, Model: last.Model, Clients: at.Clients, Payload: sweep.Payload{Size: sweep.Size(at.PayloadBytes)}}, 0)
		p.trial(sweep.Progress{Done: i + 1, Total: len(trials), Blocks: (i + 1) / 2, Trial: last})
	}
	if asked != 6 {
		t.Errorf("the leaders were looked for %d times in 6 blocks", asked)
	}
	resultstest.Golden(t, "leaders.golden", term.String())
	p.begin(sweep.Trial{Model: "reactor", Clients: at.Clients + 1, Payload: sweep.Payload{Size: sweep.Size(at.PayloadBytes)}}, 0)
	if n := s.shown(); n != 7 {
		t.Errorf("at a point without a block %d lines are shown, want 7", n)
	}
}
