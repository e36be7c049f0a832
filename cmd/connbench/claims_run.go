package main

import (
	"context"

	"connbench/loadgen/sweep"
	"connbench/results"
	"connbench/results/read"
)

// claimsRunner runs the trials of experiments into one store. With trials that are stored
// it goes on where these end.
type claimsRunner struct{ sweep.Runner }

// firstOf are the numbers that are taken before an experiment, which is the same whatever
// was measured for the others: one that was interrupted finds its trials again.
func firstOf(place int) sweep.Numbers {
	const most = 100_000 // trials of one experiment, far more than any has
	return sweep.Numbers{Trials: place * most, Blocks: place * most}
}

// trials measures a plan with the given rows and returns its trials.
func (r *claimsRunner) trials(ctx context.Context, p sweep.Plan, rows map[string]sweep.Row) ([]results.Trial, error) {
	r.Plan, r.Rows = p, rows
	if err := r.Run(ctx); err != nil {
		return nil, err
	}
	before := r.First
	r.First = p.After(before)
	var own []results.Trial
	for _, t := range r.Stored {
		if before.Trials <= t.Trial && t.Trial < r.First.Trials {
			own = append(own, t)
		}
	}
	return own, nil
}

// capacity finds how many clients a row serves.
func (r *claimsRunner) capacity(ctx context.Context, row sweep.Row, seed uint64) (c read.Capacity, err error) {
	table := &sweep.TableRunner{Runner: r.Runner, Table: sweep.DefaultTable([]string{row.Name})}
	table.Table.Seed = seed
	table.Rows, table.StopTimeout = map[string]sweep.Row{row.Name: row}, stopThousands
	c, r.First, err = table.Capacity(ctx, row.Name)
	r.Stored = table.Stored
	return c, err
}
