package document

import (
	"connbench/results/read"
	"connbench/results/resultstest"
	"connbench/results/stats"
	"slices"
	"strings"
	"testing"
)

// contest4 is four rows at one point: two that are alike, one that costs more and is
// simpler, and one that is cheap and too slow.
func contest4(costs map[string]float64) read.Choice {
	models := []string{"plain", "fast", "twin", "late"}
	trials := resultstest.Race(14, costs, models...)
	for i := range trials {
		if trials[i].Model == "late" {
			trials[i].ResponseLatency.P99 = 20e6
		}
	}
	slo := read.SLO{Percentile: "p99", Limit: 10e6}
	return read.Choose(trials, models, slo, map[string]int{"plain": 600, "fast": 1500, "twin": 1600})
}

func TestChoice(t *testing.T) {
	c := contest4(map[string]float64{"plain": 7000, "fast": 5000, "twin": 5000, "late": 3000})
	alone := contest4(map[string]float64{"plain": 7000, "fast": 5000, "twin": 6000, "late": 3000})
	none := contest4(map[string]float64{"plain": 7000, "fast": 5000, "twin": 6000, "late": 3000})
	for i := range none.Candidates {
		none.Candidates[i].Keeps, none.Candidates[i].Why = false, "too slow"
		none.Simplest = -1
	}
	silent := read.Choice{SLO: c.SLO, Simplest: -1, Candidates: slices.Clone(none.Candidates[:1])}
	silent.Candidates[0].Latency, silent.Candidates[0].Why = stats.Interval{}, "no valid trial"
	changes := []read.Change{
		{What: "clients", From: "64", To: "512", Choice: alone},
		{What: "payload", From: "64 B", To: "1 KiB", Choice: contest4(map[string]float64{"plain": 4000, "fast": 5000, "twin": 6000, "late": 3000})},
		{What: "work", From: "echo", To: "cpu:20us", Choice: none},
	}
	var parts []string
	for _, x := range []struct {
		choice  *read.Choice
		changes []read.Change
	}{{&c, changes}, {&alone, nil}, {&none, nil}, {&silent, nil}} {
		parts = append(parts, said(t, Choice(x.choice, x.changes), ""))
	}
	resultstest.Golden(t, "choice.txt", strings.Join(parts, "\n"))
}
