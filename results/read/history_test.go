package read

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"connbench/results"
	"connbench/results/resultstest"
	"connbench/results/stats"

	"github.com/google/go-cmp/cmp"
)

func historyOf(t *testing.T, dir string) *History {
	t.Helper()
	h, err := OpenHistory(dir, func(string, *Past, []results.Trial) string { return "said" })
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// told are the changes of a history: row, figure and the run from which on.
func told(h *History) []string {
	var all []string
	for i := range h.Series {
		for _, l := range h.Series[i].Changed() {
			for _, c := range l.Changes {
				all = append(all, l.Model+" "+l.Figure.Title+" "+h.Runs[l.Runs[l.At[c.At]]].Name)
			}
		}
	}
	slices.Sort(all)
	return all
}

// A step of one row is that row's, at its run, whatever the machine did to all.
func TestHistoryOfAStep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	resultstest.Nights(t, dir, 24, func(i int, n *resultstest.Night) {
		n.Trials = 2
		if i >= 12 {
			n.Costs["reactor"] *= 1.9
		}
	})
	h := historyOf(t, dir)
	want := []string{"reactor p99 20261113-020000", "reactor req/s 20261113-020000", "reactor server CPU/req 20261113-020000"}
	if diff := cmp.Diff(want, told(h)); diff != "" {
		t.Error(diff)
	}
	for _, l := range h.Series[0].Changed() {
		ratio, true := l.Changes[0].Ratio, 1.9
		if l.Figure == results.Throughput {
			true = 1 / true
		}
		if !ratio.Overlaps(true, true) {
			t.Errorf("%s: %v, want %v", l.Figure.Title, ratio, true)
		}
		if diff := cmp.Diff([]string{"goroutine", "pool"}, l.Beside); diff != "" {
			t.Error(diff)
		}
	}
}

// Where nothing changes but the machine, which swings by a factor of two, nothing is said to have:
// in 40 worlds there may be one or the other.
func TestHistoryOfNoise(t *testing.T) {
	t.Parallel()
	with := 0
	const worlds = 40
	for world := range worlds {
		runs := nights(20, []string{"a", "b", "c"}, uint64(world), func(int, string) float64 { return 1 })
		if s := seriesOf(runs); len(s) != 1 {
			t.Fatalf("%d series", len(s))
		} else if len(s[0].Changed()) > 0 {
			with++
		}
	}
	if with > 5 {
		t.Errorf("in %d of %d worlds in which nothing changes something does", with, worlds)
	}
}

// nights are runs that are not stored: rows at one point, of which but the server's CPU is known.
func nights(n int, rows []string, seed uint64, level func(i int, row string) float64) []*opened {
	random := resultstest.Random(seed)
	var all []*opened
	for i := range n {
		o := &opened{Past: Past{Run: results.Run{Models: rows, Plan: json.RawMessage(`{}`)}}}
		phase := math.Exp(0.4 * random.NormFloat64())
		for _, row := range rows {
			v := 4000 * phase * level(i, row) * math.Exp(0.05*random.NormFloat64())
			o.points = append(o.points, stats.Point{
				Key: results.Key{Model: row, Loop: results.ClosedLoop, Clients: 64}, Trials: 6, Valid: 6,
				Figures: map[*results.Figure]stats.Spread{results.ServerCPU: {Median: v, Min: v, Max: v}},
			})
		}
		all = append(all, o)
	}
	return all
}

func TestHistoryTellsWhichRow(t *testing.T) {
	t.Parallel()
	late := func(i int, factor float64) float64 {
		if i < 12 {
			return 1
		}
		return factor
	}
	for _, test := range []struct {
		name string
		rows []string
		exec string
		of   func(i int, row string) float64
		want []string
		note func(*Line) bool
	}{
		{"one of three", []string{"a", "b", "c"}, "", func(i int, row string) float64 {
			if row == "b" {
				return late(i, 1.6)
			}
			return 1
		}, []string{"b"}, func(l *Line) bool { return !l.Either }},
		{"two of five, in both directions", []string{"a", "b", "c", "d", "e"}, "", func(i int, row string) float64 {
			switch row {
			case "b":
				return late(i, 1.6)
			case "d":
				return late(i, 0.7)
			}
			return 1
		}, []string{"b", "d"}, nil},
		{"one of two: which is not known", []string{"a", "b"}, "", func(i int, row string) float64 {
			if row == "b" {
				return late(i, 1.6)
			}
			return 1
		}, []string{"a"}, func(l *Line) bool { return l.Either }},
		{"a server of somebody's against one of ours", []string{"a", "mine"}, "mine=./server", func(i int, row string) float64 {
			if row == "mine" {
				return late(i, 1.6)
			}
			return 1
		}, []string{"mine"}, func(l *Line) bool { return !l.Either && slices.Equal(l.Beside, []string{"a"}) }},
		{"all: the machine", []string{"a", "b", "c"}, "", func(i int, _ string) float64 { return late(i, 2) }, nil, nil},
		{"a drift", []string{"a", "b", "c"}, "", func(i int, row string) float64 {
			if row == "c" {
				return math.Exp(0.04 * float64(i))
			}
			return 1
		}, []string{"c"}, nil},
		{"alone", []string{"a"}, "", func(i int, _ string) float64 { return late(i, 20) }, []string{"a"}, func(l *Line) bool { return l.Beside == nil }},
	} {
		// Of what is said to have changed a twentieth may not have.
		const worlds = 8
		wrong := 0
		for seed := range uint64(worlds) {
			runs := nights(24, test.rows, seed, test.of)
			if test.exec != "" {
				for _, o := range runs {
					o.Run.Plan, _ = json.Marshal(map[string]any{"exec": []string{test.exec}})
				}
			}
			s := seriesOf(runs)
			var got []string
			noted := true
			for _, l := range s[0].Changed() {
				got = append(got, l.Model)
				noted = noted && (test.note == nil || test.note(l))
			}
			if slices.Sort(got); !slices.Equal(got, test.want) || !noted {
				wrong++
			}
		}
		if wrong > 2 {
			t.Errorf("%s: %d worlds of %d are told otherwise", test.name, wrong, worlds)
		}
	}
}

// Two machines have no figure in common, nor have two plans.
func TestHistoryOfTwoMachines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	resultstest.Nights(t, dir, 24, func(i int, n *resultstest.Night) {
		n.Trials = 1
		if i%2 == 1 {
			n.Run.Environment.CPU = "AMD EPYC"
			n.Costs["reactor"] *= 3
		}
		if i == 5 {
			n.Run.Plan = json.RawMessage(`{"duration":"1s"}`)
		}
	})
	h := historyOf(t, dir)
	if got := told(h); got != nil {
		t.Errorf("changes between machines: %v", got)
	}
	if len(h.Series) != 2 || len(h.Series[0].Runs) != 12 || len(h.Series[1].Runs) != 11 {
		t.Errorf("%d series", len(h.Series))
	}
	if slices.Contains(h.Series[1].Runs, 5) {
		t.Error("a run with a plan of its own is in a series")
	}
}

// Three runs can tell nothing, however they differ.
func TestHistoryOfThreeRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	names := resultstest.Nights(t, dir, 3, func(i int, n *resultstest.Night) {
		if i == 2 {
			n.Costs["reactor"] *= 9
			n.Left = 2
		}
	})
	for _, of := range [][2]string{{"v1", names[0]}, {"gone", "20200101-000000"}} {
		if err := results.SetBaseline(dir, of[0], of[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "figures"), 0o755); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(dir, "broken")
	if err := os.MkdirAll(broken, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "run.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	h := historyOf(t, dir)
	if got := told(h); got != nil {
		t.Errorf("three runs tell of %v", got)
	}
	if s := h.Series[0]; s.Needed() <= 3 || s.Tested == 0 {
		t.Errorf("%d lines are tested, %d runs needed", s.Tested, s.Needed())
	}
	if len(h.Unread) != 1 || h.Unread[0].Name != "broken" || len(h.Runs) != 3 {
		t.Errorf("unread: %v", h.Unread)
	}
	if h.Runs[1].Incomplete() || !h.Runs[2].Incomplete() || h.Runs[0].Answer != "said" || h.Runs[1].Commit() != "a1b2001" {
		t.Errorf("%+v", h.Runs)
	}
	if diff := cmp.Diff([]Baseline{{"gone", "20200101-000000", false}, {"v1", names[0], true}}, h.Baselines); diff != "" {
		t.Error(diff)
	}
	worse := slices.ContainsFunc(h.Runs[2].Against.Compared, func(c stats.Compared) bool {
		return c.B.Model == "reactor" && c.Metric == results.ServerCPU && c.Outcome == stats.Worse
	})
	if h.Runs[0].Against != nil || h.Runs[1].Against == nil || h.Runs[1].Against.Baseline != "v1" || !worse {
		t.Errorf("against the baseline: %+v", h.Runs[2].Against)
	}
}

func TestHistoryOfNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "notes"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenHistory(dir, nil); !errors.Is(err, ErrNoRuns) {
		t.Error(err)
	}
}
