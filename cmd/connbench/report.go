package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"connbench/plots/figures"
	"connbench/plots/look"
	"connbench/plots/page"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
	"connbench/results/stats"
)

type reportCommand struct {
	Dir       string `arg:"" help:"A run's folder."`
	Resources bool   `help:"Print what the servers took too: memory of idle connections, switches, garbage collection, the kernel's counters."`
	JSON      bool   `help:"Print the run, which rows differ, and the trials as JSON."`
}

func (c *reportCommand) Help() string {
	return "What is printed needs the run's folder only to read. Its files are written again too, unless another process writes there: " +
		"what of them could not be is said at the end, with status 1, or with --json as a warning."
}

func (c *reportCommand) Run(s streams) error {
	folder, held := results.HoldFolder(c.Dir)
	if held == nil {
		defer folder.Release()
	}
	err := report(s, c.Dir, c.Resources, c.JSON, held)
	switch {
	case errors.Is(err, results.ErrNoRun) || errors.Is(err, syscall.ENOTDIR):
		return usage(err)
	case c.JSON && errors.As(err, &unsaved{}):
		fmt.Fprintf(s.err, "connbench: warning: %s\n", singleLine(err))
		return nil
	}
	return err
}

// unsaved is why not all files of a run's folder were written, when what was to be
// printed has been.
type unsaved struct{ error }

func (e unsaved) Unwrap() error { return e.error }

// save writes files into a run's folder, unless it is not held, and returns what to say of
// them. Its errors are [unsaved].
func save(dir string, held error, write func() (lines string, err error)) (lines string, err error) {
	if held != nil {
		return "", unsaved{fmt.Errorf("the files of %s are as they were: %w", dir, held)}
	}
	if lines, err = write(); err != nil {
		err = unsaved{err}
	}
	return lines, err
}

// report reads a run back, prints what it came to, or all of it as JSON, and writes into its
// folder what can be made from it, unless held says why this process does not hold it.
func report(s streams, dir string, resources, asJSON bool, held error) error {
	run, trials, warnings, err := results.Open(dir)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		fmt.Fprintf(s.err, "connbench: warning: %s\n", w)
	}
	f := formOf(asJSON, false, false)
	switch run.Kind {
	case results.TableRun:
		return reportTable(s, dir, &run, trials, f, held)
	case results.ClaimsRun:
		claims, err := read.OpenClaims(dir)
		if err != nil {
			return err
		}
		return reportClaims(s, dir, &run, trials, claims, f, held)
	case results.TuneRun:
		return reportTune(s, dir, &run, trials, asJSON, held)
	}
	return reportRun(s, dir, &run, trials, resources, asJSON, held)
}

// reportRun is the report on a sweep; see report.
func reportRun(s streams, dir string, run *results.Run, trials []results.Trial, resources, asJSON bool, held error) (err error) {
	parts := run.Parts(trials)
	if asJSON {
		err = json.NewEncoder(s.out).Encode(struct {
			Dir      string              `json:"dir"`
			Run      *results.Run        `json:"run"`
			Rankings []document.Document `json:"rankings"`
			Looks    []results.Look      `json:"looks,omitempty"`
			Trials   []results.Trial     `json:"trials"`
		}{dir, run, rankingsOf(parts), run.Looks, trials})
	} else {
		err = printParts(s, parts, resources)
	}
	if err != nil {
		return err
	}
	files, err := save(dir, held, func() (string, error) { return saveParts(dir, parts) })
	if !asJSON {
		if done := results.Finished(trials); done < run.Planned() {
			fmt.Fprintf(s.out, "%d of %d trials; to go on: connbench run --resume %s\n", done, run.Planned(), dir)
		}
		fmt.Fprintf(s.out, "run:     %s\n%s", dir, files)
	}
	return err
}

// rankingsOf are which rows differ at the points of all parts.
func rankingsOf(parts []results.Part) []document.Document {
	all := []document.Document{}
	for i := range parts {
		p := &parts[i]
		all = append(all, document.RankingsData(stats.Rank(p.Trials, stats.Summarize(p.Trials, p.Run.Models)))...)
	}
	return all
}

// printParts prints one report after the other, which have no figure in common.
func printParts(s streams, parts []results.Part, resources bool) error {
	for i := range parts {
		p := &parts[i]
		if i > 0 {
			fmt.Fprintln(s.out)
		}
		if p.Where != "" {
			fmt.Fprintf(s.out, "Made elsewhere than the run was begun (there / here): %s\n\n", p.Where)
		}
		if err := s.say(reportOf(p, resources), textForm); err != nil {
			return err
		}
	}
	return nil
}

// saveParts writes the first part into the run's folder, and each other into one in it.
func saveParts(dir string, parts []results.Part) (lines string, err error) {
	var lacking []error
	for i := range parts {
		into := dir
		if i > 0 {
			into = filepath.Join(dir, fmt.Sprintf("elsewhere-%d", i))
			if err := results.Subfolder(into); err != nil {
				return lines, err
			}
		}
		distributions, unread := stats.Distributions(dir, parts[i].Trials, figures.ForPercentiles(stats.Summarize(parts[i].Trials, nil)))
		saved, err := saveReport(into, &parts[i], distributions)
		lines += saved
		if lacking = append(lacking, unread); err != nil {
			return lines, err
		}
	}
	return lines, errors.Join(lacking...)
}

// saveReport writes the summary, bench.txt, the figures and the page, and returns lines
// that name the files which people look at. It ends at what it cannot write.
func saveReport(dir string, part *results.Part, distributions []stats.Distribution) (lines string, err error) {
	run, trials, points := &part.Run, part.Trials, stats.Summarize(part.Trials, part.Run.Models)
	if err := errors.Join(document.SaveSummary(dir, points), document.SaveBench(dir, trials, &run.Environment)); err != nil {
		return "", err
	}
	d := drawer(run)
	all, err := drawn(
		func() ([]look.Figure, error) { return d.Points(points) },
		func() ([]look.Figure, error) { return d.Percentiles(distributions) },
		func() ([]look.Figure, error) { return d.Scaling(read.Scalings(trials, points)) },
	)
	if err != nil {
		return "", err
	}
	paths, err := figures.Save(results.FiguresDir(dir), all)
	for _, path := range paths {
		lines += fmt.Sprintf("figure:  %s\n", path)
	}
	if err != nil {
		return lines, err
	}
	report, err := page.SaveRun(dir, run, trials, d.Order, all)
	if err != nil {
		return lines, err
	}
	return lines + fmt.Sprintf("report:  %s\n", report), nil
}

// reportOf is the table, which rows differ, what more clients would come to, and if asked
// for what the servers took.
func reportOf(p *results.Part, resources bool) document.Document {
	points := stats.Summarize(p.Trials, p.Run.Models)
	d := document.Join(document.Points(points, &p.Run.Environment), document.Rankings(stats.Rank(p.Trials, points), points), document.Looks(p.Run.Looks), document.Scalings(read.Scalings(p.Trials, points)))
	if resources {
		d = document.Join(d, document.Resources(points))
	}
	return d
}
