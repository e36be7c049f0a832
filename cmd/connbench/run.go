package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

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
	err = interruption(err)
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
	x, err := newSession(ctx, &plan, plan.Validate)
	if err != nil {
		return nil, nil, err
	}
	if store == nil {
		if store, err = x.create(c.Out, plan, results.Run{Trials: len(plan.Order())}); err != nil {
			x.close()
			return nil, nil, err
		}
	}
	x.warn(s)
	runner := x.runner(store, stored)
	return &runner, func() { store.Close(); x.close() }, nil
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
	if kind := store.Run.Kind; kind != "" {
		store.Close()
		return nil, nil, plan, usage(fmt.Errorf("%s is of connbench %s, which does not go on: begin anew", c.Resume, kind))
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

// unwrapPath leaves "PATH: reason" of an error about a path.
func unwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}
