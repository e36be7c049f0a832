package main

import (
	"errors"

	"connbench/plots"
	"connbench/results"
)

// saveFigures draws into a run's folder all that its trials allow, and returns the paths.
func saveFigures(dir string, run *results.Run, trials []results.Trial, points []results.Point) ([]string, error) {
	distributions, err := results.Distributions(dir, trials, plots.ForPercentiles(points))
	if err != nil {
		return nil, err
	}
	into, env := results.FiguresDir(dir), &run.Environment
	var all []string
	for _, save := range []func() ([]string, error){
		func() ([]string, error) { return plots.Figures(into, points, env) },
		func() ([]string, error) { return plots.PercentileFigures(into, distributions, env) },
		func() ([]string, error) { return plots.ScalingFigures(into, results.Scalings(trials, points), env) },
	} {
		paths, err := save()
		if err := unlessNone(err); err != nil {
			return nil, err
		}
		all = append(all, paths...)
	}
	return all, nil
}

// unlessNone is no error where there was only nothing to draw.
func unlessNone(err error) error {
	if errors.Is(err, plots.ErrNoFigures) {
		return nil
	}
	return err
}
