package read

import (
	"slices"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/resultstest"
)

// knob is one at the values s, m, l and xl, of which l is the default.
func knob(frugal bool) Tuned {
	t := Tuned{Model: "goroutine", Knob: "size", Default: "size=l", Metric: results.ServerCPU.Name, Frugal: frugal}
	for _, v := range []string{"s", "m", "l", "xl"} {
		t.Settings = append(t.Settings, Setting{Row: "size=" + v, Value: strings.ToUpper(v), Go: "set(" + v + ")"})
	}
	return t
}

func TestTuneRecommends(t *testing.T) {
	few := resultstest.Tried(3, 64, 9000, 7000, 5000, 5000)
	failed := resultstest.Tried(8, 64, 5600, 5000, 5000, 5000)
	alone := resultstest.Tried(8, 64, 5600, 5000, 5000, 5000)
	for i := range failed {
		failed[i].Verdicts = []string{results.Noisy}
		if alone[i].Model != "size=m" {
			alone[i].Verdicts = []string{results.Noisy}
		}
	}
	for _, test := range []struct {
		name   string
		trials []results.Trial
		frugal bool
		want   string // row
		why    string // part of it
	}{
		{"the smallest of the best", resultstest.Tried(8, 64, 5600, 5000, 5000, 5000), true, "size=m", ""},
		{"the default where size takes nothing", resultstest.Tried(8, 64, 5600, 5000, 5000, 5000), false, "size=l", ""},
		{"not a default that is worse", resultstest.Tried(10, 64, 9000, 5000, 7000, 5000), false, "size=m", ""},
		{"the best of all points", slices.Concat(resultstest.Tried(8, 64, 5600, 5000, 5000, 5000), resultstest.Tried(10, 4096, 90000, 80000, 50000, 50000)), true, "size=l", ""},
		{"the least behind", slices.Concat(resultstest.Tried(10, 64, 5000, 5500, 7000, 9000), resultstest.Tried(10, 4096, 90000, 56000, 70000, 50000)), true, "size=m", "no value is among the best everywhere; this one is never more than 1.1"},
		{"nothing of few trials", few, true, "", "too few valid trials"},
		{"nothing of noise", failed, true, "", "no value has a valid trial"},
		{"the only one that is valid", alone, true, "size=m", ""},
		{"nothing of nothing", nil, true, "", "no value has a valid trial"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := Tune(knob(test.frugal), test.trials).Advice
			got := ""
			if a.Setting != nil {
				got = a.Setting.Row
			}
			if got != test.want || !strings.Contains(a.Why, test.why) || test.why == "" && a.Why != "" {
				t.Errorf("recommends %q: %q, want %q: %q", got, a.Why, test.want, test.why)
			}
		})
	}
}

// A value that is behind is not recommended, though it takes the least memory.
func TestTuneIsNotMisledByFrugality(t *testing.T) {
	tuning := Tune(knob(true), resultstest.Tried(8, 64, 5600, 5000, 5000, 5000))
	p := tuning.Points[0]
	if s := p.standing("size=s"); s == nil || slices.Contains(p.Alike, "size=s") {
		t.Errorf("%+v, alike %v", s, p.Alike)
	}
	if got := tuning.Advice.Setting; got == nil || got.Row != "size=m" {
		t.Errorf("recommends %+v", got)
	}
}

func TestTuneComparesWithTheDefault(t *testing.T) {
	tuning := Tune(knob(true), resultstest.Tried(10, 64, 9000, 5000, 7000, 7000))
	gain, idle := tuning.Points[0].Gain, tuning.Advice.Idle
	if gain == nil || !gain.Ratio.Overlaps(0.70, 0.73) || gain.Trials != 10 {
		t.Errorf("gain %+v", gain)
	}
	if idle == nil || !idle.Overlaps(-4110, -4080) {
		t.Errorf("an idle connection takes %+v more", idle)
	}
	without := resultstest.Tried(10, 64, 9000, 5000, 7000, 7000)
	for i := range without {
		without[i].ServerIdle = nil
	}
	if a := Tune(knob(true), without).Advice; a.Idle != nil || a.Loaded == nil {
		t.Errorf("without idle connections: %+v", a)
	}
}

func stormKnob() Tuned {
	k := knob(false)
	k.Knob, k.Metric, k.InFlight = "backlog", results.ConnectP99.Name, map[int]int{64: 64}
	return k
}

// Of a storm only connecting counts: what was never connected is infinitely late.
func TestTuneStorm(t *testing.T) {
	p := Tune(stormKnob(), resultstest.Storm(10)).Points[0]
	s := p.standing("size=s")
	if s == nil || s.First != 4 || s.Value.Estimate != results.NeverConnected || p.standing("size=xl") == nil {
		t.Errorf("%+v", p.Standings)
	}
	if slices.Contains(p.Alike, "size=s") || len(p.Alike) != 3 {
		t.Errorf("alike: %v", p.Alike)
	}
}

// TestTuneKind: what is measured is said, and of runs that did not say it follows from what
// they have.
func TestTuneKind(t *testing.T) {
	inFlight := map[int]int{64: 64}
	for _, row := range []struct {
		tuned Tuned
		storm bool
	}{
		{Tuned{}, false},
		{Tuned{InFlight: inFlight}, true},
		{Tuned{Kind: SteadyTune}, false},
		{Tuned{Kind: StormTune, InFlight: inFlight}, true},
	} {
		if row.tuned.Storm() != row.storm {
			t.Errorf("%+v: a storm %v", row.tuned, !row.storm)
		}
	}
}
