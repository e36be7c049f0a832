package main

import (
	"connbench/plots/figures"
	"connbench/plots/look"
	"connbench/results"
)

// drawer draws a run's figures with its rows as its plan has them: that gives rows which are
// few colours of their own.
func drawer(run *results.Run) figures.Drawer {
	return figures.Drawer{Env: &run.Environment, Order: run.Models}
}

// drawing is off in tests that look at no figure: with the race detector figures would
// take most of their time.
var drawing = true

// drawn puts together what several draw; an error is that of the first which has one.
func drawn(draw ...func() ([]look.Figure, error)) ([]look.Figure, error) {
	var all []look.Figure
	if !drawing {
		return nil, nil
	}
	for _, some := range draw {
		f, err := some()
		if err != nil {
			return nil, err
		}
		all = append(all, f...)
	}
	return all, nil
}
