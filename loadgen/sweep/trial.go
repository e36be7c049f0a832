package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"connbench/loadgen"

	"github.com/HdrHistogram/hdrhistogram-go"

	"connbench/results"
)

// trial measures t, or says in the trial why it could not.
func (r *Runner) trial(ctx context.Context, t Trial) (results.Trial, map[string]*hdrhistogram.Histogram) {
	row := r.Rows[t.Model]
	before := r.Cgroups.strain()
	result, fill, err := r.measure(ctx, t, row)
	strain := r.Cgroups.since(before)
	spec := r.Plan.Spec(t, row.Network, "")
	if err != nil {
		result = loadgen.NoResult()
	}
	trial := result.Trial(&spec)
	trial.Trial, trial.Block, trial.Model, trial.Probe = t.Number, t.Block, t.Model, t.Probe
	trial.Work, trial.Knobs = r.Plan.Work, r.Plan.knobs()
	trial.Strain = strain
	if err != nil {
		trial.Failure = killed(err, strain).Error()
		return trial, nil
	}
	fill(&trial)
	trial.CPUsShared = r.Placement.Shared()
	trial.Verdicts = results.Judge(&trial)
	return trial, result.Histograms()
}

// liveEvery is how often it can be seen what a load comes to.
const liveEvery = time.Second

// deathNotice is how long the death of a server may take to show after a client
// has failed because of it.
const deathNotice = 200 * time.Millisecond

// measure runs server and client for one trial, and ends both. Fill writes what was
// seen of the server into the trial.
func (r *Runner) measure(ctx context.Context, t Trial, row Row) (result *loadgen.Result, fill func(*results.Trial), err error) {
	srv, err := startServer(ctx, row, r.Placement.Server, cmp.Or(r.StartTimeout, 10*time.Second))
	if err != nil {
		return nil, nil, err
	}
	defer srv.process.Stop(0)
	spec := r.Plan.Spec(t, row.Network, srv.address)
	watch := srv.watch(r.Placement, spec, true)
	clients, err := loadgen.StartClients(r.Client, spec.Processes(), r.Placement.Client)
	if err != nil {
		return nil, nil, err
	}
	defer clients.Stop(0)

	stages := watch.stages(clients.PIDs())
	if r.Live != nil {
		spec.Live, stages.Live = liveEvery, r.Live
	}
	stages.Slack, stages.Connecting = r.ClientSlack, r.Connecting
	result, err = clients.Run(ctx, spec, stages)
	if watched := watch.ended(); watched != nil {
		return nil, nil, fmt.Errorf("server %s: %w", row.Name, watched)
	}
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
	counters, err := srv.stop(grace)
	slow := errors.Is(err, loadgen.ErrKilled)
	if err != nil && !slow {
		return nil, nil, fmt.Errorf("server %s: %w", row.Name, err)
	}
	return result, func(t *results.Trial) {
		watch.Fill(t, result, counters)
		if slow {
			t.ServerKilledAfterNS = int64(grace)
		}
	}, nil
}
