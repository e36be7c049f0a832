package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"connbench/results"
	"slices"
)

// session is what a command needs that runs trials: rows, CPUs and a folder for sockets.
type session struct {
	plan       *sweep.Plan
	executable string
	scratch    *scratch
	lineup     *lineup
	placement  system.Placement
	env        results.Environment
}

// newSession makes the rows of a plan, has validate check it, given the network of
// each row, and chooses CPUs. The caller calls close.
func newSession(ctx context.Context, plan *sweep.Plan, validate func(network func(model string) string) error) (*session, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	folder, err := makeScratch(executable)
	if err != nil {
		return nil, err
	}
	x := &session{plan: plan, executable: executable, scratch: folder}
	if err := x.fill(ctx, validate); err != nil {
		x.close()
		return nil, err
	}
	return x, nil
}

func (x *session) fill(ctx context.Context, validate func(network func(model string) string) error) (err error) {
	if x.lineup, err = makeLineup(ctx, x.plan, x.executable, x.scratch.dir); err != nil {
		return err
	}
	if err := validate(func(model string) string { return x.lineup.rows[model].Network }); err != nil {
		return err
	}
	var allowed []int
	if allowed, x.placement, err = (&cpuFlags{x.plan.ServerCPUs, x.plan.ClientCPUs}).place(); err != nil {
		return err
	}
	x.env = system.Describe(allowed, x.placement)
	x.env.Python = x.lineup.python
	ours := sweep.Row{Name: "goroutine", Network: "tcp", Tells: true, Command: []string{x.executable, "serve", "goroutine"}}
	x.env.GoSettings = sweep.GoSettings(ctx, ours, x.placement.Server)
	x.env.Warnings = append(x.env.Warnings, cuts(x.plan)...)
	return nil
}

func (x *session) close() { x.scratch.remove() }

func (x *session) warn(s streams) {
	if len(x.lineup.left) > 0 {
		fmt.Fprintf(s.err, "connbench: left out: %s\n", explain(x.lineup.left))
	}
	if x.placement.Shared() {
		s.warn(x.env.Placement())
	}
	s.warn(x.env.Warnings...)
}

// runsDir is where runs go whose folder nobody names.
const runsDir = "runs"

// create makes a run's folder: out, or by default runs/ and the time. Plan is what
// run.json keeps as the plan, and trials how many it comes to.
func (x *session) create(out string, plan any, run results.Run) (*results.Store, error) {
	written, err := json.Marshal(plan)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if out == "" {
		if out, err = results.DatedFolder(runsDir, now); err != nil {
			return nil, err
		}
	}
	run.Command, run.Seed, run.Plan, run.Models = os.Args, x.plan.Seed, written, x.plan.Models
	run.CreatedAt, run.Environment = now.UTC(), x.env
	store, err := results.Create(out, run)
	if err != nil {
		return nil, outError(err)
	}
	return store, nil
}

// open makes the run's folder, unless there is one to go on with, which it may refuse, see goOn,
// and says what is not as one might expect. The caller closes the store.
func (x *session) open(s streams, store *results.Store, out string, plan any, run results.Run, instead string, apart bool) (*results.Store, error) {
	if store == nil {
		var err error
		if store, err = x.create(out, plan, run); err != nil {
			return nil, err
		}
	} else if err := x.goOn(store, instead, apart); err != nil {
		store.Close()
		return nil, err
	}
	x.warn(s)
	return store, nil
}

func outError(err error) error {
	err = fmt.Errorf("--out: %w", unwrapPath(err))
	if errors.Is(err, results.ErrInUse) {
		return err
	}
	return usage(err)
}

func (x *session) runner(store *results.Store, stored []results.Trial) sweep.Runner {
	return sweep.Runner{
		Plan:      *x.plan,
		Rows:      x.lineup.rows,
		Client:    []string{x.executable, "client"},
		Placement: x.placement,
		Store:     store,
		Stored:    stored,

		StartTimeout: time.Duration(x.plan.StartTimeout),
	}
}

// resumable are the commands that go on with a run, by the kind of run.
var resumable = map[string]string{"": "run", results.TableRun: "table", results.TuneRun: "tune", results.ClaimsRun: "claims", results.ScaleRun: "scale"}

// resumesAlone refuses flags beside --resume that say how to measure.
func resumesAlone(given []string) error {
	for _, flag := range given {
		if !slices.Contains([]string{"resume", "force", "json", "csv", "markdown", "no-change"}, flag) {
			return usage(fmt.Errorf("--resume goes on with the run as it was planned: leave out --%s", flag))
		}
	}
	return nil
}

// resume opens the run in dir, which must be one of the given command, to go on with it as
// it was planned, and reads that into plan; without a dir there is none. The caller closes the store.
func resume(s streams, dir, command string, plan any) (*results.Store, []results.Trial, error) {
	if dir == "" {
		return nil, nil, nil
	}
	store, trials, warnings, err := results.Reopen(dir)
	if errors.Is(err, results.ErrInUse) {
		return nil, nil, err
	}
	if err != nil {
		return nil, nil, usage(err)
	}
	if err := planOf(store, command, plan); err != nil {
		store.Close()
		return nil, nil, err
	}
	s.warn(warnings...)
	return store, trials, nil
}

func planOf(store *results.Store, command string, plan any) error {
	switch of, can := resumable[store.Run.Kind]; {
	case !can:
		return usage(fmt.Errorf("%s is of connbench %s, which does not go on: begin anew", store.Dir, store.Run.Kind))
	case of != command:
		return usage(fmt.Errorf("%s is of connbench %s; to go on: connbench %s --resume %s", store.Dir, of, of, store.Dir))
	}
	if err := json.Unmarshal(store.Run.Plan, plan); err != nil {
		return fmt.Errorf("%s: plan: %w", store.Dir, err)
	}
	return nil
}

// goOn is for trials of a session in a run that was begun by another. Where the machine or
// the software is not the same it is refused with what else to do, unless apart.
func (x *session) goOn(store *results.Store, instead string, apart bool) error {
	if err := store.GoOnIn(x.env, apart); err != nil {
		return usage(fmt.Errorf("%w (%s)", err, instead))
	}
	return nil
}

// beginAnew is what else to do with what is put together of all its trials.
const beginAnew = "go on there, or begin anew"

func unfinished(err error, command, dir string) error {
	return fmt.Errorf("%w; finished trials are kept; to go on: connbench %s --resume %s", interruption(err), command, dir)
}
