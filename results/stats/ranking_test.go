package stats

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"connbench/results"
	"connbench/results/resultstest"
)

// place is a standing without its figures.
type place struct {
	model       string
	first, last int
	why         string
}

func places(r *Ranking) []place {
	var all []place
	for _, s := range r.Standings {
		all = append(all, place{s.Model, s.First, s.Last, s.Why})
	}
	return all
}

func rankOf(t *testing.T, trials []results.Trial, models ...string) *Ranking {
	t.Helper()
	rankings := Rank(Summarize(trials, models))
	if len(rankings) != 1 {
		t.Fatalf("%d rankings", len(rankings))
	}
	return &rankings[0]
}

func TestRank(t *testing.T) {
	costs := map[string]float64{"slow": 9000, "fast": 5000, "twin": 5000, "middle": 6000}
	models := []string{"slow", "twin", "middle", "fast"}
	r := rankOf(t, resultstest.Race(14, costs, models...), models...)
	got := places(r)
	slices.SortFunc(got[:2], func(a, b place) int { return cmp.Compare(a.model, b.model) })
	want := []place{{"fast", 1, 1, ""}, {"twin", 1, 1, ""}, {"middle", 2, 2, ""}, {"slow", 3, 3, ""}}
	if d := diff.Diff(want, got, diff.AllowUnexported(place{})); d != "" {
		t.Error(d)
	}
	if best := r.Standings[3].Best; best == nil || !best.Overlaps(1.8, 1.8) || best.wider(10) {
		t.Errorf("the last against the first: %+v", best)
	}
	if best := r.Standings[0].Best; best.Estimate != 1 || best.Low != 1 || best.High < 1 || best.High > 1.05 || r.Metric != results.ServerCPU || r.Ranked() != 4 || r.Pairs != 6 || r.Apart != 5 {
		t.Errorf("%+v", r)
	}
}

// A row with a verdict on all its trials, one that fails and one that leaves clients
// without an answer are shown and have no place.
func TestRankLeavesOut(t *testing.T) {
	models := []string{"noisy", "fast", "failed", "unfair"}
	trials := resultstest.Race(8, map[string]float64{"noisy": 1000, "fast": 5000, "failed": 1, "unfair": 2000}, models...)
	for i := range trials {
		switch t := &trials[i]; t.Model {
		case "noisy":
			t.Verdicts = []string{results.Noisy}
		case "failed":
			t.Failure = "the server died"
		case "unfair":
			t.ClientsServed = 1
		}
	}
	want := []place{
		{"fast", 1, 1, ""}, {"noisy", 0, 0, "no valid trial"}, {"failed", 0, 0, "failed"}, {"unfair", 0, 0, "clients without any answer"},
	}
	if d := diff.Diff(want, places(rankOf(t, trials, models...)), diff.AllowUnexported(place{})); d != "" {
		t.Error(d)
	}
}

// Attempts that were repeated are not there.
func TestRankOfRepeatedTrials(t *testing.T) {
	trials := resultstest.Race(10, map[string]float64{"a": 5000, "b": 5500}, "a", "b")
	again := trials[3]
	trials[3].Verdicts, trials[3].ServerUsage = []string{results.Noisy}, &results.ServerUsage{ServerCPUPerRequest: 1}
	trials[6].Verdicts = []string{results.Noisy}
	again.Attempt = 1
	r := rankOf(t, append(trials, again), "a", "b")
	if a, b := r.Standings[0], r.Standings[1]; a.Trials != 9 || b.Trials != 9 { // those of the block that both have
		t.Errorf("%+v", r.Standings)
	}
	if points := Summarize(append(trials, again), nil); points[1].Noisy != 1 || points[1].Trials != 10 || points[1].Valid != 10 || points[0].Valid != 9 {
		t.Errorf("%+v", points)
	}
}

// Where no rows differ, few rankings find that two do.
func TestRankFindsNothingThatIsNotThere(t *testing.T) {
	costs := map[string]float64{}
	models := []string{"a", "b", "c", "d", "e", "f"}
	for _, m := range models {
		costs[m] = 5000
	}
	for _, blocks := range []int{6, 10} {
		wrong := 0
		const runs = 60
		for i := range runs {
			trials := resultstest.Race(blocks+i, costs, models...) // another seed for each
			r := rankOf(t, trials[:blocks*len(models)], models...)
			if slices.ContainsFunc(r.Standings, func(s Standing) bool { return s.First != 1 }) {
				wrong++
			}
		}
		if wrong > runs*11/100 { // 5 % and two sigmas
			t.Errorf("%d of %d rankings of %d blocks tell equal rows apart", wrong, runs, blocks)
		}
	}
}

// Six blocks of many rows tell large differences apart.
func TestRankFewBlocks(t *testing.T) {
	costs := map[string]float64{}
	var models []string
	for i, m := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"} {
		costs[m] = 5000 * math.Pow(2, float64(i))
		models = append(models, m)
	}
	r := rankOf(t, resultstest.Race(6, costs, models...), models...)
	for i, s := range r.Standings {
		if s.Model != models[i] || s.First != i+1 || s.Last != i+1 {
			t.Errorf("%s is %d to %d, not %d", s.Model, s.First, s.Last, i+1)
		}
	}
}

// A row of which few trials are valid is between two groups, or has no place and is told how
// many more would do; it is never among the first for being little known.
func TestRankOfFewValidTrials(t *testing.T) {
	costs, models := map[string]float64{}, []string{"a", "b", "c", "d", "e", "f"}
	for i, m := range models {
		costs[m] = 5000 * math.Pow(1.03, float64(i))
	}
	costs["open"] = 5400
	models = append(models, "open")
	trials := resultstest.Race(60, costs, models...)
	for i := range trials {
		if t := &trials[i]; t.Model == "open" && t.Block > 1 {
			t.Verdicts = []string{results.Noisy}
		}
	}
	r := rankOf(t, trials, models...)
	s := r.Standings[len(r.Standings)-1]
	if s.Model != "open" || s.First != 0 || s.More < 1 || s.Best != nil || s.Value.Estimate == 0 || s.Value.Bounded() ||
		!strings.HasPrefix(s.Why, "only 2 valid trials, in any tier; it takes about ") {
		t.Errorf("%+v", s)
	}
}

// A row has no place by one valid trial or two, unless one of each is all that was asked for.
func TestRankOfOneValidTrial(t *testing.T) {
	for _, row := range []struct {
		blocks, validA, validB int
		placed                 int
	}{
		{8, 1, 0, 0}, {8, 1, 1, 0}, {8, 2, 2, 0}, {8, 3, 0, 1}, {2, 2, 2, 0}, {1, 1, 1, 2}, {1, 1, 0, 0},
	} {
		trials := resultstest.Race(row.blocks, map[string]float64{"a": 5000, "b": 9000}, "a", "b")
		for i := range trials {
			if tr := &trials[i]; tr.Block >= map[string]int{"a": row.validA, "b": row.validB}[tr.Model] {
				tr.Verdicts = []string{results.Noisy}
			}
		}
		r := rankOf(t, trials, "a", "b")
		if s := r.Standings[0]; s.First == 0 && s.Trials > 0 && s.More != LeastTrials-s.Trials {
			t.Errorf("%+v: %d more would do, by %s", row, s.More, s.Why)
		}
		if r.Ranked() != row.placed {
			t.Errorf("%+v: %+v", row, r.Standings)
		}
	}
}

// A latency that is endless in most trials has no place; in a few it is held off.
func TestRankOfEndlessTrials(t *testing.T) {
	trials := resultstest.Race(8, map[string]float64{"a": 5000, "b": 7000, "c": 6000}, "a", "b", "c")
	for i := range trials {
		t := &trials[i]
		t.Loop, t.RateRPS = results.OpenLoop, 1000
		if t.Model == "c" && t.Block > 2 || t.Model == "a" && t.Block == 0 {
			t.ResponseLatency.P99 = results.Nanos(math.Inf(1))
		}
	}
	want := []place{{"a", 1, 1, ""}, {"b", 2, 2, ""}, {"c", 0, 0, "p99 is endless in 5 of 8 trials"}}
	if d := diff.Diff(want, places(rankOf(t, trials, "a", "b", "c")), diff.AllowUnexported(place{})); d != "" {
		t.Error(d)
	}
}

func TestRankOpenLoopByLatency(t *testing.T) {
	trials := resultstest.Race(6, map[string]float64{"a": 1, "b": 2}, "a", "b")
	for i := range trials {
		trials[i].Loop, trials[i].RateRPS, trials[i].Arrivals = results.OpenLoop, 1000, "poisson"
	}
	if r := rankOf(t, trials, "a", "b"); r.Metric != results.P99 || r.Standings[0].Model != "a" {
		t.Errorf("%s, %+v", r.Metric.Name, r.Standings)
	}
	trials = resultstest.Race(6, map[string]float64{"a": 1, "b": 2}, "a", "b")
	for i := range trials {
		trials[i].ServerUsage = nil
	}
	if r := rankOf(t, trials, "a", "b"); r.Metric != results.Throughput || r.Standings[0].Model != "a" {
		t.Errorf("%s, %+v", r.Metric.Name, r.Standings)
	}
}

func TestWide(t *testing.T) {
	at := At{Clients: 64, PayloadBytes: 64}
	costs := map[string]float64{"a": 5000, "b": 5500, "far": 25000}
	tests := []struct {
		name    string
		trials  []results.Trial
		percent float64
		want    int
	}{
		{"too few for an interval", resultstest.Race(1, costs, "a", "b"), 50, 2},
		{"enough", resultstest.Race(20, costs, "a", "b"), 5, 0},
		{"not for a finer one", resultstest.Race(20, costs, "a", "b"), 0.5, 2},
		{"far behind does not matter", resultstest.Race(20, costs, "a", "far"), 0.5, 0},
		{"a row alone", resultstest.Race(5, costs, "a"), 20, 1},
	}
	for _, tt := range tests {
		if got := len(Wide(tt.trials, tt.percent)[at]); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}
