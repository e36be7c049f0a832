package sweep

import (
	"context"

	"connbench/results"
	"connbench/results/read"
)

// Capacity finds how many clients one row serves, in trials whose numbers follow those
// that are stored.
func (r *TableRunner) Capacity(ctx context.Context, model string) (read.Capacity, error) {
	r.Plan = r.Table.Plan
	before := len(r.Stored)
	r.recall()
	for i := range r.Stored {
		r.number = max(r.number, r.Stored[i].Trial+1)
	}
	env := &r.Store.Run.Environment
	if err := r.find(ctx, model); err != nil {
		return read.Capacity{}, err
	}
	var own []*results.Trial
	for i := range r.Stored[before:] {
		own = append(own, &r.Stored[before+i])
	}
	return r.Table.Goal(env).CapacityOf(own), nil
}
