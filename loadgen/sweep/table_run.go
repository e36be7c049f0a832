package sweep

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// TableRunner measures a table. With trials that are stored it goes on where these end:
// what it measures next follows from what it has measured, so they answer what they
// answered before.
type TableRunner struct {
	Runner
	Table Table

	number int
	stored map[attemptAt]*results.Trial // in the beginning
	probes []*results.Trial             // of the capacity that is looked for
}

// attemptAt is an attempt at a trial.
type attemptAt struct{ number, attempt int }

// Run measures each row: its capacity, and then in blocks of all rows their
// throughput and their latency at half of it.
func (r *TableRunner) Run(ctx context.Context) error {
	r.begin()
	for _, model := range r.Plan.Models {
		if err := r.find(ctx, model); err != nil {
			return err
		}
	}
	random := rand.New(rand.NewPCG(r.Plan.Seed, 1))
	for _, probe := range []string{results.ProbeSaturation, results.ProbeHalf} {
		for range r.Plan.Trials {
			models := slices.Clone(r.Plan.Models)
			random.Shuffle(len(models), func(i, j int) { models[i], models[j] = models[j], models[i] })
			if err := r.round(ctx, probe, models); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *TableRunner) begin() {
	r.Plan = r.Table.Plan
	r.recall()
	r.number, r.stored = r.First.Trials, map[attemptAt]*results.Trial{}
	for _, t := range r.Stored {
		r.stored[attemptAt{t.Trial, t.Attempt}] = &t
	}
}

// Capacity finds how many clients one row serves, and how many trials and blocks there are
// after that: each probe is a block of its own.
func (r *TableRunner) Capacity(ctx context.Context, model string) (read.Capacity, Numbers, error) {
	r.begin()
	err := r.find(ctx, model)
	after := Numbers{r.number, r.number}
	if err != nil {
		return read.Capacity{}, after, err
	}
	var own []*results.Trial
	for i := range r.Stored {
		if n := r.Stored[i].Trial; r.First.Trials <= n && n < r.number {
			own = append(own, &r.Stored[i])
		}
	}
	return r.Table.Goal(&r.Store.Run.Environment).CapacityOf(own), after, nil
}

// find searches for a row's capacity, which [read.Goal.CapacityOf] reads from the trials, and
// where that is an estimate asks on until it is known well, or refinements are over.
func (r *TableRunner) find(ctx context.Context, model string) error {
	env := &r.Store.Run.Environment
	limit, goal := r.Table.limit(env), r.Table.Goal(env)
	r.probes = nil
	_, err := newSearch(limit, func(clients int, sure bool) (answer, error) { return r.keeps(ctx, model, clients, sure) }).run()
	for asked := 0; err == nil && asked < refinements; asked++ {
		n := min(goal.Refine(r.probes, asked), limit)
		if n == 0 {
			break
		}
		var trial *results.Trial
		trial, err = r.probe(ctx, r.capacityTrial(model, n, true), 0)
		r.probes = append(r.probes, trial)
	}
	return err
}

// refinements are the probes of an estimate beyond its search at the most: some eight seconds each.
const refinements = 10

// capacityTrial is the next probe of a capacity. One that is to make sure lasts longer: a server that
// stalls now and then is quick in some seconds by luck.
func (r *TableRunner) capacityTrial(model string, clients int, sure bool) Trial {
	t := Trial{
		Number: r.number, Block: r.number, Model: model, Clients: clients, Payload: r.Plan.Payloads[0],
		Rate: float64(clients) * r.Table.ClientRate, Window: r.Table.window(), Probe: results.ProbeCapacity,
	}
	t.Warmup = t.Window // a connection's first request is slow, and is not what is asked
	if sure {
		t.Warmup, t.Window = 2*t.Warmup, max(t.Window, r.Table.Confirm)
	}
	r.number++
	return t
}

// keeps probes whether a row keeps the goal with so many clients. One that was too slow,
// or failed here and there, is tried again: with few clients one hiccup of the machine is
// a whole percentile. That is once, and where the miss is doubtful as often as the plan says, after
// a pause, but for attempts that are costly.
func (r *TableRunner) keeps(ctx context.Context, model string, clients int, sure bool) (answer, error) {
	goal := r.Table.Goal(&r.Store.Run.Environment)
	t := r.capacityTrial(model, clients, sure)
	a := answer{doubtful: true}
	for attempt := 0; ; attempt++ {
		trial, err := r.probe(ctx, t, attempt)
		if err != nil {
			return answer{}, err
		}
		r.probes = append(r.probes, trial)
		bound, doubtful := goal.Bound(trial), goal.Doubtful(trial)
		if bound == read.Kept {
			return answer{kept: true}, nil
		}
		if bound.LeftOut() {
			a.served = trial.ClientsServed
		}
		a.chance = bound.Passing() && !doubtful
		a.doubtful = a.doubtful && doubtful && !costly(trial)
		if attempt == r.Plan.Retries || !bound.Passing() && !doubtful || attempt > 0 && (costly(trial) || !doubtful) {
			return a, nil
		}
		if doubtful {
			r.pause(ctx, t.Number, attempt+1)
		}
	}
}

// manyThreads take seconds to begin and to end: 17,000 some fifteen, of which one is
// measured.
const manyThreads = 4500

// costly reports whether an attempt takes so long that it is tried again only once, and
// has no second chance later: the row would take minutes.
func costly(t *results.Trial) bool { return t.ServerUsage != nil && t.ServerThreads > manyThreads }

// Noise comes in phases of 0.2 to 10 s: noisePause is before the first attempt that is
// to come after one, and twice as long before the next, up to longestPause.
const (
	noisePause   = 300 * time.Millisecond
	longestPause = 2400 * time.Millisecond
)

// pause waits before an attempt that is not stored.
func (r *TableRunner) pause(ctx context.Context, number, attempt int) {
	if r.stored[attemptAt{number, attempt}] != nil {
		return
	}
	select {
	case <-time.After(min(noisePause<<(attempt-1), longestPause)):
	case <-ctx.Done():
	}
}

// round measures each of models once.
func (r *TableRunner) round(ctx context.Context, probe string, models []string) error {
	first := r.number
	for _, model := range models {
		t := Trial{Number: r.number, Block: first, Model: model, Clients: r.Table.Saturating, Payload: r.Plan.Payloads[0], Probe: probe}
		if probe == results.ProbeHalf {
			if t.Rate = r.half(model); t.Rate == 0 {
				continue // nothing is known of it
			}
		}
		r.number++
		for attempt := 0; attempt <= r.Plan.Retries; attempt++ {
			trial, err := r.probe(ctx, t, attempt)
			if err != nil {
				return err
			}
			if !disturbed(trial) {
				break
			}
		}
	}
	return nil
}

// disturbed reports whether a trial of throughput or of latency is to be repeated. At
// half of what a server can do the client is late only when it was kept from its CPU: its
// median lateness is then below a microsecond, and one stall of 3 ms is a whole percentile
// of a short window.
func disturbed(t *results.Trial) bool {
	return slices.Contains(t.Verdicts, results.Noisy) ||
		t.Probe == results.ProbeHalf && slices.Contains(t.Verdicts, results.ClientBound)
}

// half is half of a row's median throughput at saturation.
func (r *TableRunner) half(model string) float64 {
	var trials []results.Trial
	for _, t := range r.Stored {
		if t.Model == model && t.Probe == results.ProbeSaturation {
			trials = append(trials, t)
		}
	}
	for _, p := range stats.Summarize(trials, nil) {
		return float64(int(p.Median(results.Throughput) / 2))
	}
	return 0
}

// probe runs one attempt at a trial and returns what is stored of it.
func (r *TableRunner) probe(ctx context.Context, t Trial, attempt int) (*results.Trial, error) {
	if stored := r.stored[attemptAt{t.Number, attempt}]; stored != nil {
		if stored.Probe != t.Probe || stored.Model != t.Model || stored.Clients != t.Clients || stored.RateRPS != t.Rate {
			return nil, fmt.Errorf("trial %d is of %s with %d clients, where %s with %d is due: another version has measured it; begin anew",
				t.Number, stored.Model, stored.Clients, t.Model, t.Clients)
		}
		return stored, nil
	}
	if err := r.attempt(ctx, t, attempt); err != nil {
		return nil, err
	}
	if len(r.Stored) == 0 {
		return nil, fmt.Errorf("trial %d was not stored", t.Number)
	}
	return &r.Stored[len(r.Stored)-1], nil
}
