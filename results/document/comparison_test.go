package document

import (
	"connbench/results"
	"connbench/results/resultstest"
	"connbench/results/stats"
	"testing"
)

func TestWriteComparison(t *testing.T) {
	trials := resultstest.Race(10, map[string]float64{"reactor": 5000, "goroutine": 8000}, "reactor", "goroutine")
	noisy := resultstest.Race(2, map[string]float64{"reactor": 5000, "goroutine": 8000}, "reactor", "goroutine")
	for i := range noisy {
		noisy[i].Trial += 100
		noisy[i].Clients, noisy[i].Verdicts = 1000, []string{results.Noisy}
	}
	trials = append(trials, noisy...)
	all := stats.Compare(stats.Side{Trials: trials, Row: "reactor"}, stats.Side{Trials: trials, Row: "goroutine"}, true)
	resultstest.Golden(t, "comparison.txt", said(t, Comparison(all, "runs/a:reactor", "runs/a:goroutine"), ""))
}
