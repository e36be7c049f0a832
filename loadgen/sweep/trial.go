package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/process"
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
	d := r.drive(t)
	if d.Stages = change; change != nil {
		d.Spec.Slice, d.Spec.Live = r.spec(t).Slice, 0
	}
	return r.driven(ctx, t, d)
}

func (r *Runner) drive(t Trial) *Drive {
	d := &Drive{
		Row: r.Rows[t.Model], Spec: r.spec(t), Client: r.Client, Placement: r.Placement, Team: r.Team, Depth: sample.Closely,
		StartTimeout: r.StartTimeout, StopTimeout: r.StopTimeout, ClientSlack: r.ClientSlack,
		Connecting: r.Connecting, Live: r.Live,
	}
	d.Spec.Slice = 0
	if r.Live != nil {
		d.Spec.Live = liveEvery
	}
	return d
}

func (r *Runner) driven(ctx context.Context, t Trial, d *Drive) made {
	before := r.Cgroups.Strain()
	driven, err := d.Run(ctx)
	strain := r.Cgroups.Since(before)
	if err != nil && r.Team == nil {
		err = killed(err, strain)
	}
	var trial results.Trial
	if err != nil {
		trial = loadgen.NoResult().Trial(&d.Spec)
		trial.Failure, trial.HostLost = err.Error(), errors.Is(err, process.ErrLost)
	} else {
		trial = driven.Trial()
		trial.CPUsShared = r.Placement.Shared()
	}
	trial.Trial, trial.Block, trial.Model, trial.Probe = t.Number, t.Block, t.Model, t.Probe
	trial.Work, trial.Knobs = r.Plan.Work, r.Plan.knobs()
	if r.Team == nil {
		trial.Strain = strain
	}
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

// ProfileRounds is how often each row of each point is profiled: of fewer there is no interval of what
// the parts of its time come to.
const ProfileRounds = 6

const (
	leastProfile = Duration(200 * time.Millisecond)
	mostProfile  = Duration(time.Minute)
)

// callsWarmup is the least warm-up of a trial that is profiled: in it the system calls are
// recorded, which makes each a little slower.
const callsWarmup = 300 * time.Millisecond

// Profiling is the plan of the trials that are made for their profiles; nil where there are none.
func (p *Plan) Profiling() *Plan {
	if p.Profile == 0 {
		return nil
	}
	q := *p
	q.Trials, q.Duration, q.Warmup = ProfileRounds, p.Profile, max(p.Warmup, Duration(callsWarmup))
	q.Slice, q.Precision, q.Profile = 0, 0, 0
	return &q
}

// Profile looks where the servers' time goes, at each point of the plan in turns as trials do: each
// in a trial of its own, which is no trial of the run. Those that are stored are not made again, unless
// they failed or are of another length. A row that left the run's further blocks is looked at too. What
// cannot be found is in the trial; only what cannot be stored is an error, and the end of the context. It
// tells of its trials as Run does.
func (r *Runner) Profile(ctx context.Context, stored []results.Trial) error {
	if r.Plan.Profile == 0 {
		return nil
	}
	there := map[int]bool{}
	for i := range stored {
		there[stored[i].Trial] = stored[i].Failure == "" && stored[i].DurationNS == int64(r.Plan.Profile)
	}
	at, n := Progress{}, 0
	for round := range r.Plan.rounds(Numbers{}) {
		if n++; n > cmp.Or(r.profileRounds, ProfileRounds) {
			break
		}
		for _, t := range slices.Concat(round...) {
			if at.Done++; there[t.Number] {
				continue
			}
			trial, err := r.profiled(ctx, t)
			if err != nil {
				return err
			}
			at.Trial, at.Blocks = trial, at.Done/len(r.Plan.Models)
			if r.Progress != nil {
				r.Progress(at)
			}
		}
	}
	return nil
}

// profiled makes a trial for its profile, again as often as trials are where it failed or others disturbed
// it, and stores it.
func (r *Runner) profiled(ctx context.Context, t Trial) (*results.Trial, error) {
	var trial results.Trial
	for attempt := range r.Plan.Retries + 1 {
		trial = r.profile(ctx, t, attempt)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if trial.Failure == "" && !slices.Contains(trial.Verdicts, results.Noisy) {
			break
		}
	}
	if trial.HostLost {
		return nil, errors.New(trial.Failure)
	}
	return &trial, r.Store.StoreProfile(&trial)
}

func (r *Runner) profile(ctx context.Context, t Trial, attempt int) results.Trial {
	if r.Begin != nil {
		r.Begin(t, attempt)
	}
	d := r.drive(t)
	d.Depth, d.Live, d.Spec.Live = sample.Profiled, nil, 0
	plan := r.Plan.Profiling()
	d.Spec.Duration, d.Spec.Warmup = time.Duration(plan.Duration), time.Duration(plan.Warmup)
	trial := r.driven(ctx, t, d).trial
	if trial.Failure == "" {
		trial.Verdicts = results.Judge(&trial)
	}
	return trial
}
