package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"


	"connbench/results"
)

// resumable are the commands that go on with a run, by the kind of run.
var resumable = map[string]string{"": "run", results.TableRun: "table", results.TuneRun: "tune"}

// resumesAlone refuses flags beside --resume that say how to measure.
func resumesAlone(given []string) error {
	for _, flag := range given {
		if !slices.Contains([]string{"resume", "force", "json", "csv", "markdown"}, flag) {
			return usage(fmt.Errorf("--resume goes on with the run as it was planned: leave out --%s", flag))
		}
	}
	return nil
}

// resume opens the run in dir, which must be one of the given command, to go on with it as
// it was planned, and reads that into plan. The caller closes the store.
func resume(s streams, dir, command string, plan any) (*results.Store, []results.Trial, error) {
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
	for _, w := range warnings {
		fmt.Fprintf(s.err, "connbench: warning: %s\n", w)
	}
	return store, trials, nil
}

// planOf reads the plan of a run, which must be one of the given command.
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

// unfinished is the error of a run that ended early, with how to go on with it.
func unfinished(err error, command, dir string) error {
	return fmt.Errorf("%w; finished trials are kept; to go on: connbench %s --resume %s", interruption(err), command, dir)
}
