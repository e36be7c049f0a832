package stats

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"connbench/results"
	"connbench/results/resultstest"
)

// place is a standing without its figures.
type place struct {
	model       string
	first, last int
	alike, why  string
}

func places(r *Ranking) []place {
	var all []place
	for _, s := range r.Standings {
		alike := ""
		for _, other := range s.Alike {
			alike += other + " "
		}
		all = append(all, place{s.Model, s.First, s.Last, alike, s.Why})
	}
	return all
}

func rankOf(t *testing.T, trials []results.Trial, models ...string) *Ranking {
	t.Helper()
	rankings := Rank(trials, Summarize(trials, models))
	if len(rankings) != 1 {
		t.Fatalf("%d rankings", len(rankings))
	}
	return &rankings[0]
}

func TestRank(t *testing.T) {
	costs := map[string]float64{"slow": 9000, "fast": 5000, "twin": 5000, "middle": 6000}
	models := []string{"slow", "twin", "middle", "fast"}
	r := rankOf(t, resultstest.Race(14, costs, models...), models...)
	first := []place{{"fast", 1, 2, "twin ", ""}, {"twin", 1, 2, "fast ", ""}}
	got := places(r)
	slices.SortFunc(got[:2], func(a, b place) int { return bytes.Compare([]byte(a.model), []byte(b.model)) })
	want := append(first, place{"middle", 3, 3, "", ""}, place{"slow", 4, 4, "", ""})
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(place{})); diff != "" {
		t.Error(diff)
	}
	if best := r.Standings[3].Best; best == nil || !best.Ratio.Overlaps(1.75, 1.85) || !best.Paired || best.Trials != 14 {
		t.Errorf("the last against the first: %+v", best)
	}
	if r.Standings[0].Best != nil || r.Metric.Name != "server_cpu_ns_per_request" || r.Ranked() != 4 {
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
		{"fast", 1, 1, "", ""}, {"noisy", 0, 0, "", "no valid trial"}, {"failed", 0, 0, "", "failed"}, {"unfair", 0, 0, "", "clients without any answer"},
	}
	if diff := cmp.Diff(want, places(rankOf(t, trials, models...)), cmp.AllowUnexported(place{})); diff != "" {
		t.Error(diff)
	}
}

// Only trials of blocks that both have are compared, and attempts that were repeated
// are not there.
func TestRankOfRepeatedTrials(t *testing.T) {
	trials := resultstest.Race(10, map[string]float64{"a": 5000, "b": 5500}, "a", "b")
	again := trials[3]
	trials[3].Verdicts, trials[3].ServerUsage = []string{results.Noisy}, &results.ServerUsage{ServerCPUPerRequest: 1}
	trials[6].Verdicts = []string{results.Noisy}
	again.Attempt = 1
	r := rankOf(t, append(trials, again), "a", "b")
	if best := r.Standings[1].Best; best == nil || best.Trials != 9 {
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
		const runs = 200
		for i := range runs {
			trials := resultstest.Race(blocks+i, costs, models...) // another seed for each
			r := rankOf(t, trials[:blocks*len(models)], models...)
			if slices.ContainsFunc(r.Standings, func(s Standing) bool { return s.First != 1 || s.Last != len(models) }) {
				wrong++
			}
		}
		if wrong > runs*8/100 { // 5 % and two sigmas
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
		{"too few for an interval", resultstest.Race(3, costs, "a", "b"), 50, 1},
		{"enough", resultstest.Race(20, costs, "a", "b"), 5, 0},
		{"not for a finer one", resultstest.Race(20, costs, "a", "b"), 0.5, 1},
		{"far behind does not matter", resultstest.Race(20, costs, "a", "far"), 0.5, 0},
		{"a row alone", resultstest.Race(5, costs, "a"), 50, 1},
	}
	for _, tt := range tests {
		if got := Wide(tt.trials, tt.percent)[at]; got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}
