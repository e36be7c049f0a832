package stats

import (
	"math"
	"slices"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/resultstest"
)

// only are the trials of some rows.
func only(trials []results.Trial, model string) []results.Trial {
	return slices.DeleteFunc(slices.Clone(trials), func(t results.Trial) bool { return t.Model != model })
}

// outcomes is what a comparison came to, by the metric's title.
func outcomes(all []Compared) map[string]Outcome {
	byTitle := map[string]Outcome{}
	for _, c := range all {
		byTitle[c.Metric.Title] = c.Outcome
	}
	return byTitle
}

func TestCompareRowsOfOneRun(t *testing.T) {
	trials := resultstest.Race(30, map[string]float64{"a": 5000, "b": 5500, "c": 5000}, "a", "b", "c")
	side := func(row string) Side { return Side{Trials: trials, Row: row} }
	got := outcomes(Compare(side("a"), side("b"), true))
	for title, want := range map[string]Outcome{"server CPU/req": Worse, "req/s": Worse, "p99": Worse, "server RSS": NoDifference} {
		if got[title] != want {
			t.Errorf("b against a: %s is %q, want %q", title, got[title], want)
		}
	}
	if len(got) != 4 {
		t.Errorf("%v: an idle connection that nobody measured", got)
	}
	for title, outcome := range outcomes(Compare(side("b"), side("a"), true)) {
		if title != "server RSS" && outcome != Better {
			t.Errorf("a against b: %s is %q", title, outcome)
		}
	}
	for title, outcome := range outcomes(Compare(side("a"), side("c"), true)) {
		if outcome != NoDifference {
			t.Errorf("c against a: %s is %q", title, outcome)
		}
	}
	if all := Compare(side("a"), Side{Trials: only(trials, "a"), Row: "none"}, true); len(all) != 0 {
		t.Errorf("a row that is not there: %v", all)
	}
}

// Runs that are compared all the same, though their clients had another manner, have their points in common.
func TestCompareMannersByForce(t *testing.T) {
	trials := resultstest.Race(5, map[string]float64{"a": 5000}, "a")
	other := slices.Clone(trials)
	for i := range other {
		other[i].Pipeline = 4
	}
	for _, row := range []string{"", "a"} {
		if len(Compare(Side{Trials: trials, Row: row}, Side{Trials: other, Row: row}, false)) == 0 {
			t.Errorf("row %q: nothing is compared of two runs with other pipelines", row)
		}
	}
}

func TestCompareRuns(t *testing.T) {
	before := Side{Trials: resultstest.Race(10, map[string]float64{"a": 5000, "b": 5500}, "a", "b")}
	after := Side{Trials: resultstest.Race(11, map[string]float64{"a": 9000, "b": 5500}, "a", "b")}
	for _, c := range Compare(before, after, false) {
		want := Undecided // blocks of two runs have no drift in common
		switch {
		case c.Metric == results.ServerRSS:
			want = NoDifference
		case c.A.Model == "a":
			want = Worse
		}
		if c.Outcome != want || c.SameRun {
			t.Errorf("%s: %q, %+v", c.String(), c.Outcome, c.Effect)
		}
	}
}

// TestCompareRunsInPhases: what all rows have done is not the doing of one; a row that has done more,
// or while the others have not, is named.
func TestCompareRunsInPhases(t *testing.T) {
	costs := func(a, others float64) map[string]float64 {
		return map[string]float64{"a": a, "b": 5500 * others, "c": 7000 * others, "d": 8000 * others}
	}
	before := Side{Trials: resultstest.Race(10, costs(5000, 1), "a", "b", "c", "d")}
	for _, tt := range []struct {
		name      string
		a, others float64
		want      map[string]Outcome // by server CPU
	}{
		{"all are slower", 8000, 1.6, map[string]Outcome{"a": Undecided, "b": Undecided, "c": Undecided, "d": Undecided}},
		{"all are faster", 3000, 0.6, map[string]Outcome{"a": Undecided, "b": Undecided, "c": Undecided, "d": Undecided}},
		{"one is slower by more", 20_000, 1.6, map[string]Outcome{"a": Worse, "b": Undecided, "c": Undecided, "d": Undecided}},
	} {
		after := Side{Trials: resultstest.Race(11, costs(tt.a, tt.others), "a", "b", "c", "d")}
		for _, c := range Compare(before, after, false) {
			if c.Metric == results.ServerCPU && c.Outcome != tt.want[c.A.Model] {
				t.Errorf("%s: %s, %+v", tt.name, c.String(), c.Effect.Ratio)
			}
			if c.Common > 0 && !c.Open(10) && c.worse(c.Common) > 1 {
				t.Errorf("%s: %s is closed", tt.name, c.String())
			}
		}
	}
}

// What rows of too few trials have done says nothing of the machine.
func TestCompareRunsOfFewTrials(t *testing.T) {
	run := func(a, others float64) Side {
		return Side{Trials: slices.Concat(only(resultstest.Race(10, map[string]float64{"a": a}, "a"), "a"),
			resultstest.Race(2, map[string]float64{"b": 5500 * others, "c": 7000 * others}, "b", "c"))}
	}
	for _, c := range Compare(run(5000, 1), run(8000, 1.6), false) {
		if want := c.A.Model == "a"; c.Metric == results.ServerCPU && ((c.Outcome == Worse) != want || c.Few() == want) {
			t.Errorf("%s, %+v", c.String(), c.Effect.Ratio)
		}
	}
}

func TestCompareWhatCannotBe(t *testing.T) {
	few := resultstest.Race(1, map[string]float64{"a": 5000, "b": 9000}, "a", "b")
	for _, c := range Compare(Side{Trials: few, Row: "a"}, Side{Trials: few, Row: "b"}, true) {
		if c.Outcome != Undecided {
			t.Errorf("one trial: %s", c.String())
		}
	}
	trials := resultstest.Race(8, map[string]float64{"a": 5000, "b": 5000}, "a", "b")
	tests := []struct {
		name   string
		spoil  func(*results.Trial)
		broken bool
	}{
		{"noise", func(t *results.Trial) { t.Verdicts = []string{results.Noisy} }, false},
		{"errors", func(t *results.Trial) { t.Verdicts = []string{results.Errors} }, true},
		{"a server that fails", func(t *results.Trial) { t.Failure = "it died" }, true},
		{"clients left out", func(t *results.Trial) { t.ClientsServed = 3 }, true},
	}
	for _, tt := range tests {
		spoilt := slices.Clone(trials)
		for i := range spoilt {
			tt.spoil(&spoilt[i])
		}
		all := Compare(Side{Trials: trials, Row: "a"}, Side{Trials: only(spoilt, "b"), Row: "b"}, true)
		if len(all) != 1 || all[0].Outcome != NotCompared || !strings.HasPrefix(all[0].Why, "B: ") || all[0].Regressed(5) != tt.broken {
			t.Errorf("%s: %+v", tt.name, all)
		}
		back := Compare(Side{Trials: only(spoilt, "b"), Row: "b"}, Side{Trials: trials, Row: "a"}, true)
		if len(back) != 1 || back[0].Regressed(5) {
			t.Errorf("%s before: %+v", tt.name, back)
		}
	}
}

func TestRegressed(t *testing.T) {
	cpu, rate := results.ServerCPU, results.Throughput
	tests := []struct {
		metric  *results.Figure
		outcome Outcome
		ratio   float64
		want    bool
	}{
		{cpu, Worse, 1.2, true}, {cpu, Worse, 1.05, false}, {cpu, NoDifference, 1.2, false}, {cpu, Better, 0.5, false},
		{rate, Worse, 0.8, true}, {rate, Worse, 0.95, false}, {rate, Better, 2, false},
	}
	for _, tt := range tests {
		c := Compared{Metric: tt.metric, Outcome: tt.outcome, Effect: Effect{Ratio: Interval{Estimate: tt.ratio}}}
		if c.Regressed(10) != tt.want {
			t.Errorf("%s %s by %v", tt.metric.Title, tt.outcome, tt.ratio)
		}
	}
}

// What one comparison would pass for a difference is none among many, nor is it called the
// same.
func TestCompareCorrects(t *testing.T) {
	var all []Compared
	for range 40 {
		all = append(all, Compared{Metric: results.ServerCPU, Effect: Effect{P: 0.04, Ratio: Interval{1.1, 1.01, 1.2}}})
	}
	one := all[:1:1]
	adjust(one)
	if one[0].Outcome != Worse {
		t.Errorf("one: %s", one[0].Outcome)
	}
	all[0] = Compared{Metric: results.ServerCPU, Effect: Effect{P: 0.04, Ratio: Interval{1.1, 1.01, 1.2}}}
	adjust(all)
	if all[0].Outcome != Undecided || all[0].Verdict() != "undecided: +1 to +20 %" {
		t.Errorf("of forty: %s", all[0].Verdict())
	}
}

// TestSmall: what is beyond chance and matters to nobody is said to be so.
func TestSmall(t *testing.T) {
	for _, row := range []struct {
		outcome Outcome
		ratio   Interval
		want    string
	}{
		{Worse, Interval{1.01, 1.005, 1.02}, "worse beyond chance, but by less than 5 %: 1 % more"},
		{Better, Interval{0.99, 0.96, 0.995}, "better beyond chance, but by less than 5 %: 1 % less"},
		{Worse, Interval{1.04, 1.01, 1.07}, "worse: 4 % more"},
		{NoDifference, Interval{1.01, 0.99, 1.02}, "no difference"},
	} {
		if got := (&Compared{Metric: results.ServerCPU, Outcome: row.outcome, Effect: Effect{Ratio: row.ratio}}).Verdict(); got != row.want {
			t.Errorf("%q, want %q", got, row.want)
		}
	}
}

// A gate is passed, failed, or neither.
func TestOpen(t *testing.T) {
	tests := []struct {
		metric    *results.Figure
		outcome   Outcome
		low, high float64
		want      bool
	}{
		{results.ServerCPU, Undecided, 0.9, 1.08, false}, {results.ServerCPU, Undecided, 0.9, 1.2, true}, {results.ServerCPU, Worse, 1.01, 1.3, true},
		{results.Throughput, Undecided, 0.95, 1.3, false}, {results.Throughput, Undecided, 0.8, 1.1, true}, {results.Throughput, Better, 1.1, 1.5, false},
		{results.P99, NotCompared, math.Inf(-1), math.Inf(1), true}, {results.P99, Undecided, math.Inf(-1), math.Inf(1), true},
	}
	for _, tt := range tests {
		c := Compared{Metric: tt.metric, Outcome: tt.outcome, Effect: Effect{Ratio: Interval{1.05, tt.low, tt.high}}}
		if c.Open(10) != tt.want {
			t.Errorf("%s %s, %v to %v", tt.metric.Title, tt.outcome, tt.low, tt.high)
		}
	}
}
