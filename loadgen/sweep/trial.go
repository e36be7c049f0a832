package sweep

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sample"
	"connbench/results"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// liveEvery is how often it can be seen what a load comes to.
const liveEvery = time.Second

// trial measures t, or says in the trial why it could not. With those of its block that are yet
// to be measured it may take turns: they are all measured then, and kept until they are asked for.
func (r *Runner) trial(ctx context.Context, t Trial) (results.Trial, map[string]*hdrhistogram.Histogram) {
	if _, kept := r.kept[t.Number]; !kept && r.inTurns(r.block) && r.rests(t) {
		r.kept = r.together(ctx, slices.DeleteFunc(slices.Clone(r.block), func(other Trial) bool {
			return other.Number != t.Number && (r.attempts[other.Number] > 0 || !r.rests(other))
		}))
	}
	m, kept := r.kept[t.Number]
	if delete(r.kept, t.Number); !kept {
		m = r.measure(ctx, t, nil)
	}
	if m.trial.Failure == "" {
		m.trial.Verdicts = results.Judge(&m.trial)
	}
	return m.trial, m.distributions
}

// measure measures t, by stages that are changed if it takes turns.
func (r *Runner) measure(ctx context.Context, t Trial, change func(*loadgen.Stages)) made {
	row := r.Rows[t.Model]
	d := Drive{
		Row: row, Spec: r.spec(t), Stages: change, Client: r.Client, Placement: r.Placement, Depth: sample.Closely,
		StartTimeout: r.StartTimeout, StopTimeout: r.StopTimeout, ClientSlack: r.ClientSlack,
		Connecting: r.Connecting, Live: r.Live,
	}
	if change == nil {
		d.Spec.Slice = 0
	}
	if r.Live != nil && change == nil {
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
		return made{trial, nil}
	}
	return made{trial, driven.Histograms()}
}

// killed explains a failure, if it is that the kernel has killed a process for want of memory.
func killed(err error, s *results.Strain) error {
	if s == nil || s.Killed == 0 || !strings.Contains(err.Error(), "signal: killed") {
		return err
	}
	return fmt.Errorf("%s: %w", s.Memory(), err)
}
