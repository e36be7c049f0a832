package document

import (
	"connbench/results/read"
	"connbench/results/resultstest"
	"connbench/results/stats"
	"encoding/json"
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
	return read.Choose(trials, models, slo, map[string]int{"plain": 600, "fast": 1500, "twin": 1600}, nil)
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
	silent.Candidates[0].Latency, silent.Candidates[0].Why, silent.Candidates[0].Open = stats.Interval{}, "no valid trial: NOISY", true
	changes := []read.Change{
		{What: "clients", From: "64", To: "512", Choice: alone},
		{What: "payload", From: "64 B", To: "1 KiB", Choice: contest4(map[string]float64{"plain": 4000, "fast": 5000, "twin": 6000, "late": 3000})},
		{What: "work", From: "echo", To: "cpu:20us", Choice: none},
	}
	offered := alone
	offered.Offer = &read.Offer{RateRPS: 8300, Slowest: "plain", Capacity: 11_900}
	dropped := contest4(map[string]float64{"plain": 7000, "fast": 5000, "twin": 6000, "late": 3000})
	dropped.Candidates = append(dropped.Candidates[:1:1], read.Candidate{Standing: stats.Standing{Model: "twin", Why: "serves 64 at once of 512 clients"}})
	changes = append(changes, read.Change{What: "clients", From: "64", To: "512", Choice: dropped}, read.Change{What: "clients", From: "64", To: "8", Choice: c})
	half := dropped
	half.Candidates = slices.Clone(alone.Candidates)
	half.Candidates[1] = silent.Candidates[0]
	half.Candidates[1].Model = "twin"
	changes = append(changes, read.Change{What: "clients", From: "64", To: "8", Choice: half}, read.Change{What: "clients", From: "64", To: "8", Choice: silent})
	partly := alone
	partly.Candidates = append(slices.Clone(alone.Candidates), silent.Candidates[0])
	partly.Candidates[len(partly.Candidates)-1].Model = "hidden"
	unknown := alone
	unknown.Candidates = append(slices.Clone(alone.Candidates[:1]), silent.Candidates[0], silent.Candidates[0])
	unknown.Candidates[1].Model, unknown.Candidates[2].Model = "hidden", "covered"
	unknown.Simplest = 0
	near := alone // to its limit
	near.Candidates = slices.Clone(alone.Candidates)
	near.Candidates[0].Latency.Estimate = 9.5e6
	nearer := c
	nearer.Candidates = slices.Clone(c.Candidates)
	nearer.Candidates[0].Latency.Estimate = 9.5e6
	little := contest4(map[string]float64{"plain": 7000, "fast": 5000, "twin": 5200, "late": 3000})
	little.Candidates[0].Latency.Estimate = 9.5e6
	var parts []string
	for _, x := range []*read.Choice{&c, &alone, &none, &silent, &offered, &partly, &unknown, &near, &nearer, &little} {
		parts = append(parts, said(t, Choice(x), ""))
	}
	for i := range changes {
		parts = append(parts, changed(&changes[i], &c)+"\n")
	}
	joined := read.Change{What: "clients", From: "64", To: "8", Choice: c}
	parts = append(parts, changed(&joined, &alone)+"\n")
	resultstest.Golden(t, "choice.txt", strings.Join(parts, "\n"))
	d := Choice(&c)
	_, object := Change(&changes[0], &c)
	d.Fields = append(d.Fields, Field{"change", object})
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"choose":["fast","twin"],"simplest":"plain","candidates":[{"model":"fast","keeps":true,"open":false,"tier":1,`,
		`{"model":"late","keeps":false,"open":false,"p99_ns":20000000,"why":"too slow"}]`, `"change":{"what":"clients","from":"64","to":"512","choose":["fast"],`,
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in %s", want, b)
		}
	}
	if csv := csvOf(t, choiceTable(&c)); !strings.HasPrefix(csv, "model,keeps,open,tier,") || !strings.Contains(csv, "\nlate,false,false,,,,,,,20000000,,too slow\n") {
		t.Error(csv)
	}
}
