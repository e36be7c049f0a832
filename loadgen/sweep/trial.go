package sweep

import (
	"context"
	"fmt"
	"strings"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sample"
	"connbench/results"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// liveEvery is how often it can be seen what a load comes to.
const liveEvery = time.Second

// trial measures t, or says in the trial why it could not.
func (r *Runner) trial(ctx context.Context, t Trial) (results.Trial, map[string]*hdrhistogram.Histogram) {
	row := r.Rows[t.Model]
	d := Drive{
		Row: row, Spec: r.Plan.Spec(t, row.Network, ""), Client: r.Client, Placement: r.Placement, Depth: sample.Closely,
		StartTimeout: r.StartTimeout, StopTimeout: r.StopTimeout, ClientSlack: r.ClientSlack,
		Connecting: r.Connecting, Live: r.Live,
	}
	if r.Live != nil {
		d.Spec.Live = liveEvery
	}
	before := r.Cgroups.Strain()
	driven, err := d.Run(ctx)
	strain := r.Cgroups.Since(before)
	var trial results.Trial
	if err != nil {
		trial = loadgen.NoResult().Trial(&d.Spec)
		trial.Failure = killed(err, strain).Error()
	} else {
		trial = driven.Trial()
		trial.CPUsShared = r.Placement.Shared()
	}
	trial.Trial, trial.Block, trial.Model, trial.Probe = t.Number, t.Block, t.Model, t.Probe
	trial.Work, trial.Knobs = r.Plan.Work, r.Plan.knobs()
	trial.Strain = strain
	if err != nil {
		return trial, nil
	}
	trial.Verdicts = results.Judge(&trial)
	return trial, driven.Histograms()
}

// killed explains a failure, if it is that the kernel has killed a process for want of memory.
func killed(err error, s *results.Strain) error {
	if s == nil || s.Killed == 0 || !strings.Contains(err.Error(), "signal: killed") {
		return err
	}
	return fmt.Errorf("%s: %w", s.Memory(), err)
}
