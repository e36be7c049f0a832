package main

import (
	"fmt"
	"slices"
	"strings"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/models"
)

// valueMark is where the value of a knob goes in the command of a server from
// elsewhere: a size in bytes, anything else as the flag has it.
const valueMark = "{value}"

// tunedExec is a server from elsewhere as the model to tune.
func tunedExec(text, network string) (models.Model, error) {
	e, err := sweep.ParseExec(text)
	if err != nil {
		return models.Model{}, err
	}
	refused := func(value, allowed string) (models.Model, error) {
		return models.Model{}, &loadgen.SpecError{Field: "exec", Value: value, Allowed: allowed}
	}
	if slices.Contains(known(), e.Name) {
		return refused(e.Name, "a name that is not that of a model")
	}
	if !slices.ContainsFunc(e.Command, func(word string) bool { return strings.Contains(word, valueMark) }) {
		return refused("the command of "+e.Name, "with "+valueMark+" where the value of the knob goes")
	}
	if e.Network != "" {
		network = e.Network
	}
	return models.Model{Name: e.Name, Networks: []string{network}}, nil
}

// execKnob is the one knob of a server from elsewhere that is tuned.
func execKnob(what string, chosen []tunable) ([]tunable, error) {
	if len(chosen) > 1 {
		return nil, &loadgen.SpecError{Field: "knob", Value: "none", Allowed: fmt.Sprintf("which of %s %s stands for: %s", what, valueMark, list(names(chosen)))}
	}
	return chosen, nil
}

// withValue is the text of --exec with the value of a row of ours in its place.
func withValue(exec, row string) string {
	_, value, _ := strings.Cut(row, "=")
	if size, err := sizeSetting(value); err == nil {
		value = size.code
	}
	return strings.ReplaceAll(exec, valueMark, value)
}
