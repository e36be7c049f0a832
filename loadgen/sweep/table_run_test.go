package sweep

import (
	"context"
	"strings"
	"testing"

	"connbench/results"
)

// attempts are those at a probe of 100 clients, number 0, each as the changes make it from
// one that kept the goal.
func attempts(changes ...func(*results.Trial)) map[attemptAt]*results.Trial {
	stored := map[attemptAt]*results.Trial{}
	for i, change := range changes {
		t := results.Trial{
			Attempt: i, Model: "a", Probe: results.ProbeCapacity, Clients: 100, ClientsActive: 100, ClientsServed: 100,
			RateRPS: 100, Requests: 100, ResponseLatency: &results.Latency{P99: 1e6},
		}
		change(&t)
		stored[attemptAt{0, i}] = &t
	}
	return stored
}

// replaying is a runner that has these attempts stored.
func replaying(stored map[attemptAt]*results.Trial) *TableRunner {
	table := DefaultTable([]string{"a"})
	return &TableRunner{Runner: Runner{Plan: table.Plan, Store: &results.Store{}}, Table: table, stored: stored}
}

// TestKeeps: how often a probe is tried, and what it says in the end. An attempt more than
// there are ends in the error of the context.
func TestKeeps(t *testing.T) {
	kept := func(*results.Trial) {}
	late := func(t *results.Trial) { t.ResponseLatency.P99 = 20e6 }
	hopeless := func(t *results.Trial) { t.ResponseLatency.P99 = results.Infinite }
	noisy := func(t *results.Trial) { late(t); t.Verdicts = []string{results.Noisy} }
	client := func(t *results.Trial) { late(t); t.Verdicts = []string{results.ClientBound} }
	thousands := func(t *results.Trial) { noisy(t); t.ServerUsage = &results.ServerUsage{ServerThreads: 17_000} }
	leftOut := func(t *results.Trial) { t.ClientsServed = 64 }
	died := func(t *results.Trial) { t.Failure = "it died" }
	type changes = []func(*results.Trial)
	tests := []struct {
		name     string
		attempts changes
		want     answer
	}{
		{"at once", changes{kept}, answer{kept: true}},
		{"the next time", changes{late, kept}, answer{kept: true}},
		{"twice late", changes{late, late}, answer{chance: true}},
		{"by far", changes{hopeless, hopeless}, answer{chance: true}},
		{"by far once", changes{hopeless, kept}, answer{kept: true}},
		{"in noise", changes{noisy, client, noisy}, answer{doubtful: true}},
		{"in noise, and without", changes{noisy, late}, answer{chance: true}},
		{"in noise, with thousands of threads", changes{thousands, thousands}, answer{}},
		{"clients are left out", changes{leftOut}, answer{served: 64}},
		{"it died", changes{died}, answer{}},
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range tests {
		got, err := replaying(attempts(tt.attempts...)).keeps(over, "a", 100, false)
		if err != nil || got != tt.want {
			t.Errorf("%s: %+v, want %+v, %v", tt.name, got, tt.want, err)
		}
	}
}

// TestKeepsAnother: what is stored must be what is due.
func TestKeepsAnother(t *testing.T) {
	_, err := replaying(attempts(func(*results.Trial) {})).keeps(t.Context(), "a", 50, false)
	if err == nil || !strings.Contains(err.Error(), "trial 0 is of a with 100 clients, where a with 50 is due") {
		t.Error(err)
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
