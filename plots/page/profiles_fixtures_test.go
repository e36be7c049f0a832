package page

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"connbench/results"
	"connbench/results/read"
)

// tabled is a comparison table as it could come from a machine: thread serves more than
// the tutorial says, select as it says, python-asyncio fewer, goroutine as many as there
// may be files, sequential one, and python-threading was not come to.
func tabled() (*results.Run, []results.Trial, *read.ComparisonTable) {
	models := []string{"sequential", "thread", "goroutine", "select", "python-asyncio", "python-threading"}
	f := tableFixture{random: rand.New(rand.NewPCG(3, 4))}
	f.capacity("sequential", read.BoundWorkers, 1, 2)
	f.capacity("thread", read.BoundLatency, 8100, 8400)
	f.capacity("goroutine", read.BoundDescriptors, 19_936, 0)
	f.capacity("select", read.BoundLatency, 2400, 2500)
	f.capacity("python-asyncio", read.BoundLatency, 700, 720)
	for _, model := range models[1:5] {
		f.medians(model)
	}
	run := &results.Run{
		Kind: results.TableRun, Command: []string{"bin/connbench", "table"}, Seed: 7, Plan: json.RawMessage(`{}`), Models: models,
		CreatedAt: time.Date(2026, 11, 27, 20, 0, 0, 0, time.UTC), Environment: *environment(),
	}
	thread := read.Words{Clients: "hundreds", Complexity: "low", Blocking: "yes", Use: "development"}
	coroutine := read.Words{Clients: "tens of thousands", Complexity: "medium-high", Blocking: "no", Use: "high concurrency"}
	c := &read.ComparisonTable{
		Goal: read.Goal{P99: 10e6, OpenFiles: 20_000}, ClientRate: 1, Questions: read.Questions(1, 64), Saturating: 64,
		Words: map[string]read.Words{
			"thread": thread, "python-threading": thread, "goroutine": coroutine, "python-asyncio": coroutine,
			"select": {Clients: "thousands", Complexity: "medium", Blocking: "no", Use: "I/O-bound"},
		},
		Sources: map[string]read.Source{"thread": {Lines: 1134, Cyclomatic: 200}},
		Env:     &run.Environment,
	}
	c.Profiles = read.Profiles(c.Goal, c.Questions, f.trials, models)
	return run, f.trials, c
}

type tableFixture struct {
	random *rand.Rand
	trials []results.Trial
}

// capacity adds probes: one of few clients, two that kept the goal with so many, the
// last of which counts, and one that did not, if it is not of zero.
func (f *tableFixture) capacity(model string, bound read.Bound, kept, lost int) {
	for _, clients := range []int{max(1, kept/2), kept, kept, lost} {
		if clients == 0 {
			continue
		}
		t := trialOf(model, clients, 64, float64(clients), f.random)
		t.Verdicts, t.Errors, t.ClientsServed, t.ResponseLatency = []string{}, map[string]int64{}, clients, &results.Latency{P50: 1e5, P99: 9.6e6}
		t.ServerIdle = &results.IdleMemory{Connections: clients, ResidentBytes: 2000 + 3*f.random.Float64()*float64(len(f.trials))}
		t.ServerThreads = 5 + len(f.trials)
		if clients == lost {
			t.ResponseLatency.P99 = 1.1e7
			if bound == read.BoundWorkers {
				t.ClientsServed = kept
			}
		}
		f.add(t, results.ProbeCapacity)
	}
}

// medians adds trials at saturation and at half of it, one of each with a verdict.
func (f *tableFixture) medians(model string) {
	for i := range 8 {
		t := trialOf(model, 64, 64, 0, f.random)
		half := trialOf(model, 64, 64, 50e3, f.random)
		if i == 3 {
			t.Verdicts, half.Verdicts = []string{results.Noisy}, []string{results.Noisy}
			t.ServerCPUPerRequest, half.ResponseLatency.P99 = 1, 1
		}
		f.add(t, results.ProbeSaturation)
		f.add(half, results.ProbeHalf)
	}
}

func (f *tableFixture) add(t results.Trial, probe string) {
	t.Trial, t.Block, t.Probe = len(f.trials), len(f.trials), probe
	t.Histograms = fmt.Sprintf("histograms/%05d.hlog", t.Trial)
	f.trials = append(f.trials, t)
}
