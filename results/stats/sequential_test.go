package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"connbench/results"
	"connbench/results/resultstest"

	"github.com/google/go-cmp/cmp"
)

func TestBoundary(t *testing.T) {
	for share, want := range map[float64]float64{1: Significance, 0.5: 0.0056, 0.75: 0.0236} {
		if got := Boundary(share); math.Abs(got-want) > 1e-4 {
			t.Errorf("at %v: %v, want %v", share, got, want)
		}
	}
}

func TestLeave(t *testing.T) {
	costs := map[string]float64{"first": 5000, "near": 5200, "far": 15_000, "dead": 1, "broken": 1}
	all := resultstest.Race(6, costs, "first", "near", "far", "dead", "broken")
	for i := range all {
		switch all[i].Model {
		case "dead":
			all[i].ClientsServed = 1
		case "broken":
			all[i] = resultstest.With(all[i], func(t *results.Trial) { t.Failure, t.ServerUsage, t.ClientsServed = "no license", nil, 0 })
		}
	}
	only := func(models ...string) []results.Trial {
		return slices.DeleteFunc(slices.Clone(all), func(t results.Trial) bool { return !slices.Contains(models, t.Model) })
	}
	once := slices.DeleteFunc(slices.Clone(all), func(t results.Trial) bool { return t.Block > 0 })
	served := resultstest.With(all[3], func(t *results.Trial) { t.ClientsServed = t.ClientsActive })
	tests := []struct {
		name   string
		trials []results.Trial
		share  float64
		want   []string
	}{
		{"half", all, 0.5, []string{"dead", "broken", "far"}},
		{"too early to give up on any", all, 0.4, []string{"far"}},
		{"served once", append(slices.Clone(only("first", "near", "dead")), served), 0.5, nil},
		{"one against one", only("near", "far"), 0.5, []string{"far", "near"}},
		{"alone", only("near"), 0.5, nil},
		{"alone beside one that fails", only("near", "broken"), 0.5, []string{"broken"}},
		{"one block", once, 0.5, []string{"dead", "broken"}},
	}
	for _, tt := range tests {
		left := map[string]string{}
		var names []string
		for _, l := range Leave(tt.trials, tt.share)[At{Clients: 64, PayloadBytes: 64}] {
			names, left[l.Model] = append(names, l.Model), l.Why
		}
		if diff := cmp.Diff(tt.want, names); diff != "" {
			t.Errorf("%s: %s\n%v", tt.name, diff, left)
		}
	}
}

// A race costs nothing of what the answer says: rows that are equal leave in next to no run,
// and after it intervals hold the truth and equal rows are told apart as often as they say.
func TestRaceIsFair(t *testing.T) {
	levels := map[string]float64{"a": 0, "b": 0, "c": 0, "d": 0.1, "e": 0.1, "f": 0.8, "g": 0.8, "h": 1.2}
	rows := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	const blocks = 12
	for i := range machines {
		m, r := &machines[i], rand.New(rand.NewPCG(5, uint64(i)))
		runs, wrong, unfair, covered, pairs, spared := 4*simulations, 0, 0, 0, 0, 0
		for range runs {
			trials, gone := raced(m, r, rows, levels, blocks)
			spared += blocks*len(rows) - len(trials)
			if gone["a"] || gone["b"] || gone["c"] || gone["d"] || gone["e"] {
				unfair++
			}
			ranking := Rank(Summarize(trials, rows))[0]
			for i, row := range rows {
				for _, over := range rows[:i] {
					e, known := ranking.Effect(row, over)
					truth := math.Exp(levels[row] - levels[over])
					if !known {
						continue
					}
					if pairs++; e.Ratio.Overlaps(truth, truth) {
						covered++
					}
				}
			}
			if slices.ContainsFunc(ranking.Standings, func(s Standing) bool { return s.First == 1 && levels[s.Model] > 0.5 }) ||
				!slices.ContainsFunc(ranking.Leaders(), func(s Standing) bool { return levels[s.Model] == 0 }) {
				wrong++
			}
		}
		share := float64(covered) / float64(pairs)
		t.Logf("%-12s %.1f %% covered, %.0f %% of the trials spared; a near row left in %.1f %% of the runs, the answer is wrong in %.1f %%",
			m.name, 100*share, 100*float64(spared)/float64(runs*blocks*len(rows)), 100*float64(unfair)/float64(runs), 100*float64(wrong)/float64(runs))
		if share < 0.92-0.6/math.Sqrt(float64(runs)) || unfair > 1+runs/20 || wrong > 1+runs/20 {
			t.Errorf("%s: %.1f %% covered, unfair in %d runs of %d, wrong in %d", m.name, 100*share, unfair, runs, wrong)
		}
	}
}

// raced is the trials of a race on a machine, and who left it.
func raced(m *machine, r *rand.Rand, rows []string, levels map[string]float64, blocks int) (trials []results.Trial, gone map[string]bool) {
	var of []float64
	for _, row := range rows {
		of = append(of, levels[row])
	}
	gone = map[string]bool{}
	cells := m.cells(r, blocks, of)
	for block := range blocks {
		if block >= blocks/2 {
			for _, l := range Leave(trials, float64(block)/float64(blocks))[At{Clients: 1}] {
				gone[l.Model] = true
			}
		}
		for _, c := range cells {
			if c.block == block && !gone[rows[c.row]] {
				trials = append(trials, results.Trial{
					Trial: len(trials), Block: block, Model: rows[c.row], Loop: results.ClosedLoop, Clients: 1, ClientsActive: 1, ClientsServed: 1,
					Verdicts: []string{}, ServerUsage: &results.ServerUsage{ServerCPUPerRequest: 5000 * math.Exp(c.y)},
				})
			}
		}
	}
	return trials, gone
}
