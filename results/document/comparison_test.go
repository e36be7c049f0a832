package document

import (
	"connbench/results"
	"connbench/results/resultstest"
	"connbench/results/stats"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestWriteComparison(t *testing.T) {
	trials := resultstest.Race(10, map[string]float64{"reactor": 5000, "goroutine": 8000}, "reactor", "goroutine")
	noisy := resultstest.Race(2, map[string]float64{"reactor": 5000, "goroutine": 8000}, "reactor", "goroutine")
	for i := range noisy {
		noisy[i].Trial += 100
		noisy[i].Clients, noisy[i].Verdicts = 1000, []string{results.Noisy}
	}
	few := resultstest.Race(2, map[string]float64{"reactor": 5000, "goroutine": 8000}, "reactor", "goroutine")
	for i := range few {
		few[i].Trial, few[i].Clients = few[i].Trial+200, 1
	}
	trials = slices.Concat(trials, noisy, few)
	all := stats.Compare(stats.Side{Trials: trials, Row: "reactor"}, stats.Side{Trials: trials, Row: "goroutine"}, true)
	d := Comparison(all, "runs/a:reactor", "runs/a:goroutine")
	resultstest.Golden(t, "comparison.txt", said(t, d, ""))

	// Of two trials each there is no ratio for programs either.
	b, err := json.Marshal(d)
	var read struct{ Comparisons []map[string]any }
	if err := errors.Join(err, json.Unmarshal(b, &read)); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(csvOf(t, d.Main))).ReadAll()
	if err != nil || len(lines) != 1+len(read.Comparisons) {
		t.Fatalf("%v: %q", err, lines)
	}
	column := slices.Index(lines[0], "ratio")
	for i, c := range read.Comparisons {
		if known := c["trials"] == 10.0; c["ratio"] != nil != known || lines[i+1][column] != "" != known {
			t.Errorf("%v, in CSV %q", c, lines[i+1])
		}
	}
}

// Of nothing that is better or worse the verdict says so, and rows of two networks are headed by both.
func TestComparisonOfNothingDecided(t *testing.T) {
	few := stats.Compared{Outcome: stats.Undecided, Effect: stats.Effect{Ratio: stats.Unbounded(1)}}
	few.A, few.B = results.Key{Model: "udp", Network: "udp", Framing: results.Datagram}, results.Key{Model: "pool", Network: "tcp", Framing: "length"}
	if got, want := conclusion([]stats.Compared{{Outcome: stats.NotCompared}}), "In the one comparison B is not told better or worse than A: 1 not compared."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := conclusion([]stats.Compared{few, few, {Outcome: stats.NotCompared}}), "In none of 3 comparisons is B told better or worse than A: 2 undecided for too few trials, 1 not compared."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := comparedHeading(&few); !strings.HasPrefix(got, "udp → pool · udp, datagrams → tcp, length framing · ") {
		t.Error(got)
	}
}

// A ratio that the medians beside it do not have is explained, and no other.
func TestComparisonOtherThanMedians(t *testing.T) {
	of := func(a, b float64) stats.Compared {
		within := func(v float64) stats.Interval { return stats.Interval{Estimate: v, Low: v / 2, High: v * 2} }
		return stats.Compared{Metric: results.ServerCPU, Outcome: stats.Undecided, AValue: within(a), BValue: within(b), Effect: stats.Effect{Ratio: within(1.03)}}
	}
	for b, want := range map[float64]bool{1030: false, 915: true} {
		if got := strings.Contains(said(t, Comparison([]stats.Compared{of(1000, b)}, "a", "b"), ""), "than that of the medians beside it"); got != want {
			t.Errorf("of 1000 and %v: said %v", b, got)
		}
	}
	few := of(1000, 915)
	few.Effect.Ratio = stats.Unbounded(1.03)
	if otherThanMedians(few) {
		t.Error("no ratio is explained")
	}
}
