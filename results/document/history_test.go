package document

import (
	"encoding/json"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/resultstest"
)

func historyOf(t *testing.T, n int, change func(i int, night *resultstest.Night)) *read.History {
	t.Helper()
	dir := t.TempDir()
	names := resultstest.Nights(t, dir, n, change)
	for name, run := range map[string]string{"v1": names[0], "gone": "20200101-000000"} {
		if err := results.SetBaseline(dir, name, run); err != nil {
			t.Fatal(err)
		}
	}
	h, err := read.OpenHistory(dir, func(string, *read.Past, []results.Trial) string {
		return "reactor takes the least at 64 clients, 64 B: 4 µs."
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Dir = "runs"
	return h
}

func few(n *resultstest.Night) { n.Trials = 3 }

func TestHistory(t *testing.T) {
	var parts []string
	for _, world := range []*read.History{
		historyOf(t, 16, func(i int, n *resultstest.Night) { // a step of one row, and one run that lacks trials
			few(n)
			if i >= 8 {
				n.Costs["reactor"] *= 1.9
			}
			if i == 15 {
				n.Left = 1
			}
		}),
		historyOf(t, 16, func(i int, n *resultstest.Night) { // a drift
			few(n)
			n.Costs["pool"] *= 1 + 0.1*float64(i)
		}),
		historyOf(t, 16, func(i int, n *resultstest.Night) { // two rows, of which either may have changed; two machines
			few(n)
			if n.Run.Models = []string{"reactor", "pool"}; i >= 8 {
				n.Costs["reactor"] *= 2.5
			}
			if i == 3 {
				n.Run.Environment.CPU = "AMD EPYC"
			}
		}),
		historyOf(t, 18, func(i int, n *resultstest.Night) { // two machines, of one of which too little is known
			few(n)
			if i >= 16 {
				n.Run.Environment.CPU = "AMD EPYC"
			} else if i >= 8 {
				n.Costs["reactor"] *= 1.9
			}
		}),
		historyOf(t, 4, func(i int, n *resultstest.Night) { // and of neither is enough, with many rows
			few(n)
			n.Run.Models = append(n.Run.Models, "thread", "poll")
			n.Costs["thread"], n.Costs["poll"] = 6000, 7000
			n.Run.Environment.Cores = 1 + i%2
		}),
		historyOf(t, 16, func(i int, n *resultstest.Night) { // nothing stands beside it
			few(n)
			if n.Run.Models = []string{"reactor"}; i >= 8 {
				n.Costs["reactor"] *= 6
			}
		}),
		historyOf(t, 16, func(_ int, n *resultstest.Night) { few(n) }), // nothing
		historyOf(t, 3, func(_ int, n *resultstest.Night) { few(n) }),
		historyOf(t, 2, func(i int, n *resultstest.Night) { // no two alike
			few(n)
			n.Run.Environment.Cores = i + 1
		}),
	} {
		var b strings.Builder
		d := History(world)
		if err := d.Text(&b, 80); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, b.String())
	}
	resultstest.Golden(t, "history.txt", strings.Join(parts, "\n"+strings.Repeat("=", 80)+"\n\n"))
}

func TestHistoryAsJSON(t *testing.T) {
	h := historyOf(t, 16, func(i int, n *resultstest.Night) {
		few(n)
		if i >= 8 {
			n.Costs["reactor"] *= 1.9
		}
	})
	b, err := json.Marshal(History(h))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Runs []struct {
			Run, Against string
			Trials       int
		}
		Baselines map[string]string
		Series    []struct {
			Tested int
			Needed int `json:"runs_needed"`
			Lines  []struct {
				Model, Metric string
				Values        []struct{ Run string }
				Changes       []struct {
					Since string
					Ratio float64
				}
			}
		}
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Runs) != 16 || got.Runs[1].Against == "" || got.Runs[1].Trials != 9 || got.Baselines["v1"] != "20261101-020000" || len(got.Series) != 1 {
		t.Fatalf("%s", b)
	}
	s := got.Series[0]
	if l := s.Lines[0]; s.Tested == 0 || s.Needed < 8 || l.Model != "reactor" || l.Metric != results.ServerCPU.Name || len(l.Values) != 16 || len(l.Changes) != 1 || l.Changes[0].Since != "20261109-020000" {
		t.Errorf("%+v", s)
	}
}

// Many rows are counted in their cell, which keeps their names for programs and as a hint.
func TestFewOf(t *testing.T) {
	for names, want := range map[string]string{"a b c d": "a, b, c, d", "a b c d e": "5 rows"} {
		all := strings.Fields(names)
		if c := fewOf(all, "row", names); c.Text != want || c.Value != names || c.Hint != strings.Join(all, ", ") {
			t.Errorf("%s: %+v, want %s", names, c, want)
		}
	}
}
