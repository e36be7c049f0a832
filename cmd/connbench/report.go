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

// report reads a run back, writes into its folder what can be made from it, and prints
// its table, or all of it as JSON.
func report(s streams, dir string, resources, asJSON bool) error {
	run, trials, warnings, err := results.Open(dir)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		fmt.Fprintf(s.err, "connbench: warning: %s\n", w)
	}
	switch {
	case run.Kind == results.TableRun && asJSON:
		return jsonTable.report(s, dir)
	case run.Kind == results.TableRun:
		return terminalTable.report(s, dir)
	case run.Kind == results.ClaimsRun && asJSON:
		return reportClaims(s, dir, jsonTable)
	case run.Kind == results.ClaimsRun:
		return reportClaims(s, dir, terminalTable)
	case run.Kind == results.TuneRun:
		return reportTune(s, dir, &run, trials, asJSON)
	}
	points := results.Summarize(trials, run.Models)
	files, err := saveReport(dir, &run, trials, points)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(s.out).Encode(struct {
			Dir    string          `json:"dir"`
			Run    results.Run     `json:"run"`
			Trials []results.Trial `json:"trials"`
		}{dir, run, trials})
	}
	if err := printReport(s, &run, trials, points, resources); err != nil {
		return err
	}
	if done := results.Finished(trials); done < run.Trials {
		fmt.Fprintf(s.out, "%d of %d trials; to go on: connbench run --resume %s\n", done, run.Trials, dir)
	}
	fmt.Fprintf(s.out, "run:     %s\n%s", dir, files)
	return nil
}

// saveReport writes the summary, the figures, the page and bench.txt, and returns lines
// that name the files which people look at.
func saveReport(dir string, run *results.Run, trials []results.Trial, points []results.Point) (lines string, err error) {
	if err := results.WriteSummary(dir, points); err != nil {
		return "", err
	}
	if err := results.WriteBenchFile(dir, trials, &run.Environment); err != nil {
		return "", err
	}
	figures, err := saveFigures(dir, run, trials, points)
	if err != nil {
		return "", err
	}
	page, err := plots.SaveHTML(dir, run, trials)
	if err != nil {
		return "", err
	}
	for _, f := range figures {
		lines += fmt.Sprintf("figure:  %s\n", f)
	}
	return lines + fmt.Sprintf("report:  %s\n", page), nil
}

// printReport prints the table, which rows differ, what more clients would come to, and if
// asked for what the servers took.
func printReport(s streams, run *results.Run, trials []results.Trial, points []results.Point, resources bool) error {
	if err := results.WriteTable(s.out, points, &run.Environment, results.Terminal); err != nil {
		return err
	}
	fmt.Fprintln(s.out)
	if err := results.WriteRankings(s.out, results.Rank(trials, points)); err != nil {
		return err
	}
	if err := results.WriteScalings(s.out, results.Scalings(trials, points)); err != nil || !resources {
		return err
	}
	return results.WriteResources(s.out, points)
}
