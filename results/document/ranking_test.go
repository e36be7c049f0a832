package document

import (
	"connbench/results"
	"connbench/results/resultstest"
	"connbench/results/stats"
	"slices"
	"strings"
	"testing"
)

func TestWriteRankings(t *testing.T) {
	costs := map[string]float64{"reactor": 5000, "goroutine": 5000, "python-socketserver-threading": 16000, "thread": 8000, "sequential": 1}
	models := []string{"reactor", "goroutine", "python-socketserver-threading", "thread", "sequential"}
	trials := resultstest.Race(10, costs, models...)
	short := resultstest.Race(3, costs, "reactor", "goroutine")
	for i := range short {
		short[i].Clients, short[i].ClientsActive, short[i].ClientsServed = 1, 1, 1
		short[i].Block += 100
		short[i].Trial += 1000
	}
	noisy := resultstest.Race(2, costs, "reactor", "thread")
	for i := range noisy {
		noisy[i].Verdicts, noisy[i].PayloadBytes, noisy[i].Knobs = []string{results.Noisy}, 4096, "backlog=16"
		noisy[i].Trial += 2000
	}
	for i := range trials {
		if trials[i].Model == "sequential" {
			trials[i].ClientsServed = 1
		}
	}
	all := slices.Concat(trials, short, noisy)
	points := stats.Summarize(all, models)
	d := Rankings(stats.Rank(points), points)
	resultstest.Golden(t, "rankings.txt", said(t, d, ""))

	// In a narrow terminal names stay whole, and why a row is not placed is said above the table alone.
	var narrow strings.Builder
	if err := d.Text(&narrow, 80); err != nil || !strings.Contains(narrow.String(), "  python-socketserver-threading  ") {
		t.Errorf("%v:\n%s", err, narrow.String())
	}
}

// A row with too few valid trials has no tier, and no mark that says that it has none valid.
func TestRankingMarksOnlyWhatIsFlagged(t *testing.T) {
	costs := map[string]float64{"a": 5000, "b": 8000, "c": 9000}
	trials := resultstest.Race(10, costs, "a", "b", "c")
	for i := range trials {
		if m := trials[i].Model; m == "c" || m == "b" && trials[i].Block > 1 {
			trials[i].Verdicts = []string{results.Noisy}
		}
	}
	points := stats.Summarize(trials, nil)
	text := said(t, Rankings(stats.Rank(points), points), "")
	for model, mark := range map[string]string{"b": results.Absent, "c": flagMark} {
		if !strings.Contains(text, mark+"  "+model+" ") {
			t.Errorf("%s has no %q:\n%s", model, mark, text)
		}
	}
}

func TestLooks(t *testing.T) {
	left := func(n int) []results.Leaving { return make([]results.Leaving, n) }
	resultstest.Golden(t, "looks.txt", said(t, Looks([]results.Look{
		{Blocks: 10, Planned: 20, Clients: 16, PayloadBytes: 64, Left: left(12)},
		{Blocks: 10, Planned: 20, Clients: 256, PayloadBytes: 4096, RateRPS: 5000, Left: left(1)},
		{Blocks: 12, Planned: 20, Clients: 16, PayloadBytes: 64, Left: left(3)},
	}), ""))
	if d := Looks(nil); d.Blocks != nil {
		t.Errorf("nothing decided: %+v", d)
	}
}
