package sweep

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"connbench/results"
	"connbench/results/read"
)

func TestTableRunner(t *testing.T) {
	t.Parallel()
	s := newStage(t, "good", "silent")
	table := DefaultTable([]string{"good", "silent"})
	table.Plan.Warmup, table.Plan.Duration, table.Plan.Timeout = 0, Duration(50*time.Millisecond), Duration(patience)
	table.MaxClients, table.ClientRate, table.Saturating, table.SLO = 3, 10, 2, Duration(patience)
	table.Confirm, table.Trials, table.Retries = 0, 2, 0
	r := &TableRunner{Runner: *s.Runner, Table: table}
	r.hurry("silent")
	if err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	throughput := map[float64]bool{}
	for i, trial := range r.Stored {
		count[trial.Model+" "+trial.Probe]++
		if trial.Trial != i {
			t.Errorf("trial %d is number %d", i, trial.Trial)
		}
		if trial.Probe == results.ProbeHalf {
			throughput[trial.RateRPS] = true
		}
		if trial.Model == "good" && trial.Probe == results.ProbeCapacity && (trial.RateRPS < float64(trial.Clients) || trial.Arrivals != "constant" || trial.DurationNS < 1e8) {
			t.Errorf("%d clients: %v/s, %s arrivals, for %d ns", trial.Clients, trial.RateRPS, trial.Arrivals, trial.DurationNS)
		}
	}
	// Of the other one nothing is known.
	want := map[string]int{"good saturation": 2, "good half": 2, "silent saturation": 2, "silent rate": 0}
	for what, n := range want {
		if count[what] != n {
			t.Errorf("%s: %d trials, want %d", what, count[what], n)
		}
	}
	if len(throughput) != 1 || throughput[0] {
		t.Errorf("rates of the half: %v", throughput)
	}
	goal := table.Goal(&s.Store.Run.Environment)
	profiles := read.Profiles(goal, table.questions(), r.Stored, []string{"good", "silent"})
	if good := profiles[0].Capacity; good.Most < 1 || good.Most > 3 || count["good capacity"] < 2 || count["good rate"] < 2 || profiles[1].Capacity.Most != 0 || profiles[1].Capacity.Bound != read.BoundFailure {
		t.Errorf("%+v", profiles)
	}
}

// TestTableResumes: interrupted after any trial it goes on where it was. That is of one question,
// which [TableRunner.find] asks as it does the others, unless CONNBENCH_WHOLE asks for all: the rates of
// many clients take longer than all the rest.
func TestTableResumes(t *testing.T) {
	t.Parallel()
	s := newStage(t, "good")
	table := DefaultTable([]string{"good"})
	table.Plan.Warmup, table.Plan.Duration, table.Plan.Timeout = 0, Duration(20*time.Millisecond), Duration(patience)
	table.MaxClients, table.ClientRate, table.Saturating, table.SLO = 2, 100, 2, Duration(patience)
	table.Confirm, table.Trials, table.Retries, table.Brief = 0, 1, 0, os.Getenv("CONNBENCH_WHOLE") == ""
	var stored []results.Trial
	for interrupted := true; interrupted; {
		ctx, cancel := context.WithCancel(t.Context())
		r := &TableRunner{Runner: *s.Runner, Table: table}
		r.Runner.Stored = slices.Clone(stored)
		r.Progress = func(Progress) { cancel() }
		err := r.Run(ctx)
		if interrupted = err != nil; interrupted && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if len(r.Stored) > len(stored)+1 {
			t.Fatalf("%d trials after %d", len(r.Stored), len(stored))
		}
		stored = r.Stored
		cancel()
	}
	count := map[string]int{}
	for i, trial := range stored {
		if trial.Trial != i {
			t.Errorf("trial %d is number %d", i, trial.Trial)
		}
		count[trial.Probe]++
	}
	if count[results.ProbeCapacity] < 1 || count[results.ProbeSaturation] != 1 || count[results.ProbeHalf] != 1 {
		t.Errorf("%v", count)
	}
}

func TestTableValidate(t *testing.T) {
	network := func(string) string { return "tcp" }
	for name, change := range map[string]func(*Table){
		"as it is":        func(*Table) {},
		"no SLO":          func(t *Table) { t.SLO = 0 },
		"a client's rate": func(t *Table) { t.ClientRate = 0.01 },
		"no clients":      func(t *Table) { t.MaxClients = 0 },
		"an hour":         func(t *Table) { t.Confirm = Duration(time.Hour) },
		"nobody":          func(t *Table) { t.Saturating = 0 },
		"of the plan":     func(t *Table) { t.Trials = 0 },
	} {
		table := DefaultTable([]string{"a"})
		change(&table)
		if err := table.Validate(network); (err == nil) != (name == "as it is") {
			t.Errorf("%s: %v", name, err)
		}
	}
	table := DefaultTable(nil)
	if got := table.limit(&results.Environment{OpenFiles: 1024}); got != 960 {
		t.Errorf("the search ends at %d", got)
	}
	table.Knobs = map[string]string{"processes": "4"}
	if got := table.limit(&results.Environment{OpenFiles: 1024}); got != 3648 || table.Goal(&results.Environment{OpenFiles: 1024}).OpenFiles != 3648+64 {
		t.Errorf("of four processes the search ends at %d", got)
	}
	if got := table.limit(&results.Environment{}); got != table.MaxClients {
		t.Errorf("the search ends at %d", got)
	}
}
