package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"connbench/cmd/connbench/fleet"
	"connbench/models"
	"connbench/models/all"
)

// enginesBinary is this program with the third-party engines linked into it (build
// tag engines). Importing one of them starts goroutines, and the runtime a thread for
// these: the process of any other row is to be free of that. So engines are served by
// a binary of their own, which stands beside this one.
const enginesBinary = "connbench-engines"

// goModels are the models that are written in Go: ours, and those of third parties if
// there is a binary that has them.
func goModels() []models.Model {
	engines, _ := engineModels()
	return slices.Concat(all.Models(), engines)
}

// linkedEngines are those linked into this binary; see engines_linked.go.
var linkedEngines []models.Model

// engineModels are the engines linked into this binary, or else those of
// enginesBinary, which is what has to serve them: their Open is nil. An error says
// that it is not there, or what is wrong with it.
var engineModels = sync.OnceValues(func() ([]models.Model, error) {
	if len(linkedEngines) > 0 {
		return linkedEngines, nil
	}
	path, err := enginesPath()
	if err != nil {
		return nil, err
	}
	var all []models.Model
	limited, cancel := context.WithTimeout(context.Background(), enginesTimeout)
	defer cancel()
	out, err := exec.CommandContext(limited, path, "models", "--json").Output()
	if limited.Err() != nil {
		err = fmt.Errorf("no answer within %v", enginesTimeout)
	}
	if err == nil {
		err = json.Unmarshal(out, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("%s models: %w", path, err)
	}
	return slices.DeleteFunc(all, func(m models.Model) bool { return m.Engine == "" }), nil
})

const enginesTimeout = 10 * time.Second

func enginesPath() (string, error) { return fleet.Beside(enginesBinary, "third-party engines") }

// modelOf is findModel of one name.
func modelOf(name string) (models.Model, error) { return findModel(name) }

// findModel returns one of goModels. The error lists them, and what else the caller
// knows.
func findModel(name string, others ...string) (models.Model, error) {
	named := func(m models.Model) bool { return m.Name == name }
	ours := all.Models()
	if i := slices.IndexFunc(ours, named); i >= 0 {
		return ours[i], nil // without asking another process for the engines
	}
	known := goModels()
	if i := slices.IndexFunc(known, named); i >= 0 {
		return known[i], nil
	}
	names := strings.Join(append(models.Names(known), others...), ", ")
	if _, err := engineModels(); err != nil {
		names = fmt.Sprintf("%s; %v", names, err)
	}
	return models.Model{}, usage(fmt.Errorf("unknown model %q (known: %s)", name, names))
}

// becomeEngines makes this process that of enginesBinary, with the same arguments. It
// returns only if that fails.
func becomeEngines() error {
	path, err := enginesPath()
	if err != nil {
		return err
	}
	return fleet.Become(path)
}
