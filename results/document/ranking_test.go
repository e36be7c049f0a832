package document

import (
	"connbench/results"
	"connbench/results/resultstest"
	"connbench/results/stats"
	"slices"
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
	resultstest.Golden(t, "rankings.txt", said(t, Rankings(stats.Rank(all, points), points), ""))
}
