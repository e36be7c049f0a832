package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"connbench/loadgen/sweep"

	"github.com/alecthomas/kong"

	"connbench/results"
)

// firstChoice is the folder of the workload itself among those of a choose; the
// others are of what changes it.
const firstChoice = "choice"

// original is the choose that began the folder of --resume, by the command line that is
// kept there.
func (c *chooseCommand) original() (*chooseCommand, error) {
	run, _, _, err := results.Open(filepath.Join(c.Resume, firstChoice))
	if err != nil {
		return nil, usage(err)
	}
	var began struct {
		Choose chooseCommand `cmd:""`
	}
	parser, err := kong.New(&began, kong.WithHyphenPrefixedParameters(true))
	if err != nil {
		return nil, err
	}
	if _, err := parser.Parse(run.Command[min(1, len(run.Command)):]); err != nil {
		return nil, usage(fmt.Errorf("%s was not begun by connbench choose: %w", c.Resume, err))
	}
	began.Choose.Out, began.Choose.Resume = c.Resume, c.Resume
	if err := began.Choose.validate(); err != nil {
		return nil, err
	}
	if began.Choose.folder, err = results.HoldFolder(c.Resume); err != nil {
		return nil, err
	}
	return &began.Choose, nil
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
