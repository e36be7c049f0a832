package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/results"

	"github.com/alecthomas/kong"
)

type runCommand struct {
	Plan      string `help:"A plan as YAML, with the names of these flags; flags override it." placeholder:"FILE"`
	planFlags `embed:""`

	Out    string `help:"The run's folder, to be made; by default runs/ and the time." placeholder:"DIR"`
	Resume string `help:"Go on with the run in this folder, as it was planned." placeholder:"DIR"`
	JSON   bool   `help:"Print the run and its trials as JSON."`
}

func (c *runCommand) Help() string {
	return "Each model is measured at each number of clients and each payload, in shuffled blocks, every trial with a fresh " +
		"server process. Trials that others on the machine have disturbed are repeated. The run's folder keeps the plan, every trial, " +
		"a summary and the figures; a table, and which rows differ beyond chance, are printed at the end."
}

func (c *runCommand) Run(ctx context.Context, s streams, k *kong.Context) error {
	runner, cleanup, err := c.prepare(ctx, s, givenFlags(k))
	if err != nil {
		return err
	}
	defer cleanup()
	p := newProgress(s.err, runner.Done())
	runner.Progress = p.trial
	err = runner.Run(ctx)
	p.end()
	if err == nil {
		return c.finish(s, runner.Store)
	}
	if errors.Is(err, context.Canceled) {
		err = errInterrupted
	}
	return fmt.Errorf("%w; finished trials are kept; to go on: connbench run --resume %s", err, runner.Store.Dir)
}

// finish reports on a complete run, which fails if nothing in it was measured.
func (c *runCommand) finish(s streams, store *results.Store) error {
	if err := report(s, store.Dir, false, c.JSON); err != nil {
		return err
	}
	_, trials, _, err := results.Open(store.Dir)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(trials, func(t results.Trial) bool { return t.Failure == "" }) {
		return fmt.Errorf("no trial could be measured: %s", trials[0].Failure)
	}
	return nil
}

// prepare checks everything that can be wrong before the first trial, and then
// opens the run's folder.
func (c *runCommand) prepare(ctx context.Context, s streams, given []string) (*sweep.Runner, func(), error) {
	store, stored, plan, err := c.resume(s, given)
	if err != nil {
		return nil, nil, err
	}
	if store == nil {
		if plan, err = c.plan(c.Plan, given); err != nil {
			return nil, nil, err
		}
	}
	executable, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	folder, err := makeScratch(executable)
	if err != nil {
		return nil, nil, err
	}
	scratch, cleanup := folder.dir, folder.remove
	line, err := makeLineup(ctx, &plan, executable, scratch)
	if err == nil {
		err = plan.Validate(func(model string) string { return line.rows[model].Network })
	}
	var allowed []int
	if err == nil {
		allowed, err = loadgen.AllowedCPUs()
	}
	var placement sweep.Placement
	if err == nil {
		placement, err = sweep.Place(allowed, plan.ServerCPUs, plan.ClientCPUs)
	}
	if err == nil && store == nil {
		env := sweep.Describe(allowed, placement)
		env.Python = line.python
		store, err = c.create(plan, env)
	}
	if err != nil {
		cleanup()
		return nil, nil, err
	}
	if len(line.left) > 0 {
		fmt.Fprintf(s.err, "connbench: left out: %s\n", explain(line.left))
	}
	if placement.Shared() {
		fmt.Fprintf(s.err, "connbench: warning: %s\n", store.Run.Environment.Placement())
	}
	return &sweep.Runner{
		Plan:      plan,
		Rows:      line.rows,
		Client:    []string{executable, "client"},
		Placement: placement,
		Store:     store,
		Stored:    stored,

		StartTimeout: time.Duration(plan.StartTimeout),
	}, func() { store.Close(); cleanup() }, nil
}

// resume opens the run to go on with, if there is one.
func (c *runCommand) resume(s streams, given []string) (*results.Store, []results.Trial, sweep.Plan, error) {
	var plan sweep.Plan
	if c.Resume == "" {
		return nil, nil, plan, nil
	}
	for _, flag := range given {
		if flag != "resume" && flag != "json" {
			return nil, nil, plan, usage(fmt.Errorf("--resume goes on with the run as it was planned: leave out --%s", flag))
		}
	}
	store, trials, warnings, err := results.Reopen(c.Resume)
	if err != nil {
		return nil, nil, plan, usage(err)
	}
	for _, w := range warnings {
		fmt.Fprintf(s.err, "connbench: warning: %s\n", w)
	}
	if err := json.Unmarshal(store.Run.Plan, &plan); err != nil {
		store.Close()
		return nil, nil, plan, fmt.Errorf("%s: plan: %w", c.Resume, err)
	}
	return store, trials, plan, nil
}

// create makes the run's folder.
func (c *runCommand) create(plan sweep.Plan, env results.Environment) (*results.Store, error) {
	written, err := json.Marshal(plan)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	dir := c.Out
	if dir == "" {
		dir = filepath.Join("runs", now.Format("20060102-150405"))
	}
	store, err := results.Create(dir, results.Run{
		Command:     os.Args,
		Seed:        plan.Seed,
		Plan:        written,
		Models:      plan.Models,
		Trials:      len(plan.Order()),
		CreatedAt:   now.UTC(),
		Environment: env,
	})
	if err != nil {
		return nil, usage(fmt.Errorf("--out: %w", unwrapPath(err)))
	}
	return store, nil
}

// unwrapPath leaves "PATH: reason" of an error about a path.
func unwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}
