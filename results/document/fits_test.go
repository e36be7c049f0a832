package document

import (
	"fmt"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/resultstest"
	"connbench/results/stats"

	"github.com/jedib0t/go-pretty/v6/text"
)

// hostile are documents of each kind with names, numbers of clients and figures that are long.
func hostile() map[string]Document {
	names := []string{"a-server-from-elsewhere-with-a-long-name-1", "a-server-from-elsewhere-with-a-long-name-2", "reactor"}
	costs := map[string]float64{names[0]: 123_456_000, names[1]: 234_567_000, names[2]: 99_999}
	trials := resultstest.Race(9, costs, names...)
	for i := range trials {
		t := &trials[i]
		t.Clients, t.ClientsActive, t.ClientsServed, t.PayloadBytes, t.Work = 1_234_567, 1_234_567, 1_234_566, 1<<20-1, "sleep:1234ms"
		t.ResponseLatency.P99 *= 1000
	}
	points := stats.Summarize(trials, names)
	for i := range points {
		points[i].Verdicts = []string{results.Noisy, results.MissedRate}
		points[i].Errors = map[string]int64{"timeout": 1_234_567, "mismatch": 7_654_321}
	}
	run := read.Reading{Part: results.Part{Run: results.Run{Models: names}, Trials: trials}, Points: points, Rankings: stats.Rank(points)}
	run.Run.Environment = *testEnvironment()
	alone := run
	alone.Rankings, alone.Points = nil, points[:1]
	scaled := run
	scaled.Run.Kind = results.ScaleRun
	choice := read.Choose(trials, names, read.SLO{Percentile: "p999", Limit: 10e12}, map[string]int{names[0]: 123_456}, read.Out{"another-name-that-is-long": "serves 64 at once of 1234567 clients"})
	side := func(row string) stats.Side { return stats.Side{Run: run.Run, Trials: trials, Row: row} }
	claim := read.Claim{ID: "10b", Words: "A backlog of 5 is for development, and so is a word like " + strings.Repeat("x", 30), Outcome: read.ClaimOutcomes[2], Sentence: "Nothing is known.",
		Figures: []read.ClaimFigure{{Name: names[0] + " at once by a server that accepts", Value: 1, Note: "a note " + names[1]}}}
	var splits []read.Split
	for _, p := range points {
		splits = append(splits, read.Split{Key: p.Key, CPU: 123_456_000, Parts: []read.Share{{Part: "a part with a long name", NS: 100_000_000}}})
	}
	table := tableOf(resultstest.TableTrials())
	for i, name := range names {
		table.Profiles[i].Model = name
	}
	return map[string]Document{
		"table": Profiles(table),
		"why":   Splits(splits), "why of one": Splits(splits[:1]),
		"run": Run([]read.Reading{run}, true), "alone": Run([]read.Reading{alone}, false), "scale": Run([]read.Reading{scaled}, true),
		"choice": Choice(&choice), "comparison": Comparison(stats.Compare(side(names[0]), side(names[1]), true), "runs/"+names[0], "runs/"+names[1]),
		"claims": Claims([]read.Claim{claim}, testEnvironment()),
	}
}

// Whatever names and figures, no line is wider than the terminal, unless it is one word; the first is
// the verdict, a sentence.
func TestEachDocumentFits(t *testing.T) {
	for name, d := range hostile() {
		for _, width := range []int{60, 80, 100, 132} {
			t.Run(fmt.Sprint(name, width), func(t *testing.T) {
				var b strings.Builder
				if err := d.Text(&b, width); err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(b.String()) {
					line = strings.TrimRight(line, "\n")
					if n := text.StringWidthWithoutEscSequences(line); n > width && strings.Contains(strings.TrimSpace(line), " ") {
						t.Errorf("%d columns: %q", n, line)
					}
				}
				if d.Verdict == "" || !strings.HasSuffix(d.Verdict, ".") || !strings.HasPrefix(b.String(), d.Verdict[:20]) {
					t.Errorf("the first line is no verdict (%q):\n%s", d.Verdict, b.String())
				}
			})
		}
	}
}
