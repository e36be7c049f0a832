package main

import (
	"bytes"
	"cmp"
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

// The folders of the workload itself among those of a choose; the others are of what changes it.
const (
	firstChoice   = "choice"
	capacityFirst = "capacity-" // before the name of the choice that it gives the rate of
)

// choiceAsked is what run.json keeps of a choice beside the plan of its stage.
type choiceAsked struct {
	Workload sweep.Plan `json:"workload"`
	SLO      read.SLO   `json:"slo"`
	NoChange bool       `json:"no_change,omitempty"`
}

// begin is the plan of the workload itself: what the flags say, or with --resume what is
// in the folder, which it holds then.
func (c *chooseCommand) begin() (sweep.Plan, error) {
	if c.Resume == "" {
		return c.asked.Workload, nil
	}
	run, _, _, err := results.Open(filepath.Join(c.Resume, capacityFirst+firstChoice))
	if errors.Is(err, results.ErrNoRun) || errors.Is(err, os.ErrNotExist) {
		run, _, _, err = results.Open(filepath.Join(c.Resume, firstChoice))
	}
	if err != nil {
		return sweep.Plan{}, usage(err)
	}
	if run.Choose != nil {
		err = json.Unmarshal(run.Choose, &c.asked)
	}
	if err == nil && (c.asked.Workload.Models == nil || c.asked.SLO == read.SLO{}) {
		err = errors.New("run.json does not say what was asked (nor did earlier versions): begin anew")
	}
	if err != nil {
		return sweep.Plan{}, usage(fmt.Errorf("%s was not begun by connbench choose: %w", c.Resume, err))
	}
	c.SLO, c.NoChange = c.asked.SLO, c.NoChange || c.asked.NoChange
	c.folder, err = results.HoldFolder(c.Resume)
	return c.asked.Workload, err
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

// begun opens the run of that name that an interrupted choose has left there, whose plan
// must be the given one. Where there is none it makes one.
func (c *chooseCommand) begun(s streams, x *session, name string, plan *sweep.Plan) (*results.Store, []results.Trial, error) {
	dir := filepath.Join(c.folder.Dir, name)
	if c.Resume != "" {
		var planned sweep.Plan
		store, trials, err := resume(s, dir, "run", &planned)
		if err == nil {
			if err = cmp.Or(samePlan(store, &planned, plan), x.goOn(store, beginAnew, false)); err != nil {
				store.Close()
			}
		}
		if !errors.Is(err, results.ErrNoRun) && !errors.Is(err, os.ErrNotExist) {
			return store, trials, err
		}
	}
	asked, err := json.Marshal(c.asked)
	if err != nil {
		return nil, nil, err
	}
	store, err := x.create(dir, plan, results.Run{Trials: len(plan.Order()), Choose: asked})
	return store, nil, err
}

// samePlan reports that a run was begun with another plan than the choice asks for.
func samePlan(store *results.Store, planned, plan *sweep.Plan) error {
	begun, err := json.Marshal(planned)
	asked, bad := json.Marshal(plan)
	if err = errors.Join(err, bad); err == nil && !bytes.Equal(begun, asked) {
		err = usage(fmt.Errorf("%s has another plan than the choice that it is of: begin anew", store.Dir))
	}
	return err
}
