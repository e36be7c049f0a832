package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"connbench/loadgen/sweep"

	"connbench/results"
)

type runCommand struct {
	Plan      string `help:"A plan as YAML, with the names of these flags; flags override it." placeholder:"FILE"`
	planFlags `embed:""`

	Out    string `help:"The run's folder, to be made; by default runs/ and the time." placeholder:"DIR"`
	Resume string `help:"Go on with the run in this folder, as it was planned." placeholder:"DIR"`
	Force  bool   `help:"With --resume: go on although machine or software are not those of the run. Trials from there on are marked, and reported apart."`
	JSON   bool   `help:"Print the run and its trials as JSON."`

	planned sweep.Plan // see check
}

func (c *runCommand) check(given []string) (err error) {
	if c.Resume != "" {
		return resumesAlone(given)
	}
	if c.planned, err = c.plan(c.Plan, given); err != nil {
		return err
	}
	return checkPlan(&c.planned)
}

func (c *runCommand) Help() string {
	return "Each model is measured at each number of clients and each payload, in shuffled blocks, every trial with a fresh " +
		"server process. Trials that others on the machine have disturbed are repeated. The run's folder keeps the plan, every trial, " +
		"a summary and the figures; a table, and which rows differ beyond chance, are printed at the end."
}

func (c *runCommand) Run(ctx context.Context, s streams) error {
	runner, cleanup, err := c.prepare(ctx, s)
	if err != nil {
		return err
	}
	defer cleanup()
	p := newProgress(s.err, newPlanCourse("", runner.Done(), runner.Plan), runner.Stored)
	p.attach(runner)
	err = runner.Run(ctx)
	p.end()
	if err == nil {
		return c.finish(s, runner.Store)
	}
	return unfinished(err, "run", runner.Store.Dir)
}

// finish reports on a complete run, which fails if nothing in it was measured.
func (c *runCommand) finish(s streams, store *results.Store) error {
	if err := report(s, store.Dir, false, c.JSON, nil); err != nil {
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
func (c *runCommand) prepare(ctx context.Context, s streams) (*sweep.Runner, func(), error) {
	plan := c.planned
	var store *results.Store
	var stored []results.Trial
	var err error
	if c.Force && c.Resume == "" {
		return nil, nil, usage(errors.New("--force is for --resume"))
	}
	if c.Resume != "" {
		if store, stored, err = resume(s, c.Resume, "run", &plan); err != nil {
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
	} else if err = x.goOn(store, "--force goes on, and keeps these trials apart", c.Force); err != nil {
		store.Close()
		x.close()
		return nil, nil, err
	}
	x.warn(s)
	runner := x.runner(store, stored)
	return &runner, func() { store.Close(); x.close() }, nil
}

// unwrapPath leaves "PATH: reason" of an error about a path.
func unwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}
