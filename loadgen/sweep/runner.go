package sweep

import (
	"context"
	"fmt"

	"connbench/loadgen"
	"connbench/results"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Runner runs the trials of a plan.
type Runner struct {
	Plan      Plan
	Rows      map[string]Row // by model
	Client    []string       // the command of a client process; see [loadgen.Serve]
	Placement Placement
	Store     *results.Store
	Done      map[int]bool // trials that the store has already

	// Progress, if not nil, is called after each trial is stored.
	Progress func(done, total int, t *results.Trial)
}

// Run runs what is left of the plan. It returns the context's error when that
// ends first; the trial at hand is then dropped, and every process has ended. A
// trial that fails is stored with its reason and does not end the run; what
// cannot be stored does.
func (r *Runner) Run(ctx context.Context) error {
	order := r.Plan.Order()
	done := len(r.Done)
	for _, t := range order {
		if r.Done[t.Number] {
			continue
		}
		trial, distributions := r.trial(ctx, t)
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.Store.Append(trial, distributions); err != nil {
			return err
		}
		done++
		if r.Progress != nil {
			r.Progress(done, len(order), &trial)
		}
	}
	return nil
}

// trial measures t, or says in the trial why it could not.
func (r *Runner) trial(ctx context.Context, t Trial) (results.Trial, map[string]*hdrhistogram.Histogram) {
	row := r.Rows[t.Model]
	result, usage, err := r.measure(ctx, t, row)
	spec := r.Plan.Spec(t, row.Network, "")
	if err != nil {
		result = loadgen.NoResult()
	}
	trial := result.Trial(&spec)
	trial.Trial, trial.Block, trial.Model, trial.Work = t.Number, t.Block, t.Model, r.Plan.Work
	if err != nil {
		trial.Failure = err.Error()
		return trial, nil
	}
	usage.fill(&trial)
	return trial, map[string]*hdrhistogram.Histogram{"service": result.Service.Histogram}
}

// measure runs server and client for one trial, and ends both.
func (r *Runner) measure(ctx context.Context, t Trial, row Row) (*loadgen.Result, *usage, error) {
	srv, err := startServer(ctx, row, r.Placement.Server)
	if err != nil {
		return nil, nil, err
	}
	defer srv.process.Stop(0)
	client, err := loadgen.StartProcess(r.Client, r.Placement.Client)
	if err != nil {
		return nil, nil, err
	}
	defer client.Stop(0)

	var use usage
	result, err := loadgen.RunIn(ctx, client, r.Plan.Spec(t, row.Network, srv.address), loadgen.Stages{
		Measuring: func() { use.before = sample(srv.process.PID(), r.Placement.Used()) },
		Measured:  func() { use.after = sample(srv.process.PID(), r.Placement.Used()) },
	})
	if err != nil {
		return nil, nil, err
	}
	select {
	case <-srv.process.Done():
		return nil, nil, fmt.Errorf("server %s: it did not live through the trial", row.Name)
	default:
	}
	client.Stop(stopGrace) // first, so that the server finds its connections closed
	if use.counters, err = srv.stop(); err != nil {
		return nil, nil, fmt.Errorf("server %s: %w", row.Name, err)
	}
	return result, &use, nil
}
