package read

import (
	"slices"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/resultstest"
)

func TestSLO(t *testing.T) {
	for text, want := range map[string]SLO{
		"p99<10ms":    {"p99", 10e6},
		"10ms":        {"p99", 10e6},
		"p50 < 200us": {"p50", 200e3},
		"p99.9<1s":    {"p999", 1e9},
	} {
		var s SLO
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%s: %v, %v", text, s, err)
		}
		var again SLO
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s {
			t.Errorf("%s is written as %s", text, s)
		}
	}
	for _, text := range []string{"", "p99", "p98<1ms", "p99<", "p99<-1ms", "p99<0s", "p99>1ms", "fast", "p99<1"} {
		if err := new(SLO).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is a limit", text)
		}
	}
}

func FuzzSLO(f *testing.F) {
	f.Add("p99<10ms")
	f.Add("p99.9<1.5s")
	f.Fuzz(func(t *testing.T, text string) {
		var s, again SLO
		if s.UnmarshalText([]byte(text)) != nil {
			return
		}
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s {
			t.Errorf("%q is read as %v, which is read as %v: %v", text, s, again, err)
		}
	})
}

// contest4 is four rows at one point: two that are alike, one that costs more and is
// simpler, and one that is cheap and too slow.
func contest4(costs map[string]float64) Choice {
	models := []string{"plain", "fast", "twin", "late"}
	trials := resultstest.Race(14, costs, models...)
	for i := range trials {
		if trials[i].Model == "late" {
			trials[i].ResponseLatency.P99 = 20e6
		}
	}
	slo := SLO{"p99", 10e6}
	return Choose(trials, models, slo, map[string]int{"plain": 600, "fast": 1500, "twin": 1600}, nil)
}

func TestChoose(t *testing.T) {
	c := contest4(map[string]float64{"plain": 7000, "fast": 5000, "twin": 5000, "late": 3000})
	first := c.First()
	if len(first) != 2 || c.Candidates[2].Model != "plain" || c.Candidates[2].First != 2 || c.Candidates[3].Keeps || c.Simplest != 2 {
		t.Errorf("%+v", c)
	}
	for _, x := range first {
		if x.First != 1 || x.Last != 1 {
			t.Errorf("%+v", x)
		}
	}
	if c := Choose(nil, nil, SLO{"p99", 1}, nil, nil); len(c.Candidates) != 0 || c.Simplest != -1 {
		t.Errorf("of nothing: %+v", c)
	}
	noisy := resultstest.Race(6, map[string]float64{"a": 1, "b": 2}, "a", "b")
	for i := range noisy {
		noisy[i].Verdicts = []string{results.Noisy}
	}
	if c := Choose(noisy, nil, SLO{"p99", 1e9}, nil, nil); len(c.First()) != 0 {
		t.Errorf("of noise: %+v", c)
	}
}

func TestStill(t *testing.T) {
	before := contest4(map[string]float64{"plain": 7000, "fast": 5000, "twin": 5000, "late": 3000})
	change := Change{Choice: contest4(map[string]float64{"plain": 7000, "fast": 5000, "twin": 6000, "late": 3000})}
	if still, gone, open := change.Still(&before); len(still) != 1 || still[0].Model != "fast" || len(gone) != 1 || gone[0].Model != "twin" || open != nil {
		t.Errorf("still %v, gone %v, open %v", still, gone, open)
	}
	change.Choice = contest4(map[string]float64{"plain": 4000, "fast": 5000, "twin": 6000, "late": 3000})
	change.Choice.Candidates = slices.DeleteFunc(change.Choice.Candidates, func(x Candidate) bool { return x.Model == "twin" })
	change.Choice.Candidates[1].Open, change.Choice.Candidates[1].Keeps = true, false
	if still, gone, open := change.Still(&before); still != nil || len(gone) != 1 || len(open) != 1 || open[0].Model != "fast" {
		t.Errorf("still %v, gone %v, open %v", still, gone, open)
	}
}

// A choice must not take what was not measured for quick.
func TestChooseWithoutRequests(t *testing.T) {
	c := Choose([]results.Trial{resultstest.Empty()}, nil, SLO{"p99", 1e3}, nil, nil)
	if x := c.Candidates[0]; x.Keeps || x.Why != "no valid trial: NO_REQUESTS" {
		t.Errorf("a row without any request: %+v", x)
	}
}

// Of worlds whose best row is known a choice names that one, and never one that is out.
func TestChooseRecommends(t *testing.T) {
	lines := map[string]int{"a": 900, "b": 500, "c": 700, "d": 300}
	costs := map[string]float64{"a": 5000, "b": 6000, "c": 8000, "d": 12_000}
	verdict := func(v string, every int) func(int, *results.Trial) {
		return func(nth int, t *results.Trial) {
			if nth%every == 0 {
				t.Verdicts = []string{v}
			}
		}
	}
	afterFirst := func(nth int, t *results.Trial) {
		if nth > 0 {
			t.Verdicts = []string{results.Noisy}
		}
	}
	for _, world := range []struct {
		name     string
		costs    map[string]float64
		change   map[string]func(nth int, t *results.Trial) // of the trials of a row
		left     Out
		first    string
		simplest string
		out      map[string]string // with the beginning of the reason
		open     string
	}{
		{name: "one is cheapest", first: "a", simplest: "d"},
		{name: "two are alike", costs: map[string]float64{"a": 5000, "b": 5000, "c": 8000, "d": 12_000}, first: "a b", simplest: "d"},
		{name: "all are alike", costs: map[string]float64{"a": 5000, "b": 5000, "c": 5000, "d": 5000}, first: "a b c d", simplest: "d"},
		{
			name:   "the cheapest is too slow",
			change: map[string]func(int, *results.Trial){"a": func(_ int, t *results.Trial) { t.ResponseLatency.P99 = 20e6 }},
			first:  "b", simplest: "d", out: map[string]string{"a": "too slow"},
		},
		{
			name:   "the cheapest serves only some",
			change: map[string]func(int, *results.Trial){"a": func(_ int, t *results.Trial) { t.ClientsServed = 63 }},
			first:  "b", simplest: "d", out: map[string]string{"a": "clients without any answer"},
		},
		{
			name: "the cheapest and the simplest miss the rate at times, which its valid trials do not show",
			change: map[string]func(int, *results.Trial){"a": verdict(results.MissedRate, 1), "d": func(nth int, t *results.Trial) {
				if nth%3 > 0 {
					t.Verdicts = []string{results.MissedRate}
				}
			}},
			first: "b", simplest: "b", out: map[string]string{"a": "misses the rate in 14 of 14", "d": "misses the rate in 9 of 14"},
		},
		{
			name:   "the cheapest has no valid trial",
			change: map[string]func(int, *results.Trial){"a": verdict(results.Noisy, 1)},
			first:  "b", simplest: "d", out: map[string]string{"a": "no valid trial: NOISY"}, open: "a",
		},
		{
			name:   "half of the trials are noisy",
			change: map[string]func(int, *results.Trial){"a": verdict(results.Noisy, 2), "b": verdict(results.Noisy, 2)},
			first:  "a", simplest: "d",
		},
		{
			name:   "one trial of the cheapest is valid, and none of the others",
			change: map[string]func(int, *results.Trial){"a": afterFirst, "b": verdict(results.Noisy, 1), "c": verdict(results.Noisy, 1), "d": verdict(results.Noisy, 1)},
			out:    map[string]string{"a": "only 1 valid trial", "b": "no valid trial", "c": "no valid trial", "d": "no valid trial"}, open: "a b c d",
		},
		{
			name:   "one trial of each is valid",
			change: map[string]func(int, *results.Trial){"a": afterFirst, "b": afterFirst, "c": afterFirst, "d": afterFirst},
			out:    map[string]string{"a": "only 1 valid trial", "b": "only 1 valid trial", "c": "only 1 valid trial", "d": "only 1 valid trial"}, open: "a b c d",
		},
		{
			name:   "the cheapest fails",
			change: map[string]func(int, *results.Trial){"a": func(_ int, t *results.Trial) { t.Failure = "it died" }},
			first:  "b", simplest: "d", out: map[string]string{"a": "failed: it died"},
		},
		{
			name:  "a row was left out, which is the simplest",
			costs: map[string]float64{"a": 5000, "b": 6000, "c": 8000}, left: Out{"d": "serves 64 at once of 1000 clients"},
			first: "a", simplest: "b", out: map[string]string{"d": "serves 64 at once"},
		},
		{name: "all were left out", costs: map[string]float64{}, left: Out{"a": "serves 1", "b": "serves 1"}, out: map[string]string{"a": "serves 1", "b": "serves 1"}},
	} {
		t.Run(world.name, func(t *testing.T) {
			if world.costs == nil {
				world.costs = costs
			}
			models := slices.DeleteFunc([]string{"a", "b", "c", "d"}, func(m string) bool { return world.costs[m] == 0 })
			trials := resultstest.Race(14, world.costs, models...)
			for i := range trials {
				if change := world.change[trials[i].Model]; change != nil {
					change(trials[i].Block, &trials[i])
				}
			}
			c := Choose(trials, models, SLO{"p99", 10e6}, lines, world.left)
			var first, open []string
			for _, x := range c.First() {
				first = append(first, x.Model)
			}
			slices.Sort(first)
			for _, x := range c.Candidates {
				if x.Open {
					open = append(open, x.Model)
				}
				if reason := world.out[x.Model]; x.Keeps == (reason != "") || !strings.HasPrefix(x.Why, reason) {
					t.Errorf("%s keeps the limit: %v, %q, want %q", x.Model, x.Keeps, x.Why, reason)
				}
			}
			simplest := ""
			if c.Simplest >= 0 {
				simplest = c.Candidates[c.Simplest].Model
			}
			if got := strings.Join(first, " "); got != world.first || simplest != world.simplest || strings.Join(open, " ") != world.open {
				t.Errorf("first %q, simplest %q, open %v, want %q, %q and %q", got, simplest, open, world.first, world.simplest, world.open)
			}
		})
	}
}

func TestOffered(t *testing.T) {
	trials := resultstest.Race(3, map[string]float64{"a": 10_000, "b": 20_000, "c": 90_000, "d": 10_000, "e": 10_000}, "a", "b", "c", "d", "e")
	for i := range trials {
		trial := &trials[i]
		switch {
		case trial.Model == "d":
			trial.ClientsServed = 1
		case trial.Model == "e":
			trial.Failure = "it died"
		case trial.Block == 1: // noise is slow, and of no matter
			trial.ThroughputRPS, trial.Verdicts = 10, []string{results.Noisy}
		default:
			trial.ThroughputRPS = map[string]float64{"a": 100_000, "b": 50_123, "c": 11_111}[trial.Model]
		}
	}
	o := Offered(trials)
	if o.RateRPS != 17_000 || o.Slowest != "b" || o.Capacity != 50_123 {
		t.Errorf("%+v", o)
	}
	want := Out{"c": "answered 11.1k requests/s in its best trial, of the fastest's 100k", "d": "clients without any answer", "e": "failed: it died"}
	if len(o.Out) != len(want) || o.Out["c"] != want["c"] || o.Out["d"] != want["d"] || o.Out["e"] != want["e"] {
		t.Errorf("%q", o.Out)
	}
	if o := Offered(nil); o.RateRPS != 0 || o.Slowest != "" {
		t.Errorf("of nothing: %+v", o)
	}
}
