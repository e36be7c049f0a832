package page

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/resultstest"
)

// past is a history in which reactor takes more from the tenth run on, with a baseline, a run of another
// machine, one with a report and a torn one.
func past(t *testing.T) *read.History {
	t.Helper()
	dir := t.TempDir()
	names := resultstest.Nights(t, dir, 18, func(i int, n *resultstest.Night) {
		n.Trials = 3
		if i >= 9 {
			n.Costs["reactor"] *= 2.5
		}
		if i == 17 {
			n.Run.Environment.CPU = hostile[0]
		}
	})
	if err := results.SetBaseline(dir, "v1", names[2]); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{names[1] + "/report.html": "", "torn/run.json": "{"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	h, err := read.OpenHistory(dir, func(_ string, p *read.Past, _ []results.Trial) string { return hostile[0] + p.Name })
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func choiceHTML(t *testing.T) string {
	t.Helper()
	run, trials := bulk{models: []string{"goroutine", "reactor", "pool"}, clients: []int{16}, payloads: []int{64}, rates: []float64{5000}, trials: 8}.run()
	c := read.Choose(trials, run.Models, read.SLO{Percentile: "p99", Limit: 10e6}, nil, read.Out{"sequential": "serves 1 at once of 16 clients"})
	return written(t, newChoicePage(&read.Readings(run, trials)[0], &c, []string{"clients 2 instead of 16: no, still " + hostile[0]}, run.Models, nil), "choice/trials.jsonl")
}

func TestIndexSays(t *testing.T) {
	page := written(t, newIndexPage(past(t), nil))
	for _, s := range []string{
		"connbench: 18 runs", "changed beyond chance over 17 runs, of reactor.", "since 20261110-020000", "(commit a1b2008 → a1b2009)",
		`<a href="./20261102-020000/report.html">`, "20261103-020000 = v1", "v1: worse in", "Not read: torn: run.json: ", "It is held against goroutine and pool.",
	} {
		if !strings.Contains(page, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	for _, s := range []string{"Environment</a>", "To repeat it", hostile[0], `data-title="machine"`} {
		if strings.Contains(page, s) {
			t.Errorf("the page says %q", s)
		}
	}
	// A table of each machine stands under its name, that of the newest run first.
	var machines []string
	for _, table := range strings.Split(page, "<article")[1:] {
		if strings.Contains(table, `data-title="when, UTC"`) {
			_, heading, _ := strings.Cut(table, "<h3>")
			heading, _, _ = strings.Cut(heading, "</h3>")
			machines = append(machines, fmt.Sprint(heading, " ", strings.Count(table, "<tbody")))
		}
	}
	if want := []string{"&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;, 2 cores, kernel 6.18.5 1", "Intel(R) Xeon(R) Processor @ 2.80GHz, 2 cores, kernel 6.18.5 17"}; !slices.Equal(machines, want) {
		t.Errorf("the machines have %q, want %q", machines, want)
	}
	if strings.Index(page, "20261118-020000</") > strings.Index(page, "20261101-020000</") {
		t.Error("the newest run does not come first")
	}
}

// An index of runs of which no two are alike says so, as the terminal does.
func TestIndexWithoutSeries(t *testing.T) {
	h := past(t)
	h.Series = nil
	if page := written(t, newIndexPage(h, nil)); !strings.Contains(page, "No two runs have one plan and machine") {
		t.Error("the page does not say what has changed")
	}
}

func TestChoicePageSays(t *testing.T) {
	page := choiceHTML(t)
	for _, s := range []string{
		"connbench: which model for 16 clients, 64 B, 5k requests/s asked", "Choose ", "What would change the answer", "serves 1 at once of 16 clients", `href="choice/trials.jsonl"`,
	} {
		if !strings.Contains(page, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	d := dataIn(t, page)
	var opens []string
	for _, r := range d.Rows {
		if len(r.Trials) > 0 {
			opens = append(opens, r.Key.Model)
		}
	}
	if slices.Sort(opens); d.Folder != "choice/" || !slices.Equal(opens, []string{"goroutine", "pool", "reactor"}) {
		t.Errorf("rows that open: %v, in %q", opens, d.Folder)
	}
}
