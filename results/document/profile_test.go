package document

import (
	"connbench/results"
	"connbench/results/read"
	"connbench/results/resultstest"
	"connbench/results/stats"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
)

func tableOf(trials []results.Trial) *read.ComparisonTable {
	goal, questions := read.Goal{P99: 10e6, OpenFiles: 20_000}, read.Questions(1, 64)
	return &read.ComparisonTable{
		Goal: goal, ClientRate: 1, Questions: questions, Saturating: 64,
		Profiles: read.Profiles(goal, questions, trials, []string{"sequential", "thread", "reactor", "broken"}),
		Words:    map[string]read.Words{"thread": {Clients: "hundreds", Complexity: "low", Blocking: "yes", Use: "development and low-traffic services"}, "reactor": {Clients: "thousands", Complexity: "medium", Blocking: "no", Use: "I/O-bound servers"}},
		Sources:  map[string]read.Source{"sequential": {Lines: 300, Cyclomatic: 60}, "thread": {Lines: 700, Cyclomatic: 150}, "reactor": {Lines: 900, Cyclomatic: 210}},
		Env:      &results.Environment{CPU: "A CPU", Cores: 2, Kernel: "6.1", ServerCPUs: "0", ClientCPUs: "1"},
	}
}

func TestProfiles(t *testing.T) {
	d := Profiles(tableOf(resultstest.TableTrials()))
	resultstest.Golden(t, "profiles.txt", said(t, d, ""))
	resultstest.Golden(t, "profiles.md", said(t, d, ".md"))
	resultstest.Golden(t, "profiles.csv", csvOf(t, d.Blocks[0].Table))
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var table struct{ Rows []map[string]any }
	if err := json.Unmarshal(b, &table); err != nil || len(table.Rows) != 4 {
		t.Fatalf("%v: %s", err, b)
	}
	if table.Rows[2]["max_clients"] != 16_384.0 || table.Rows[2]["kept_in_trial"] != 1.0 || table.Rows[3]["requests_per_cpu_second"] != nil {
		t.Errorf("%v", table.Rows)
	}
}

// However narrow the terminal, a comparison table has all of its columns, in tables below one another
// that are not wider.
func TestProfilesAreContinued(t *testing.T) {
	d := Profiles(tableOf(resultstest.TableTrials()))
	for _, width := range []int{60, 80} {
		var b strings.Builder
		if err := d.Text(&b, width); err != nil {
			t.Fatal(err)
		}
		for _, c := range d.Blocks[0].Table.in(People).Columns {
			if titles := strings.Split(c.Title, "\n"); !strings.Contains(b.String(), titles[len(titles)-1]) {
				t.Errorf("%d columns: no %q", width, c.Title)
			}
		}
		if rows := strings.Count(b.String(), "\n reactor "); rows != map[int]int{60: 4, 80: 3}[width] || strings.Contains(b.String(), "left out") {
			t.Errorf("%d columns: reactor %d times", width, rows)
		}
		for line := range strings.Lines(b.String()) {
			if text.StringWidthWithoutEscSequences(strings.TrimSuffix(line, "\n")) > width {
				t.Errorf("more than %d columns: %q", width, line)
			}
		}
	}
}

// A latency that the server's is at most stands in its column of a page with a value to sort by, and
// in data in one of its own.
func TestHalfAtMostOnThePage(t *testing.T) {
	c := tableOf(resultstest.TableTrials())
	c.Profiles[1].HalfP99, c.Profiles[1].HalfAtMost = nil, &stats.Interval{Estimate: 9e6, Low: 8e6, High: 11e6}
	table := Profiles(c).Blocks[0].Table
	page := table.OnPage()
	at := slices.IndexFunc(page.Columns, func(c Column) bool { return c.Title == "p99\nat half" })
	if cell := page.Rows[1].Cells[at]; cell.Text != "≤ 9 ms" || cell.Value != 9e6 {
		t.Errorf("%+v", cell)
	}
	var rows []map[string]any
	b, err := json.Marshal(table)
	if err != nil || json.Unmarshal(b, &rows) != nil || rows[1]["p99_at_half_ns"] != nil || rows[1]["p99_at_half_at_most_ns"] != 9e6 || rows[2]["p99_at_half_ns"] == nil {
		t.Errorf("%v: %s", err, b)
	}
}

// TestBoundNamesTheGroup: a limit of a control group is named with the bound that it is
// behind, for people and in JSON, and with no other.
func TestBoundNamesTheGroup(t *testing.T) {
	starved := &results.Strain{Killed: 1, MemoryLimitBytes: 300 << 20}
	crowded := &results.Strain{Refused: 9, PIDsLimit: 500}
	for _, tt := range []struct {
		name   string
		change func(*results.Trial)
		cell   string
		limit  string
		pids   int64
	}{
		{"memory", func(t *results.Trial) { t.Failure, t.Strain = "it died", starved }, "memory (cgroup limit of 300 MiB) at 200", "cgroup limit of 300 MiB", 0},
		{"the machine's memory", func(t *results.Trial) { t.Failure, t.Strain = "it died", &results.Strain{Killed: 1} }, "memory at 200", "", 9000},
		{"threads", func(t *results.Trial) { t.ClientsServed, t.Strain = 190, crowded }, "threads (cgroup's pids.max of 500) at 200", "cgroup's pids.max of 500", 0},
		{"threads that a row counts itself", func(t *results.Trial) {
			t.ClientsServed, t.ServerThreads, t.ServerCounters = 190, 200, map[string]int64{"backoff": 1}
		},
			"threads (cgroup's pids.max of 400) at 200", "cgroup's pids.max of 400", 400},
		{"latency", func(t *results.Trial) { t.ResponseLatency.P99, t.Strain = 1e9, crowded }, "latency", "", 9000},
	} {
		lost := resultstest.Probe("a", 200)
		tt.change(&lost)
		goal := read.Goal{P99: 10e6, PIDs: tt.pids}
		questions := read.Questions(1, 64)
		c := read.ComparisonTable{Goal: goal, Questions: questions, Profiles: read.Profiles(goal, questions, []results.Trial{resultstest.Probe("a", 100), lost}, []string{"a"})}
		d := Profiles(&c)
		if got := d.Blocks[0].Table.Rows[0].Cells[5].Text; got != tt.cell {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.cell)
		}
		b, err := json.Marshal(d)
		var table struct {
			Rows []struct {
				Limit string `json:"bound_limit"`
			} `json:"rows"`
		}
		if err := errors.Join(err, json.Unmarshal(b, &table)); err != nil || table.Rows[0].Limit != tt.limit {
			t.Errorf("%s: %+v, %v", tt.name, table, err)
		}
	}
}
