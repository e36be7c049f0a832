package sweep

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/system"
	"connbench/results"
	"connbench/results/stats"
)

// Runner runs the trials of a plan.
type Runner struct {
	Plan      Plan
	Rows      map[string]Row // by model
	Client    []string       // the command of a client process; see [loadgen.Serve]
	Placement system.Placement
	Team      *Team // on whose hosts trials run; nil for this one
	Store     *results.Store
	Stored    []results.Trial // that the store has already, and in the end all that it has, but for those of [Runner.All] alone
	First     Numbers         // taken by the plans before this one

	Cgroups      system.Cgroups // in which the processes are
	StartTimeout time.Duration  // for a server to say its address; 0 for 10 s
	StopTimeout  time.Duration  // for a process to end when asked; 0 for 5 s
	ClientSlack  time.Duration  // for clients to report, beyond what their load can take; 0 for 30 s

	// Begin, if not nil, is called before each trial, with which attempt at it this is.
	Begin func(t Trial, attempt int)
	// Connecting, if not nil, is called once a second while the clients of a trial
	// connect, and by each process of them.
	Connecting func(connected int)
	// Live, if not nil, is called once a second while a trial runs.
	Live func(loadgen.Live)
	// Slices, if not nil, is called after each slice of a block, between two of them, with how
	// many are measured and how many are planned.
	Slices func(done, of int)
	// Progress, if not nil, is called after each trial is stored.
	Progress func(Progress)

	lost     []lostTrial           // stored too
	attempts map[int]int           // at each trial, stored
	tried    map[int]int           // likewise, with those at which another host was lost
	noisy    map[int]bool          // whether the last of them was
	done     int                   // trials
	block    block                 // under way
	blocks   int                   // before it, those of earlier plans too
	wide     map[stats.At][]string // rows that were too wide when last looked at
	until    time.Time
	kept     map[int]made    // trials that were measured with others
	restless map[string]bool // rows that work in others' slices
	starving map[rowAt]bool  // rows whose clients wait for longer than a slice
	left     map[rowAt]bool  // rows that are not in further blocks
	spared   int             // trials of theirs
	failed   error           // why the schedule has ended early

	profileRounds int // of a test; 0 for [ProfileRounds]
}

// Progress is how far a run is.
type Progress struct {
	Done  int // trials stored, each counted once, those of earlier plans too
	Total int // trials planned, but for those spared; with a precision, those before it is looked at
	// Spared is how many of the planned trials are not to be run, since rows have left.
	Spared int

	Kept   int // trials that are measured and not stored yet, of those that take turns
	Blocks int // of which every trial is stored and none is to be repeated

	Trial  *results.Trial // the last one
	Repeat bool           // it was noisy, and will be repeated at the end of its block, or a host was lost

	Wide  int       // with a precision, rows that were too little known when last looked at
	Until time.Time // with a precision, when no further block begins
}

// Run runs what is left of the plan. It returns the context's error when that
// ends first; the trial at hand is then dropped, and every process has ended. A
// trial that fails is stored with its reason and does not end the run; what
// cannot be stored does.
//
// A noisy trial is repeated at the end of its block, up to a bound. In a race rows leave, at
// planned looks, of which more trials would not change the answer. With a precision
// further blocks follow of the points, and of the rows, where comparisons are too wide, until
// there is none or time is up. What is decided rests on the trials of the rounds before, so that
// a run that was interrupted goes on as it would have.
func (r *Runner) Run(ctx context.Context) error {
	r.recall()
	for t, attempt := range r.schedule() {
		if err := r.attempt(ctx, t, attempt); err != nil {
			return err
		}
	}
	return r.failed
}

// schedule is what is left to run: trials, and which attempt at each it is. What has
// become of one must be noted before the next is asked for.
func (r *Runner) schedule() iter.Seq2[Trial, int] {
	return func(yield func(Trial, int) bool) {
		r.left, r.spared = map[rowAt]bool{}, 0
		r.until = time.Now().Add(time.Duration(cmp.Or(r.Plan.MaxTime, defaultMaxTime)))
		r.blocks = r.First.Blocks
		n := 0
		for round := range r.Plan.rounds(r.First) {
			if n++; r.looks(n) {
				r.wide = stats.Wide(r.before(round[0][0].Number), float64(r.Plan.Precision))
			}
			if r.failed = r.race(n, round); r.failed != nil {
				return
			}
			planned := len(round)
			if n > r.Plan.Trials {
				if round = only(round, func(t Trial) bool { return slices.Contains(r.wide[t.at()], t.Model) }); len(round) == 0 {
					return
				}
			} else {
				round = only(round, func(t Trial) bool { return !r.left[rowAt{t.at(), t.Model}] })
				r.blocks += planned - len(round)
			}
			for _, b := range round {
				if n > r.Plan.Trials && time.Now().After(r.until) && !slices.ContainsFunc(b, func(t Trial) bool { return r.attempts[t.Number] > 0 }) {
					return
				}
				r.block = b
				for t, attempt, more := r.next(b); more; t, attempt, more = r.next(b) {
					if !yield(t, attempt) {
						return
					}
				}
				r.blocks++
			}
		}
	}
}

// lostTrial is an attempt at which another host was lost, behind so many that were stored before.
type lostTrial struct {
	results.Trial
	behind int
}

// All is what the store has, in order: Stored, and attempts at which another host was lost, which
// say nothing of their rows.
func (r *Runner) All() []results.Trial {
	all := slices.Clone(r.Stored)
	for _, t := range r.lost {
		all = slices.Insert(all, t.behind, t.Trial)
	}
	return all
}

// Done is the number of trials that are stored, each counted once.
func (r *Runner) Done() int {
	r.recall()
	return r.done
}

func (r *Runner) recall() {
	stored := r.All()
	r.Stored, r.lost, r.attempts, r.noisy, r.done = nil, nil, map[int]int{}, map[int]bool{}, 0
	r.tried = map[int]int{}
	r.restless, r.starving = map[string]bool{}, map[rowAt]bool{}
	for i := range stored {
		r.note(&stored[i])
	}
}

func (r *Runner) note(t *results.Trial) {
	r.tried[t.Trial] = max(r.tried[t.Trial], t.Attempt+1)
	if t.HostLost {
		r.lost = append(r.lost, lostTrial{*t, len(r.Stored) + len(r.lost)})
		return // it says nothing of its row, and is to be made again
	}
	r.Stored = append(r.Stored, *t)
	if r.attempts[t.Trial] == 0 {
		r.done++
	}
	if results.Restless(t) {
		r.restless[t.Model] = true
	}
	if results.Starves(t) {
		r.starving[rowAt{stats.At{Clients: t.Clients, PayloadBytes: t.PayloadBytes, RateRPS: t.RateRPS}, t.Model}] = true
	}
	r.attempts[t.Trial]++
	// One that left clients out would not be valid on a quiet machine either.
	r.noisy[t.Trial] = slices.Contains(t.Verdicts, results.Noisy) && t.ClientsServed == t.ClientsActive
}

// only leaves of a round the trials that are in it.
func only(round []block, in func(Trial) bool) []block {
	var left []block
	for _, b := range round {
		if b = slices.DeleteFunc(slices.Clone(b), func(t Trial) bool { return !in(t) }); len(b) > 0 {
			left = append(left, b)
		}
	}
	return left
}

// looks reports whether what is known is looked at before a round, by its number from 1:
// after those that are always measured, and then each time there are a quarter more, since
// whoever looks after each stops when chance is kind.
func (r *Runner) looks(n int) bool {
	at := r.Plan.Trials
	for at < n-1 {
		at += max(1, at/4)
	}
	return at == n-1 && r.Plan.Precision > 0
}

// next is what comes next in a block: each trial once, and then again those that were
// noisy.
func (r *Runner) next(b block) (t Trial, attempt int, more bool) {
	for attempt := range r.Plan.Retries + 1 {
		for _, t := range b {
			if r.attempts[t.Number] == attempt && (attempt == 0 || r.noisy[t.Number]) {
				return t, attempt, true
			}
		}
	}
	return t, 0, false
}

// mostLost is at how many attempts at one trial, one after the other, other hosts may be lost.
const mostLost = 5

// attempt runs a trial and stores it. Where another host is lost meanwhile, that is stored too, and
// it is run again when the host is back.
func (r *Runner) attempt(ctx context.Context, t Trial, attempt int) error {
	for n := 1; ; n++ {
		trial, err := r.once(ctx, t, attempt)
		if err != nil || !trial.HostLost {
			return err
		}
		if n == mostLost {
			return fmt.Errorf("trial %d: %d attempts have failed, the last of them: %s", t.Number, n, trial.Failure)
		}
		if err := r.Team.Hosts.Await(ctx); err != nil {
			return err
		}
	}
}

func (r *Runner) once(ctx context.Context, t Trial, attempt int) (*results.Trial, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.Begin != nil {
		r.Begin(t, attempt)
	}
	trial, distributions := r.trial(ctx, t)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	trial.Attempt = r.tried[t.Number]
	if err := r.Store.Append(&trial, distributions); err != nil {
		return nil, err
	}
	r.note(&trial)
	if r.Progress != nil {
		r.Progress(r.progress(&trial))
	}
	return &trial, nil
}

func (r *Runner) progress(t *results.Trial) Progress {
	p := Progress{Done: r.done, Total: r.Plan.After(r.First).Trials - r.spared, Spared: r.spared, Kept: len(r.kept), Blocks: r.blocks, Trial: t}
	p.Repeat = t.HostLost || r.noisy[t.Trial] && r.attempts[t.Trial] <= r.Plan.Retries
	if _, _, more := r.next(r.block); !more {
		p.Blocks++
	}
	if r.Plan.Precision > 0 {
		for _, rows := range r.wide {
			p.Wide += len(rows)
		}
		p.Until = r.until
	}
	return p
}
