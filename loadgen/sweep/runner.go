package sweep

import (
	"cmp"
	"context"
	"fmt"
	"time"

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

	StartTimeout time.Duration // for a server to say its address; 0 for 10 s
	StopTimeout  time.Duration // for a process to end when asked; 0 for 5 s

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
		if err := ctx.Err(); err != nil {
			return err
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
	trial.CPUsShared = r.Placement.Shared()
	trial.Verdicts = results.Judge(&trial)
	return trial, result.Histograms()
}

// deathNotice is how long the death of a server may take to show after a client
// has failed because of it.
const deathNotice = 200 * time.Millisecond

// measure runs server and client for one trial, and ends both.
func (r *Runner) measure(ctx context.Context, t Trial, row Row) (*loadgen.Result, *usage, error) {
	srv, err := startServer(ctx, row, r.Placement.Server, cmp.Or(r.StartTimeout, 10*time.Second))
	if err != nil {
		return nil, nil, err
	}
	defer srv.process.Stop(0)
	spec := r.Plan.Spec(t, row.Network, srv.address)
	clients, err := loadgen.StartClients(r.Client, spec.Processes(), r.Placement.Client)
	if err != nil {
		return nil, nil, err
	}
	defer clients.Stop(0)

	use := usage{serverCPUs: len(r.Placement.Server)}
	result, err := clients.Run(ctx, spec, loadgen.Stages{
		Measuring: func() { use.before = sample(srv.process.PID(), r.Placement.Used()) },
		Measured:  func() { use.after = sample(srv.process.PID(), r.Placement.Used()) },
	})
	wait := time.Duration(0)
	if err != nil {
		wait = deathNotice
	}
	if death := srv.death(wait); death != nil {
		return nil, nil, fmt.Errorf("server %s: it did not live through the trial: %w", row.Name, death)
	}
	if err != nil {
		return nil, nil, err
	}
	grace := cmp.Or(r.StopTimeout, 5*time.Second)
	clients.Stop(grace) // first, so that the server finds its connections closed
	if use.counters, err = srv.stop(grace); err != nil {
		return nil, nil, fmt.Errorf("server %s: %w", row.Name, err)
	}
	return result, &use, nil
}
