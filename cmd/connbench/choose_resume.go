package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"connbench/loadgen/sweep"
	"connbench/results"
	"connbench/results/read"
)

// firstChoice is the folder of the workload itself among those of a choose; the
// others are of what changes it.
const firstChoice = "choice"

// choiceAsked is what run.json keeps of a choice beside its plan.
type choiceAsked struct {
	SLO      read.SLO `json:"slo"`
	NoChange bool     `json:"no_change,omitempty"`
}

// run is one of the choice's runs.
func (c *chooseCommand) run(plan *sweep.Plan) (results.Run, error) {
	choose, err := json.Marshal(choiceAsked{c.SLO, c.NoChange})
	return results.Run{Trials: len(plan.Order()), Choose: choose}, err
}

// begin is the plan of the workload itself: what the flags say, or with --resume what is
// in the folder, which it holds then.
func (c *chooseCommand) begin() (sweep.Plan, error) {
	if c.Resume == "" {
		return c.plan(), nil
	}
	run, _, _, err := results.Open(filepath.Join(c.Resume, firstChoice))
	if err != nil {
		return sweep.Plan{}, usage(err)
	}
	if run.Choose == nil {
		return sweep.Plan{}, usage(fmt.Errorf("%s was not begun by connbench choose: run.json does not say what was asked (nor did earlier versions): begin anew", c.Resume))
	}
	var plan sweep.Plan
	var asked choiceAsked
	if err := errors.Join(json.Unmarshal(run.Plan, &plan), json.Unmarshal(run.Choose, &asked)); err != nil {
		return plan, usage(fmt.Errorf("%s: plan: %w", c.Resume, err))
	}
	c.SLO, c.NoChange = asked.SLO, asked.NoChange
	c.folder, err = results.HoldFolder(c.Resume)
	return plan, err
}

// hold makes the folder of the whole choice, if there is none yet to go on with.
func (c *chooseCommand) hold() (err error) {
	if c.folder != nil {
		return nil
	}
	dir := c.Out
	if dir == "" {
		if dir, err = results.DatedFolder(runsDir, time.Now()); err != nil {
			return err
		}
	}
	if c.folder, err = results.NewFolder(dir); err != nil {
		return outError(err)
	}
	return nil
}

func (c *chooseCommand) release() {
	if c.folder != nil {
		c.folder.Release()
	}
}

// begun opens the run of that name that an interrupted choose has left there, and reads its
// plan. It returns no store where there is none.
func (c *chooseCommand) begun(s streams, name string, plan *sweep.Plan) (*results.Store, []results.Trial, error) {
	if c.Resume == "" {
		return nil, nil, nil
	}
	var planned sweep.Plan
	store, trials, err := resume(s, filepath.Join(c.Resume, name), "run", &planned)
	if errors.Is(err, results.ErrNoRun) || errors.Is(err, os.ErrNotExist) {
		return nil, nil, nil
	}
	if err == nil {
		*plan = planned
	}
	return store, trials, err
}
