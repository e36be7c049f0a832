package calibrate

import (
	"context"
	"fmt"
	"strings"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sample"
	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"connbench/results"
)

// Bench runs the measurements.
type Bench struct {
	Options   Options
	Client    []string // the command of a client process; see [loadgen.Serve]
	Placement system.Placement
	// Environment is what the report says of the machine.
	Environment results.Environment
	// Echo is the server that the client is compared with.
	Echo sweep.Row
	// Calibration is the calibration server with this config, the address apart.
	Calibration func(ServerConfig) sweep.Row

	// Progress, if not nil, is called after each repetition.
	Progress func(line string)
}

type point struct {
	name        string
	row         func(seed uint64) sweep.Row
	spec        func(seed uint64) loadgen.Spec
	path        func(loadgen.Spec) Path // nil where nothing is known
	bounds      bounds
	wanted      int
	repetitions []Repetition
}

// done reports whether p has as many quiet repetitions as are wanted, or has been
// tried often enough.
func (p *point) done() bool {
	return len(quiet(p.repetitions)) >= p.wanted || len(p.repetitions) >= attempts*p.wanted
}

// beside is about what a repetition takes besides its window: to look whether the CPUs are idle, and
// to start and end a server and a client.
const beside = 550 * time.Millisecond

// Takes is about how long Run takes at least, where every repetition is quiet, and at most.
func (b *Bench) Takes() (least, most time.Duration) {
	o := &b.Options
	wanted := time.Duration(len(b.points().all()) * o.Repetitions)
	spec := o.spec(0)
	each := spec.Warmup + spec.Duration + beside
	return wanted * each, wanted * (attempts*each + b.waits())
}

// waits is how long Run waits for idle CPUs at most, for each repetition wanted.
func (b *Bench) waits() time.Duration { return min(patience, b.Options.Duration) }

// Run measures everything, each point in turn and then all again, so that a drift
// of the machine meets all alike. It fails when something cannot be measured, not
// when it is measured to be bad.
func (b *Bench) Run(ctx context.Context) (*Report, error) {
	m := b.points()
	all := m.all()
	seed, started := b.Options.Seed, time.Now().UTC()
	left := b.waits() * time.Duration(b.Options.Repetitions*len(all))
	for ran := true; ran; {
		ran = false
		for _, p := range all {
			if p.done() {
				continue
			}
			ran = true
			b.await(ctx, &left)
			r, err := b.repeat(ctx, p, seed)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			seed++
			p.repetitions = append(p.repetitions, *r)
			b.report(p, r)
		}
	}
	return m.report(b, started), nil
}

func (b *Bench) report(p *point, r *Repetition) {
	if b.Progress == nil {
		return
	}
	outcome := "quiet"
	if !r.Quiet() {
		outcome = "noisy: " + strings.Join(r.Noise, ", ")
	}
	b.Progress(fmt.Sprintf("%s: mean %v, p99 %v; %s (%d of %d quiet)", p.name, r.latency().Mean, r.latency().P99,
		outcome, len(quiet(p.repetitions)), p.wanted))
}

func (b *Bench) repeat(ctx context.Context, p *point, seed uint64) (*Repetition, error) {
	d := sweep.Drive{Row: p.row(seed), Spec: p.spec(seed), Client: b.Client, Placement: b.Placement, Depth: sample.Window}
	driven, err := d.Run(ctx)
	if err == nil {
		err = driven.Slow
	}
	if err != nil {
		return nil, err
	}
	r := &Repetition{
		Trial:    driven.Trial(),
		response: driven.Distributions[loadgen.ResponseDistribution].Histogram,
		pacing:   driven.Distributions[loadgen.PacingDistribution].Histogram,
	}
	r.Model = d.Row.Name
	if p.path != nil {
		path := p.path(d.Spec)
		r.Path = &path
	}
	r.judge(p.bounds)
	return r, nil
}
