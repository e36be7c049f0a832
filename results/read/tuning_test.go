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
	few := resultstest.Tried(1, 64, 9000, 7000, 5000, 5000)
	failing := func(trials []results.Trial, verdict string, valid int, rows ...string) []results.Trial {
		seen := map[string]int{}
		for i := range trials {
			t := &trials[i]
			if seen[t.Model]++; slices.Contains(rows, t.Model) && seen[t.Model] > valid {
				t.Verdicts = []string{verdict}
			}
		}
		return trials
	}
	failed := resultstest.Tried(8, 64, 5600, 5000, 5000, 5000)
	alone := resultstest.Tried(8, 64, 5600, 5000, 5000, 5000)
	single := failing(failing(resultstest.Tried(8, 64, 5600, 5000, 5000, 5000), results.Noisy, 0, "size=s", "size=l", "size=xl"), results.Noisy, 1, "size=m")
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
		{"nothing of a value beside noise", alone, true, "", "too few valid trials"},
		{"nothing of one trial beside noise", single, true, "", "too few valid trials"},
		{"no other value than the default by one trial beside noise", slices.Concat(resultstest.Tried(8, 4096, 5600, 5000, 5000, 5000), single), true, "size=l", "no other value is known to be as good everywhere: payload 64 B: S has 0 valid trials; payload 64 B: M has 1 valid trial; "},
		{"the only one that does not fail", failing(resultstest.Tried(8, 64, 5000, 5000, 5000, 5000), results.Errors, 0, "size=s", "size=l", "size=xl"), true, "size=m", ""},
		{"ties", resultstest.Tried(20, 64, 5000, 5000, 5000, 5000), false, "size=l", ""},
		{"a tie with the default beside one that is better", resultstest.Tried(20, 64, 6000, 4000, 6000, 6000), false, "size=m", ""},
		{"the best of several that are as good", resultstest.Tried(20, 64, 5020, 5000, 9000, 5010), false, "size=m", ""},
		{"not what was lost at a point with too few trials", slices.Concat(resultstest.Tried(10, 64, 5000, 5000, 5000, 5000),
			failing(resultstest.Tried(10, 65536, 290000, 60000, 50000, 50000), results.Noisy, 0, "size=s", "size=m")), true, "size=l", ""},
		{"not what is known at one point alone", slices.Concat(resultstest.Tried(10, 64, 4000, 5000, 5000, 5000),
			failing(resultstest.Tried(10, 65536, 50000, 60000, 50000, 60000), results.Noisy, 0, "size=s")), true, "size=l", "never more than 1.2"},
		{"no loss against the default, whatever is gained elsewhere", slices.Concat(resultstest.Tried(10, 64, 2000, 9000, 5000, 9000),
			resultstest.Tried(10, 4096, 60000, 90000, 50000, 90000)), false, "size=l", "never more than 2.49 times behind"},
		{"another where the default fails", failing(resultstest.Tried(10, 64, 6000, 5000, 5500, 7000), results.Errors, 0, "size=l"), false, "size=m", ""},
		{"few trials of a tie", failing(resultstest.Tried(10, 64, 5000, 5000, 5000, 5000), results.Noisy, 2, "size=s", "size=m"), false, "size=l", ""},
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

// Of a value that alone has valid trials nobody is told that it is the best, unless the
// others cannot do it at all.
func TestTuneAloneIsNotTheBest(t *testing.T) {
	for verdict, want := range map[string]string{
		results.Noisy:  "nothing is known: too few valid trials",
		results.Errors: "M alone is the best",
	} {
		for valid := 1; valid <= 8; valid++ {
			trials := resultstest.Tried(8, 64, 5600, 5000, 5000, 5000)
			for i := range trials {
				if tr := &trials[i]; tr.Model != "size=m" {
					tr.Verdicts = []string{verdict}
				} else if tr.Block%1000 >= valid {
					tr.Verdicts = []string{results.Noisy}
				}
			}
			tuning := Tune(knob(true), trials)
			want := want
			if valid < 3 {
				want = "nothing is known: too few valid trials"
			}
			if got := tuning.alikeText(&tuning.Points[0]); got != want {
				t.Errorf("%s, %d valid: %q, want %q", verdict, valid, got, want)
			}
		}
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
	if s == nil || s.First != 2 || s.Value.Estimate < 0.9*results.NeverConnected || p.standing("size=xl") == nil {
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

// What is wrong with a knob that was read is said in what can be printed.
func TestTunedCheck(t *testing.T) {
	for _, knob := range []string{"backlog", "\x1b[2J\u202e"} {
		tuned := Tuned{Knob: knob, Metric: results.ConnectP99.Name, Settings: []Setting{{Row: "loops=1", Value: "1"}}}
		if err := tuned.Check(); err == nil || strings.ContainsAny(err.Error(), "\x1b\u202e") {
			t.Errorf("got %v", err)
		}
	}
}
