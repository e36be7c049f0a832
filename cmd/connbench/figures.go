package main

import (
	"errors"

	"connbench/plots"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// saveFigures draws into a run's folder all that its trials allow, and returns the paths,
// also of an error those before it.
func saveFigures(dir string, run *results.Run, trials []results.Trial, points []stats.Point, distributions []stats.Distribution) ([]string, error) {
	into, env := results.FiguresDir(dir), &run.Environment
	var all []string
	for _, save := range []func() ([]string, error){
		func() ([]string, error) { return plots.Figures(into, points, env) },
		func() ([]string, error) { return plots.PercentileFigures(into, distributions, env) },
		func() ([]string, error) { return plots.ScalingFigures(into, read.Scalings(trials, points), env) },
	} {
		paths, err := drawn(save)
		all = append(all, paths...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// drawing is off in tests that look at no figure: with the race detector figures would
// take most of their time.
var drawing = true

// drawn draws, if there is anything to draw.
func drawn(save func() ([]string, error)) ([]string, error) {
	if !drawing {
		return nil, nil
	}
	paths, err := save()
	if errors.Is(err, plots.ErrNoFigures) {
		return nil, nil
	}
	return paths, err
}
