package document

import (
	"connbench/results"
	"connbench/results/read"
	"connbench/results/resultstest"
	"connbench/results/stats"
	"testing"
)

func someClaims() []read.Claim {
	return []read.Claim{
		{ID: "1a", Words: "Threads serve hundreds of clients.", Method: "One looks how many.", Outcome: read.Refuted, Sentence: "They serve thousands.",
			Figures: []read.ClaimFigure{read.Figure("most clients, thread", 10900, "clients").Noted("bound by latency at %d", 11200).From(&results.Trial{Trial: 9}, &results.Trial{Trial: 3}, &results.Trial{Trial: 9})}},
		{ID: "1b", Words: "Selectors serve thousands.", Method: "One looks how many.", Outcome: read.Confirmed, Sentence: "So it is.",
			Figures: []read.ClaimFigure{read.Figure("memory", 2048, "bytes"), read.Figure("lost", 7.654, "%")}},
		{ID: "2", Words: "It costs more, whatever the | sign in a table may say about it, which goes on for longer than a line of a terminal does.",
			Method: "Otherwise.", Outcome: read.Undecidable, Sentence: "It varies.",
			Figures: []read.ClaimFigure{
				read.Figure("dearer by", 2380, "").Between(stats.Interval{Estimate: 2380, Low: 0.5, High: 11900}),
				read.Figure("as long as", 1.5e6, "ns").Between(stats.Interval{Estimate: 1.5e6, Low: 1.2e6, High: 2e6}),
				read.Figure("few trials", 1, "").Between(stats.Unbounded(1)),
			}},
	}
}

func TestClaims(t *testing.T) {
	env := &results.Environment{CPU: "A CPU", Cores: 2, Kernel: "6.1", ServerCPUs: "0", ClientCPUs: "1"}
	for _, name := range []string{"claims.txt", "claims.md"} {
		resultstest.Golden(t, name, said(t, Claims(someClaims(), env), name))
	}
}
