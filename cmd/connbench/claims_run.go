package main

import (
	"context"
	"slices"

	"connbench/loadgen/sweep"

	"connbench/results"
	"connbench/results/read"
)

// run measures a plan with the given rows, after what is stored, and returns its trials.
func (n *numbers) run(ctx context.Context, x *session, store *results.Store, p sweep.Plan, rows map[string]sweep.Row, view func(*sweep.Runner)) ([]results.Trial, error) {
	plan, skipped := n.after(p)
	r := x.runner(store, nil)
	r.Plan, r.Rows = plan, rows
	for i := range skipped {
		r.Stored = append(r.Stored, results.Trial{Trial: i})
	}
	view(&r)
	if err := r.Run(ctx); err != nil {
		return nil, err
	}
	return slices.Clone(r.Stored[skipped:]), nil
}

// capacity finds how many clients a model serves, after what is stored.
func (n *numbers) capacity(ctx context.Context, x *session, store *results.Store, model string, row sweep.Row, view func(*sweep.Runner)) (read.Capacity, error) {
	table := sweep.DefaultTable([]string{model})
	table.Seed = x.plan.Seed
	r := &sweep.TableRunner{Runner: x.runner(store, nil), Table: table}
	r.Rows, r.StopTimeout = map[string]sweep.Row{model: row}, stopThousands
	if n.trials > 0 {
		r.Stored = []results.Trial{{Trial: n.trials - 1}}
	}
	view(&r.Runner)
	c, err := r.Capacity(ctx, model)
	for i := range r.Stored {
		n.trials = max(n.trials, r.Stored[i].Trial+1)
		n.blocks = n.trials // a probe is a block of its own
	}
	return c, err
}
