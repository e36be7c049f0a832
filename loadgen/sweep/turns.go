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
// are not asked: of one that does not the trials are whole.

// mostInTurns is how many connections the trials of a block have together at the most.
const mostInTurns = 20_000

// rests reports whether a trial can be among those that take turns: its row's server has not been
// seen to work while others had theirs.
func (r *Runner) rests(t Trial) bool { return !r.restless[t.Model] }

// inTurns reports whether the trials of a block are measured in slices.
func (r *Runner) inTurns(b block) bool {
	if len(b) < 2 || len(b)*b[0].Clients > mostInTurns {
		return false
	}
	return r.spec(b[0]).Slice > 0
}

// spec is the load of a trial.
func (r *Runner) spec(t Trial) loadgen.Spec { return r.Plan.Spec(t, r.Rows[t.Model].Network, "") }

// made is what became of a trial.
type made struct {
	trial         results.Trial
	distributions map[string]*hdrhistogram.Histogram
}

// turns are those of the trials of a block. They begin one after the other, each when the one
// before is connected, and end together, when the last slice is over.
type turns struct {
	all  []*turn
	over chan struct{}
	took func() // after each turn; nil where nobody asks
}

// turn is one trial among them.
type turn struct {
	begin, ahead chan struct{}
	rests        chan bool // whether another slice is to come
	left         sync.Once

	first, further time.Duration             // how long it may take: until it is connected, and each time after that
	late           func(limit time.Duration) // ends it where it takes longer
}

func newTurns(n int) *turns {
	all := &turns{over: make(chan struct{})}
	for range n {
		all.all = append(all.all, &turn{begin: make(chan struct{}), ahead: make(chan struct{}), rests: make(chan bool, 2), first: time.Hour, further: time.Hour, late: func(time.Duration) {}})
	}
	return all
}

// run gives each its turn until all have left, or ctx ends.
func (all *turns) run(ctx context.Context, random *rand.Rand) {
	defer close(all.over)
	var in []*turn
	for _, t := range all.all {
		if t.takes(ctx, t.begin, t.first) {
			in = append(in, t)
		}
	}
	for len(in) > 0 && ctx.Err() == nil {
		random.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
		var still []*turn
		for _, t := range in {
			if t.takes(ctx, t.ahead, t.further) {
				still = append(still, t)
			}
			if all.took != nil {
				all.took()
			}
		}
		in = still
	}
}

// takes lets a trial go until it rests, and reports whether it has another turn.
func (t *turn) takes(ctx context.Context, ahead chan struct{}, limit time.Duration) (more bool) {
	select {
	case ahead <- struct{}{}:
	case more = <-t.rests: // it has left, without any
		return more
	case <-ctx.Done():
		return false
	}
	defer t.bound(limit).Stop()
	select {
	case more = <-t.rests:
	case <-ctx.Done():
	}
	return more
}

// bound ends t unless the timer is stopped before.
func (t *turn) bound(limit time.Duration) *time.Timer {
	return time.AfterFunc(limit, func() { t.late(limit) })
}

// rest waits for the next turn.
func (t *turn) rest(ctx context.Context) error {
	t.rests <- true
	select {
	case <-t.ahead:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave says that there is no further one.
func (t *turn) leave() { t.left.Do(func() { t.rests <- false }) }

// together measures trials in turns.
func (r *Runner) together(ctx context.Context, b block) map[int]made {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	all := newTurns(len(b))
	if r.Slices != nil {
		s, done := r.spec(b[0]), 0
		all.took = func() {
			done++
			r.Slices(done, len(b)*s.Turns())
		}
	}
	owns := make([]context.Context, len(b))
	for i, t := range b {
		owns[i] = r.limit(ctx, all.all[i], r.spec(t))
	}
	go all.run(ctx, rand.New(rand.NewPCG(r.Plan.Seed, uint64(b[0].Block))))
	came := map[int]made{}
	var mu sync.Mutex
	var running sync.WaitGroup
	began := time.Now()
	for i, t := range b {
		running.Go(func() {
			turn, own := all.all[i], owns[i]
			defer turn.leave()
			select {
			case <-turn.begin:
			case <-ctx.Done():
				return
			}
			m := r.measure(own, t, func(s *loadgen.Stages) {
				connected, finished := s.Connected, s.Finished
				s.Connected = func() error {
					if err := connected(); err != nil {
						return err
					}
					return turn.rest(own)
				}
				s.Rest = func() error { return turn.rest(own) }
				s.Finished = func() {
					turn.leave()
					<-all.over // what follows would be in the others' slices
					turn.bound(turn.further)
					finished()
				}
				s.Slack = time.Duration(math.MaxInt64 / 2) // the others' turns; each has an end
			})
			if m.trial.Failure != "" && own.Err() != nil && ctx.Err() == nil {
				m.trial.Failure = context.Cause(own).Error()
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

// limit is a context for a trial among others, and bounds each of its turns: who hangs in one,
// as a client process that is stopped, holds the others up no longer than that.
func (r *Runner) limit(ctx context.Context, t *turn, s loadgen.Spec) context.Context {
	own, end := context.WithCancelCause(ctx)
	slack := cmp.Or(r.ClientSlack, 30*time.Second)
	t.first = cmp.Or(r.StartTimeout, defaultStartTimeout) + s.Longest() + slack
	t.further = s.Warmup + s.Duration + 2*s.Timeout + slack
	t.late = func(limit time.Duration) { end(fmt.Errorf("its turn has not ended within %v", limit)) }
	return own
}

// disturb says in each trial how much the servers of the others ran in its slices, of so many CPUs.
func disturb(came map[int]made, cpus float64) {
	used, all := map[int]float64{}, 0.0
	for n, m := range came {
		if u := m.trial.ServerUsage; u != nil && u.ServerRestCPUs != nil {
			used[n] = *u.ServerRestCPUs
			all += used[n]
		}
	}
	for n, m := range came {
		if m.trial.Failure == "" && len(came) > 1 {
			others := max(0, all-used[n]) / cpus
			m.trial.Noise = &results.Noise{Restless: &others}
			came[n] = m
		}
	}
}
