package sweep

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"connbench/loadgen"
	"connbench/results"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Trials of a block can take turns: all servers are up and all clients connected, and a slice of
// each trial is measured after the other, in an order that is shuffled in each cycle. Phases of the
// machine, which last for seconds, then meet all rows alike. It takes servers that rest when they
// are not asked: of one that does not the trials are whole, and so are all on other hosts.

// mostInTurns is how many connections the trials of a block have together at the most.
const mostInTurns = 20_000

// rests reports whether a trial can be among those that take turns: its row's server has not been
// seen to work while others had theirs, nor there to have clients wait for longer than its own.
func (r *Runner) rests(t Trial) bool {
	return !r.restless[t.Model] && !r.starving[rowAt{t.at(), t.Model}]
}

// inTurns reports whether the trials of a block are measured in slices.
func (r *Runner) inTurns(b block) bool {
	if r.Team != nil || len(b) < 2 || len(b)*b[0].Clients > mostInTurns {
		return false
	}
	return r.spec(b[0]).Slice > 0
}

func (r *Runner) spec(t Trial) loadgen.Spec { return r.Plan.Spec(t, r.Rows[t.Model].Network, "") }

type made struct {
	trial         results.Trial
	distributions map[string]*hdrhistogram.Histogram
}

// turns are those of the trials of a block. They begin one after the other, each when the one
// before is connected, and end together, when the last slice is over.
type turns struct {
	all  []*turn
	over chan struct{}
	took func()        // after each turn; nil where nobody asks
	most time.Duration // that a turn may take
}

type turn struct {
	begin, ahead chan struct{}
	rests        chan bool // whether another slice is to come
	left         sync.Once
	giveUp       func() // ends the trial
}

func newTurns(n int, most time.Duration) *turns {
	all := &turns{over: make(chan struct{}), most: most}
	for range n {
		all.all = append(all.all, &turn{begin: make(chan struct{}), ahead: make(chan struct{}), rests: make(chan bool, 2), giveUp: func() {}})
	}
	return all
}

// run gives each its turn until all have left, or ctx ends.
func (all *turns) run(ctx context.Context, random *rand.Rand) {
	defer close(all.over)
	var in []*turn
	for _, t := range all.all {
		if all.takes(ctx, t, t.begin) {
			in = append(in, t)
		}
	}
	for len(in) > 0 && ctx.Err() == nil {
		random.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
		var still []*turn
		for _, t := range in {
			if all.takes(ctx, t, t.ahead) {
				still = append(still, t)
			}
			if all.took != nil {
				all.took()
			}
		}
		in = still
	}
}

// takes lets a trial go until it rests, and reports whether it has another turn. One that takes
// too long is given up, or it would hold up all others.
func (all *turns) takes(ctx context.Context, t *turn, ahead chan struct{}) (more bool) {
	select {
	case ahead <- struct{}{}:
	case more = <-t.rests: // it has left, without any
		return more
	case <-ctx.Done():
		return false
	}
	defer time.AfterFunc(all.most, t.giveUp).Stop()
	select {
	case more = <-t.rests:
	case <-ctx.Done():
	}
	return more
}

func (t *turn) rest(ctx context.Context) error {
	t.rests <- true
	select {
	case <-t.ahead:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *turn) leave() { t.left.Do(func() { t.rests <- false }) }

// together measures trials in turns.
func (r *Runner) together(ctx context.Context, b block) map[int]made {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	all := newTurns(len(b), r.turn(b[0]))
	if r.Slices != nil {
		s, done := r.spec(b[0]), 0
		all.took = func() {
			done++
			r.Slices(done, len(b)*s.Turns())
		}
	}
	late := fmt.Errorf("client process: no end of its turn within %v", all.most)
	own := make([]context.Context, len(b))
	for i, turn := range all.all {
		var giveUp context.CancelCauseFunc
		own[i], giveUp = context.WithCancelCause(ctx)
		turn.giveUp = func() { giveUp(late) }
	}
	go all.run(ctx, rand.New(rand.NewPCG(r.Plan.Seed, uint64(b[0].Block))))
	came := map[int]made{}
	var mu sync.Mutex
	var running sync.WaitGroup
	began := time.Now()
	for i, t := range b {
		running.Go(func() {
			turn := all.all[i]
			defer turn.leave()
			select {
			case <-turn.begin:
			case <-ctx.Done():
				return
			}
			m := r.measure(own[i], t, func(s *loadgen.Stages) { all.hold(own[i], turn, s) })
			if m.trial.Failure != "" && context.Cause(own[i]) == late {
				m.trial.Failure = late.Error()
			}
			// All share the time in which they were measured, and the machine.
			m.trial.StartedAt, m.trial.Kernel, m.trial.Noise, m.trial.StealFraction, m.trial.Strain = began, nil, nil, nil, nil
			mu.Lock()
			defer mu.Unlock()
			came[t.Number] = m
		})
	}
	running.Wait()
	disturb(came, float64(cmp.Or(len(r.Placement.Server), runtime.NumCPU())))
	return came
}

// turn is how long one of a trial's turns may take: what a load of one slice may.
func (r *Runner) turn(t Trial) time.Duration {
	s := r.spec(t)
	s.Duration = min(s.Duration, s.Slice)
	return cmp.Or(r.StartTimeout, defaultStartTimeout) + s.Longest() + cmp.Or(r.ClientSlack, defaultTurnSlack)
}

// defaultTurnSlack is what a busy machine may add to a turn.
const defaultTurnSlack = 30 * time.Second

// hold makes a load wait for its turns.
func (all *turns) hold(ctx context.Context, t *turn, s *loadgen.Stages) {
	reached := s.Reached
	s.Reached = func(stage loadgen.Stage) error {
		switch stage {
		case loadgen.StageRest:
			return t.rest(ctx)
		case loadgen.StageFinished:
			t.leave()
			<-all.over // what follows would be in the others' slices
			time.AfterFunc(all.most, t.giveUp)
		}
		err := reached(stage)
		if err == nil && stage == loadgen.StageConnected {
			err = t.rest(ctx)
		}
		return err
	}
	s.Slack = math.MaxInt64 / 2 // the others' turns, which may take days: each has its own limit
}

// disturb says in each trial how much the servers of the others ran in its slices, of so many CPUs. One
// that is by itself rests for moments, in which its server ends what it was asked.
func disturb(came map[int]made, cpus float64) {
	used, all, whole := map[int]float64{}, 0.0, 0
	for n, m := range came {
		if u := m.trial.ServerUsage; u != nil && u.ServerRestCPUs != nil {
			used[n] = *u.ServerRestCPUs
			all += used[n]
		}
		if m.trial.Failure == "" {
			whole++
		}
	}
	for n, m := range came {
		if m.trial.Failure == "" && whole > 1 {
			others := max(0, all-used[n]) / cpus
			m.trial.Noise = &results.Noise{Restless: &others}
			came[n] = m
		}
	}
}
