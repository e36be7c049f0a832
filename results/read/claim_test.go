package read

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"connbench/results"
	"connbench/results/stats"
)

func someClaims() []Claim {
	return []Claim{
		{ID: "1a", Words: "Threads serve hundreds of clients.", Method: "One looks how many.", Outcome: Refuted, Sentence: "They serve thousands.",
			Figures: []ClaimFigure{Figure("most clients, thread", 10900, "clients").Noted("bound by latency at %d", 11200).From(&results.Trial{Trial: 9}, &results.Trial{Trial: 3}, &results.Trial{Trial: 9})}},
		{ID: "1b", Words: "Selectors serve thousands.", Method: "One looks how many.", Outcome: Confirmed, Sentence: "So it is.",
			Figures: []ClaimFigure{Figure("memory", 2048, "bytes"), Figure("lost", 7.654, "%")}},
		{ID: "2", Words: "It costs more, whatever the | sign in a table may say about it, which goes on for longer than a line of a terminal does.",
			Method: "Otherwise.", Outcome: Undecidable, Sentence: "It varies.",
			Figures: []ClaimFigure{
				Figure("dearer by", 2380, "").Between(stats.Interval{Estimate: 2380, Low: 0.5, High: 11900}),
				Figure("as long as", 1.5e6, "ns").Between(stats.Interval{Estimate: 1.5e6, Low: 1.2e6, High: 2e6}),
				Figure("few trials", 1, "").Between(stats.Unbounded(1)),
			}},
	}
}

func TestSaveClaims(t *testing.T) {
	dir := t.TempDir()
	if none, err := OpenClaims(dir); err != nil || none != nil {
		t.Errorf("%v, %v", none, err)
	}
	want := someClaims()
	for range 2 { // the second time in the place of the first
		if err := SaveClaims(dir, want); err != nil {
			t.Fatal(err)
		}
	}
	got, err := OpenClaims(dir)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if err := os.WriteFile(filepath.Join(dir, claimsFile), []byte("[{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenClaims(dir); err == nil {
		t.Error("a torn file was taken for whole")
	}
}

func TestRatioIn(t *testing.T) {
	var trials []results.Trial
	for block := range 8 {
		for i, model := range []string{"one", "other"} {
			trials = append(trials, results.Trial{Trial: len(trials), Block: block, Model: model, Verdicts: []string{}, ThroughputRPS: float64((i + 1) * (100 + block))})
		}
	}
	trials[3].Verdicts = []string{results.Noisy} // and with it the other one of its block
	e, rests := stats.RatioIn(trials, results.Throughput, "other", "one")
	if math.Abs(e.Ratio.Estimate-2) > 1e-9 || e.Trials != 7 || len(rests) != 14 {
		t.Errorf("%+v of %d trials", e, len(rests))
	}
	i, own, known := stats.MedianIn(trials, results.Throughput, "one")
	if !known || i.Estimate != 103.5 || len(own) != 8 {
		t.Errorf("%+v of %d trials, %v", i, len(own), known)
	}
	if _, _, known := stats.MedianIn(trials, results.Throughput, "none"); known {
		t.Error("a row that is not there has a median")
	}
}

func TestClaimRests(t *testing.T) {
	of := func(numbers ...int) ClaimFigure {
		f := Figure("n", 1, "")
		f.Trials = numbers
		return f
	}
	for _, row := range []struct {
		figures []ClaimFigure
		want    string
	}{
		{nil, ""},
		{[]ClaimFigure{of()}, "Seen directly in this run, without a trial."},
		{[]ClaimFigure{of(), of(7)}, "By trial 7 of this run."},
		{[]ClaimFigure{of(9, 4), of(4, 5)}, "By 3 of the trials 4 to 9 of this run."},
		{[]ClaimFigure{of(9, 4)}, "By trials 4 and 9 of this run."},
		{[]ClaimFigure{of(4, 5, 6)}, "By 3 trials of this run, 4 to 6."},
	} {
		if got := (&Claim{Figures: row.figures}).Rests(); got != row.want {
			t.Errorf("%+v: %q, want %q", row.figures, got, row.want)
		}
	}
}
