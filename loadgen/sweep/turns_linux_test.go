package sweep

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connbench/loadgen"
	"connbench/results"
)

// One takes its turn at a time, each as many as it has; one that ends early holds nobody up.
func TestTurns(t *testing.T) {
	slices := []int64{5, 3, 0, 5} // of each; 0 fails before it has any
	all := newTurns(len(slices), patience)
	go all.run(t.Context(), rand.New(rand.NewPCG(1, 1)))
	var at, together, taken atomic.Int64
	busy := func() {
		if at.Add(1) > 1 {
			together.Add(1)
		}
		for range 100 {
			runtime.Gosched()
		}
		at.Add(-1)
	}
	var running sync.WaitGroup
	for i, n := range slices {
		running.Go(func() {
			turn := all.all[i]
			defer turn.leave()
			<-turn.begin
			busy()
			for range n {
				if err := turn.rest(t.Context()); err != nil {
					t.Error(err)
				}
				busy()
				taken.Add(1)
			}
			if n > 0 {
				turn.leave()
				<-all.over
			}
		})
	}
	running.Wait()
	if together.Load() > 0 || taken.Load() != 13 {
		t.Errorf("%d turns, %d at once", taken.Load(), together.Load())
	}
}

func TestTurnsEnd(t *testing.T) {
	all := newTurns(2, patience)
	ctx, cancel := context.WithCancel(t.Context())
	go all.run(ctx, rand.New(rand.NewPCG(1, 1)))
	turn := all.all[0]
	<-turn.begin
	ended := make(chan error)
	go func() { // the other one never begins
		defer turn.leave()
		ended <- turn.rest(ctx)
	}()
	cancel()
	if err := <-ended; err == nil {
		t.Error("a turn after the end")
	}
	<-all.over
}

// Trials of a block are measured in slices, each on a server of its own; one that dies is
// a failure by itself.
func TestRunnerInTurns(t *testing.T) {
	s := newStage(t, "good", "telling", "exit", "dying")
	s.Plan.Think, s.Plan.Trials = 0, 2
	s.Plan.Duration, s.Plan.Slice = Duration(60*time.Millisecond), Duration(20*time.Millisecond)
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.deserted(t, 8)
	if len(s.Stored) != 8 {
		t.Fatalf("%d trials", len(s.Stored))
	}
	began, whole := map[int]time.Time{}, map[string]bool{}
	for _, trial := range s.Stored {
		if trial.Model == "exit" || trial.Model == "dying" {
			if trial.Failure == "" {
				t.Errorf("%s: %+v", trial.Model, trial)
			}
			continue
		}
		if whole[trial.Model] { // whose clients waited, on this machine, for longer than a slice
			continue
		}
		whole[trial.Model] = results.Starves(&trial) || results.Restless(&trial)
		if trial.Failure != "" || trial.Requests == 0 || trial.DurationNS != int64(60*time.Millisecond) || trial.ServerUsage == nil || trial.Noise != nil && trial.Noise.CPUs != nil || trial.Kernel != nil {
			t.Errorf("%s: %+v", trial.Model, trial)
		}
		if at, known := began[trial.Block]; known && !at.Equal(trial.StartedAt) {
			t.Errorf("block %d began at %v and %v", trial.Block, at, trial.StartedAt)
		}
		began[trial.Block] = trial.StartedAt
	}
}

// A server that works while others are measured makes their trials noisy, and has its further
// ones by itself, also after a break.
func TestRunnerInTurnsBesideRestless(t *testing.T) {
	s := newStage(t, "good", "telling", "spinning")
	s.Plan.Think, s.Plan.Trials, s.Plan.Retries = 0, 2, 1
	s.Plan.Duration, s.Plan.Slice = Duration(300*time.Millisecond), Duration(20*time.Millisecond) // long beside what a server does once
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	restless := 0
	for _, trial := range s.Stored {
		beside := trial.Block == 0 && trial.Attempt == 0
		disturbed := trial.Noise != nil && trial.Noise.Restless != nil && *trial.Noise.Restless > 0.2
		switch {
		case trial.Failure != "":
			t.Errorf("%s: %s", trial.Model, trial.Failure)
		case trial.Model == "spinning":
			if results.Restless(&trial) {
				restless++
			}
		case beside != disturbed || beside && !slices.Contains(trial.Verdicts, results.Noisy):
			t.Errorf("%s in block %d, attempt %d: %v, %+v", trial.Model, trial.Block, trial.Attempt, trial.Verdicts, trial.Noise)
		}
	}
	if again := (&Runner{Plan: s.Plan, Stored: s.Stored}); again.Done() != 6 || again.rests(Trial{Model: "spinning"}) || !again.rests(Trial{Model: "good"}) || restless != 1 {
		t.Errorf("%d trials done, %d restless", again.Done(), restless)
	}
}

// One that is by itself, since its others have failed or are not to be repeated, disturbed nobody.
func TestDisturb(t *testing.T) {
	of := func(cpus float64, failure string) made {
		return made{trial: results.Trial{Failure: failure, ServerUsage: &results.ServerUsage{ServerRestCPUs: &cpus}}}
	}
	for name, tt := range map[string]struct {
		came     map[int]made
		disturbs bool
	}{
		"beside another":       {map[int]made{0: of(0.9, ""), 1: of(0, "")}, true},
		"by itself":            {map[int]made{0: of(0.9, "")}, false},
		"beside one that died": {map[int]made{0: of(0.9, ""), 1: of(0, "died")}, false},
	} {
		disturb(tt.came, 1)
		trial := tt.came[0].trial
		if got := results.Restless(&trial); got != tt.disturbs {
			t.Errorf("%s: disturbs %v", name, got)
		}
		if other, both := tt.came[1]; both && tt.disturbs && *other.trial.Noise.Restless != 0.9 {
			t.Errorf("%s: %v CPUs of the other's slices were taken", name, *other.trial.Noise.Restless)
		}
	}
}

// A row that had clients wait for longer than a slice has whole trials at that point, also after a break.
func TestRunnerInTurnsOfStarving(t *testing.T) {
	rest := 0.0
	unfair := results.Trial{Model: "unfair", Clients: 256, ClientsActive: 256, ClientsServed: 256, PayloadBytes: 64, Verdicts: []string{results.Little},
		ServerUsage: &results.ServerUsage{ServerRestCPUs: &rest}}
	there := Trial{Model: "unfair", Clients: 256, Payload: Payload{Size: 64}}
	for name, tt := range map[string]struct {
		change func(*results.Trial, *Trial)
		rests  bool
	}{
		"as it is":       {func(*results.Trial, *Trial) {}, false},
		"another row":    {func(_ *results.Trial, at *Trial) { at.Model = "fair" }, true},
		"fewer clients":  {func(_ *results.Trial, at *Trial) { at.Clients = 16 }, true},
		"disturbed":      {func(t *results.Trial, _ *Trial) { t.Verdicts = append(t.Verdicts, results.Noisy) }, true},
		"valid":          {func(t *results.Trial, _ *Trial) { t.Verdicts = nil }, true},
		"not all served": {func(t *results.Trial, _ *Trial) { t.ClientsServed = 64 }, true},
		"a whole trial":  {func(t *results.Trial, _ *Trial) { t.ServerUsage = nil }, true},
	} {
		trial, at := unfair, there
		tt.change(&trial, &at)
		r := Runner{Stored: []results.Trial{trial}}
		if r.recall(); r.rests(at) != tt.rests {
			t.Errorf("%s: in turns %v, want %v", name, r.rests(at), tt.rests)
		}
	}
}

func TestRunnerInTurnsIsInterrupted(t *testing.T) {
	s := newStage(t, "good", "telling")
	s.Plan.Think = 0
	s.Plan.Duration, s.Plan.Slice = Duration(time.Hour), Duration(10*time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.Begin = func(Trial, int) { time.AfterFunc(300*time.Millisecond, cancel) }
	if err := s.Run(ctx); err == nil || len(s.Stored) > 0 {
		t.Errorf("%v, %d trials", err, len(s.Stored))
	}
	s.deserted(t, s.entered(t))
}

// A client that hangs in its turn is given up as one of a whole trial is, and the others go on.
func TestRunnerInTurnsGivesUp(t *testing.T) {
	t.Parallel()
	s := newStage(t, "good", "telling")
	s.Plan.Think = 0
	s.Plan.Duration, s.Plan.Slice, s.Plan.Timeout = Duration(60*time.Millisecond), Duration(20*time.Millisecond), Duration(100*time.Millisecond)
	s.StartTimeout, s.ClientSlack = 10*time.Second, time.Second
	s.Client = []string{executable(t), "act-client-one-hanging", filepath.Join(t.TempDir(), "first")}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	s.deserted(t, 2)
	var failures []string
	for _, trial := range s.Stored {
		failures = append(failures, trial.Failure)
	}
	slices.Sort(failures)
	if want := []string{"", "client process: no end of its turn within 16.12s"}; !slices.Equal(failures, want) {
		t.Errorf("%q, want %q", failures, want)
	}
}

// Trials that take turns may take as long together as each may be long.
func TestTurnsOfAWeek(t *testing.T) {
	all := newTurns(2, patience)
	var s loadgen.Stages
	all.hold(t.Context(), all.all[0], &s)
	if weeks := 7 * 24 * time.Hour * time.Duration(len(all.all)); s.Slack < weeks || s.Slack+weeks < 0 {
		t.Errorf("clients may take %v more", s.Slack)
	}
}

// Whole trials follow each other where the load cannot rest, there is one row, or there are too
// many connections.
func TestInTurns(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Plan)
		want   bool
	}{
		"a closed loop":    {func(*Plan) {}, true},
		"an open loop":     {func(p *Plan) { p.Rates = Rates(100) }, false},
		"clients that go":  {func(p *Plan) { p.RequestsPerConn = 10 }, false},
		"with pauses":      {func(p *Plan) { p.Think = Duration(time.Millisecond) }, false},
		"one row":          {func(p *Plan) { p.Models = p.Models[:1] }, false},
		"many connections": {func(p *Plan) { p.Clients = []int{mostInTurns} }, false},
		"idle ones closed": {func(p *Plan) { p.Knobs = map[string]string{"idle-timeout": "10ms"} }, false},
		"one slice":        {func(p *Plan) { p.Slice = p.Duration }, false},
		"no slices":        {func(p *Plan) { p.Slice = 0 }, false},
	} {
		p := DefaultPlan([]string{"a", "b"})
		p.Slice = Duration(30 * time.Millisecond)
		tt.change(&p)
		r := &Runner{Plan: p, Rows: map[string]Row{"a": {Network: "tcp"}, "b": {Network: "tcp"}}}
		for round := range p.rounds(Numbers{}) {
			if got := r.inTurns(round[0]); got != tt.want {
				t.Errorf("%s: %v", name, got)
			}
			break
		}
	}
}
