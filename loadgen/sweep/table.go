package sweep

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"connbench/loadgen"
	"connbench/results"
)

// Table is the plan of a comparison table: how many clients each row serves, how fast it
// is and how its latency is at half of that. Beside what it says itself it takes the
// plan's models, network, framing, work, first payload, knobs, timeouts and CPUs.
type Table struct {
	Plan       `yaml:",inline"`
	SLO        Duration `yaml:"slo" json:"slo"`                 // that the 99th percentile of the response may reach
	ClientRate float64  `yaml:"client-rate" json:"client-rate"` // requests/s of each client
	MaxClients int      `yaml:"max-clients" json:"max-clients"` // where the search ends
	Saturating int      `yaml:"saturating" json:"saturating"`   // clients that are to saturate a server
}

// DefaultTable is the table of the given models: a request a second of each client, with
// its answer within 10 ms.
func DefaultTable(models []string) Table {
	t := Table{
		Plan:       DefaultPlan(models),
		SLO:        Duration(10 * time.Millisecond),
		ClientRate: 1,
		MaxClients: 50_000,
		Saturating: 64,
	}
	t.Clients, t.Payloads, t.Arrivals = []int{t.Saturating}, []Size{64}, loadgen.Constant
	t.Trials = 5
	return t
}

// Validate reports the first thing in t that cannot be run; see [Plan.Validate].
func (t *Table) Validate(network func(model string) string) error {
	switch {
	case t.SLO <= 0:
		return &loadgen.SpecError{Field: "slo", Value: t.SLO, Allowed: "more than 0"}
	case t.ClientRate < 0.1 || t.ClientRate > 1000:
		return &loadgen.SpecError{Field: "client-rate", Value: t.ClientRate, Allowed: "0.1 to 1000 requests/s"}
	case t.MaxClients < 1 || t.MaxClients > 1_000_000:
		return &loadgen.SpecError{Field: "max-clients", Value: t.MaxClients, Allowed: "1 to 1000000"}
	case t.Saturating < 1 || t.Saturating > 10_000:
		return &loadgen.SpecError{Field: "saturating", Value: t.Saturating, Allowed: "1 to 10000 clients"}
	}
	return t.Plan.Validate(network)
}

// Goal is what a row has to keep.
func (t *Table) Goal(env *results.Environment) results.Goal {
	return results.Goal{P99: results.Nanos(t.SLO), OpenFiles: env.OpenFiles}
}

// limit is where the search ends: no server process has room for more connections than
// its limit of open files, and what does not connect takes long to fail.
func (t *Table) limit(env *results.Environment) int {
	if room := int(env.OpenFiles) - results.SpareDescriptors; room > 0 {
		return min(t.MaxClients, room)
	}
	return t.MaxClients
}

// Window is how long a probe of capacity measures: one request of each client.
func (t *Table) window() Duration { return Duration(float64(time.Second) / t.ClientRate) }

// TableRunner measures a table.
type TableRunner struct {
	Runner
	Table Table

	// Row, if not nil, is told what a row is measured for.
	Row func(model, probe string)

	number int
}

// Run measures each row: its capacity, and then in blocks of all rows their
// throughput and their latency at half of it.
func (r *TableRunner) Run(ctx context.Context) error {
	r.Plan = r.Table.Plan
	r.recall()
	for _, model := range r.Plan.Models {
		r.tell(model, results.ProbeCapacity)
		limit := r.Table.limit(&r.Store.Run.Environment)
		if _, err := search(limit, func(clients int) (bool, error) { return r.keeps(ctx, model, clients) }); err != nil {
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

func (r *TableRunner) tell(model, probe string) {
	if r.Row != nil {
		r.Row(model, probe)
	}
}

// keeps probes whether a row keeps the goal with so many clients. One that was too slow,
// or failed here and there, is tried again, as often as the plan says: with few clients
// one hiccup of the machine is a whole percentile.
func (r *TableRunner) keeps(ctx context.Context, model string, clients int) (bool, error) {
	goal := r.Table.Goal(&r.Store.Run.Environment)
	rate := float64(clients) * r.Table.ClientRate
	t := Trial{
		Number: r.number, Block: r.number, Model: model, Clients: clients, Payload: r.Plan.Payloads[0],
		Rate: rate, Window: r.Table.window(), Probe: results.ProbeCapacity,
	}
	r.number++
	for attempt := 0; ; attempt++ {
		trial, err := r.probe(ctx, t, attempt)
		if err != nil {
			return false, err
		}
		bound := goal.Bound(trial)
		if attempt == r.Plan.Retries || !bound.Passing() {
			return bound == results.Kept, nil
		}
	}
}

// round measures each of models once.
func (r *TableRunner) round(ctx context.Context, probe string, models []string) error {
	first := r.number
	for _, model := range models {
		r.tell(model, probe)
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
			if !slices.Contains(trial.Verdicts, results.Noisy) {
				break
			}
		}
	}
	return nil
}

// half is half of a row's median throughput at saturation.
func (r *TableRunner) half(model string) float64 {
	var trials []results.Trial
	for _, t := range r.Stored {
		if t.Model == model && t.Probe == results.ProbeSaturation {
			trials = append(trials, t)
		}
	}
	for _, p := range results.Summarize(trials, nil) {
		return float64(int(p.Throughput.Median / 2))
	}
	return 0
}

// probe runs one attempt at a trial and returns what is stored of it.
func (r *TableRunner) probe(ctx context.Context, t Trial, attempt int) (*results.Trial, error) {
	if err := r.attempt(ctx, t, attempt); err != nil {
		return nil, err
	}
	if len(r.Stored) == 0 {
		return nil, fmt.Errorf("trial %d was not stored", t.Number)
	}
	return &r.Stored[len(r.Stored)-1], nil
}
