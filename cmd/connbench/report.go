package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"syscall"

	"connbench/plots"
	"connbench/results"
)

type reportCommand struct {
	Dir       string `arg:"" help:"A run's folder."`
	Resources bool   `help:"Print what the servers took too: memory of idle connections, switches, garbage collection, the kernel's counters."`
	JSON      bool   `help:"Print the run and its trials as JSON."`
}

func (c *reportCommand) Run(s streams) error {
	err := report(s, c.Dir, c.Resources, c.JSON)
	if errors.Is(err, results.ErrNoRun) || errors.Is(err, syscall.ENOTDIR) {
		return usage(err)
	}
	return err
}

// report reads a run back, writes its summary and figures into its folder and
// prints its table, or all of it as JSON.
func report(s streams, dir string, resources, asJSON bool) error {
	run, trials, warnings, err := results.Open(dir)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		fmt.Fprintf(s.err, "connbench: warning: %s\n", w)
	}
	if run.Kind == results.TableRun {
		form := terminalTable
		if asJSON {
			form = jsonTable
		}
		return form.report(s, dir)
	}
	points := results.Summarize(trials, run.Models)
	if err := results.WriteSummary(dir, points); err != nil {
		return err
	}
	if err := results.WriteBenchFile(dir, trials, &run.Environment); err != nil {
		return err
	}
	figures, err := plots.Figures(results.FiguresDir(dir), points, &run.Environment)
	if err != nil && !errors.Is(err, plots.ErrNoFigures) {
		return err
	}
	if asJSON {
		return json.NewEncoder(s.out).Encode(struct {
			Dir    string          `json:"dir"`
			Run    results.Run     `json:"run"`
			Trials []results.Trial `json:"trials"`
		}{dir, run, trials})
	}
	if err := results.WriteTable(s.out, points, &run.Environment, results.Terminal); err != nil {
		return err
	}
	fmt.Fprintln(s.out)
	if err := results.WriteRankings(s.out, results.Rank(trials, points)); err != nil {
		return err
	}
	if resources {
		if err := results.WriteResources(s.out, points); err != nil {
			return err
		}
	}
	if done := results.Finished(trials); done < run.Trials {
		fmt.Fprintf(s.out, "%d of %d trials; to go on: connbench run --resume %s\n", done, run.Trials, dir)
	}
	fmt.Fprintf(s.out, "run:     %s\n", dir)
	for _, f := range figures {
		fmt.Fprintf(s.out, "figure:  %s\n", f)
	}
	return nil
}
