package sweep

import (
	"strings"
	"testing"
	"time"

	"connbench/results"
	"connbench/results/read"
)

// TestTableKeepsToItsTrials: what is stored must be what is due.
func TestTableKeepsToItsTrials(t *testing.T) {
	table := DefaultTable([]string{"a"})
	r := &TableRunner{Runner: Runner{Plan: table.Plan, Store: &results.Store{}}, Table: table}
	stored := results.Trial{Model: "a", Probe: results.ProbeSaturation, Clients: 100, Loop: results.ClosedLoop}
	r.Stored = []results.Trial{stored}
	if err := r.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "trial 0 is of a with 100 clients, where a with 64 is due") {
		t.Error(err)
	}
}

// TestTableBegins: where a question begins follows from what is known of the row.
func TestTableBegins(t *testing.T) {
	table := DefaultTable([]string{"a"})
	kept := func(probe string, clients int, rate float64) results.Trial {
		return results.Trial{
			Model: "a", Probe: probe, Clients: clients, ClientsActive: clients, ClientsServed: clients, RateRPS: rate, DurationNS: 5e9, Network: "tcp",
			Requests: 1000, ThroughputRPS: rate, ResponseLatency: &results.Latency{P99: 1e6}, Verdicts: []string{},
		}
	}
	saturated := kept(results.ProbeSaturation, 64, 0)
	saturated.ThroughputRPS, saturated.Loop = 100_000, results.ClosedLoop
	few, many := kept(results.ProbeRate, 64, 80_000), kept(results.ProbeRate, 1000, 50_000)
	late := kept(results.ProbeCapacity, 20_000, 20_000)
	late.ResponseLatency.P99 = 50e6
	left := kept(results.ProbeRate, 1000, 50_000)
	left.ClientsServed = 64
	for _, tt := range []struct {
		name     string
		trials   []results.Trial
		question int
		want     read.Search
	}{
		{"nothing is known", nil, read.Plain, read.Search{First: 1024, Limit: 19_936, Stride: unknownStride}},
		{"nor of its rate", nil, read.RateOfFew, read.Search{}},
		{"its throughput is", []results.Trial{saturated}, read.RateOfFew, read.Search{First: 60_000, Limit: maxTableRate}},
		{"its rate of few is", []results.Trial{saturated, few}, read.RateOfMany, read.Search{First: 80_000, Limit: maxTableRate}},
		{"its throughput is, of plain ones", []results.Trial{saturated}, read.Plain, read.Search{First: 19_936, Limit: 19_936}},
		{"its rate of many is", []results.Trial{saturated, few, many}, read.Busy, read.Search{First: 3000, Limit: 19_936}},
		{"and more than all clients send", []results.Trial{many}, read.Plain, read.Search{First: 19_936, Limit: 19_936}},
		{"workers are", []results.Trial{saturated, few, left}, read.Plain, read.Search{First: 64, Limit: 19_936}},
		{"quiet ones are as plain ones", []results.Trial{kept(results.ProbeCapacity, 19_936, 19_936)}, read.Quiet, read.Search{First: 19_936}},
		{"quiet ones may be more", []results.Trial{kept(results.ProbeCapacity, 5000, 5000), late}, read.Quiet, read.Search{First: 19_936, Limit: 19_936}},
	} {
		r := &TableRunner{Runner: Runner{Plan: table.Plan, Store: &results.Store{Run: results.Run{Environment: results.Environment{OpenFiles: 20_000}}}}, Table: table}
		for i := range tt.trials {
			tt.trials[i].Trial = i
		}
		r.Stored, r.number = tt.trials, len(tt.trials)
		if tt.want.Most = mostProbes; tt.question == read.Plain {
			tt.want.Most, tt.want.Sure = mostProbes+1, 5*time.Second
		}
		if tt.want.Stride == 0 {
			tt.want.Stride = knownStride
		}
		if got := r.search("a", tt.question); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// Clients of a table wait for an answer before they send again, so that a rate is not that of
// batches.
func TestTableDoesNotPipeline(t *testing.T) {
	table := DefaultTable([]string{"a"})
	for _, probe := range []string{results.ProbeRate, results.ProbeHalf, results.ProbeCapacity} {
		if s := table.Spec(Trial{Clients: 64, Rate: 1000, Payload: Payload{Size: 64}, Probe: probe}, "tcp", "127.0.0.1:1"); s.Pipeline != 1 {
			t.Errorf("%s: a pipeline of %d", probe, s.Pipeline)
		}
	}
	if s := table.Spec(Trial{Clients: 64, Rate: 1000, Payload: Payload{Size: 64}}, "tcp", "127.0.0.1:1"); s.Pipeline != 0 {
		t.Errorf("of a run: a pipeline of %d", s.Pipeline)
	}
}

// TestTableTrials: how long probes last and who sends in them.
func TestTableTrials(t *testing.T) {
	table := DefaultTable([]string{"a"})
	second := Duration(time.Second)
	for _, tt := range []struct {
		question int
		sure     bool
		want     Trial
	}{
		{read.Plain, false, Trial{Clients: 500, Rate: 500, Probe: results.ProbeCapacity, Window: second, Warmup: second}},
		{read.Plain, true, Trial{Clients: 500, Rate: 500, Probe: results.ProbeCapacity, Window: 5 * second, Warmup: 2 * second}},
		{read.Busy, false, Trial{Clients: 500, Rate: 5000, Probe: results.ProbeCapacity, Window: 900 * second / 1000, Warmup: second / 5}},
		{read.Quiet, false, Trial{Clients: 500, Rate: 50, Probe: results.ProbeCapacity, Window: second, Warmup: second, Active: 0.1}},
		{read.RateOfFew, false, Trial{Clients: 64, Rate: 500, Probe: results.ProbeRate, Window: 900 * second / 1000, Warmup: second / 5}},
		{read.RateOfMany, true, Trial{Clients: 1000, Rate: 500, Probe: results.ProbeRate, Window: 5 * second, Warmup: 2 * second / 5}},
	} {
		if got := table.trial(tt.question, 500, tt.sure); got != tt.want {
			t.Errorf("question %d: %+v, want %+v", tt.question, got, tt.want)
		}
	}
}

func TestDisturbed(t *testing.T) {
	for _, tt := range []struct {
		probe   string
		verdict string
		want    bool
	}{
		{results.ProbeSaturation, results.Noisy, true},
		{results.ProbeSaturation, results.ClientBound, false},
		{results.ProbeHalf, results.Noisy, true},
		{results.ProbeHalf, results.ClientBound, true},
		{results.ProbeHalf, results.MissedRate, false},
	} {
		if got := disturbed(&results.Trial{Probe: tt.probe, Verdicts: []string{tt.verdict}}); got != tt.want {
			t.Errorf("%s, %s: %v", tt.probe, tt.verdict, got)
		}
	}
}
