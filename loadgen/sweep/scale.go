package sweep

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"connbench/results"
)

// ScaleRunner measures the rows of a plan with ever more connections, each number with as
// many processes as it takes, until the machine has no room for more.
type ScaleRunner struct {
	Runner
	// Row is a model's server for so many connections, and the knobs that make it one.
	Row func(ctx context.Context, model string, connections int) (Row, map[string]string, error)
	// Room says why the machine has none for so many connections, of which fewer took so many bytes
	// each, 0 where that is not known; empty where it has.
	Room func(connections int, each float64) string
	// Stopped is called when a model is not measured with so many connections, or more. May be nil.
	Stopped func(model string, connections int, why string)
}

// Run measures what is not stored.
func (r *ScaleRunner) Run(ctx context.Context) error {
	r.recall()
	knobs, number := r.Plan.Knobs, 0
	defer func() { r.Plan.Knobs = knobs }()
	stopped := map[string]bool{}
	stop := func(model string, connections int, why string) {
		stopped[model] = true
		if r.Stopped != nil {
			r.Stopped(model, connections, why)
		}
	}
	counts := slices.Sorted(slices.Values(r.Plan.Clients))
	for _, n := range counts {
		for range r.Plan.Trials {
			block := number
			for _, model := range r.Plan.Models {
				t := Trial{Number: number, Block: block, Model: model, Clients: n, Payload: r.Plan.Payloads[0], Rate: r.Plan.Rates[0].RPS}
				number++
				if stopped[model] || r.attempts[t.Number] > 0 {
					continue
				}
				if why := r.ends(model, n); why != "" {
					stop(model, n, why)
					continue
				}
				row, own, err := r.Row(ctx, model, n)
				if foreign := (*ForeignError)(nil); errors.As(err, &foreign) { // it cannot be several processes
					stop(model, n, foreign.Err.Error())
					continue
				}
				if err != nil {
					return err
				}
				r.Rows[model], r.Plan.Knobs = row, maps.Clone(knobs)
				if r.Plan.Knobs == nil {
					r.Plan.Knobs = map[string]string{}
				}
				maps.Copy(r.Plan.Knobs, own)
				if err := r.attempt(ctx, t, 0); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// ends says why a model is not measured with so many connections, empty if it is: it had no
// room for fewer, or the machine has none for these.
func (r *ScaleRunner) ends(model string, connections int) string {
	each := 0.0
	for i := range r.Stored {
		t := &r.Stored[i]
		if t.Model != model || t.Clients > connections {
			continue
		}
		if t.Failure != "" && t.Clients < connections {
			return fmt.Sprintf("with %s it failed: %s", results.Plural(t.Clients, "connection"), t.Failure)
		}
		if of, known := results.IdleHost.Of(t); known {
			each = of
		}
	}
	return r.Room(connections, each)
}
