package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"

	"connbench/plots/figures"
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
	err := report(s, c.Dir, c.Resources, formOf(c.JSON, false, false), held)
	switch {
	case errors.Is(err, results.ErrNoRun) || errors.Is(err, syscall.ENOTDIR):
		return usage(err)
	case c.JSON && errors.As(err, &unsaved{}):
		s.warn(singleLine(err))
		return nil
	}
	return err
}

// report reads a run back, prints what it came to, or all of it as JSON, and writes into its
// folder what can be made from it, unless held says why this process does not hold it.
func report(s streams, dir string, resources bool, f form, held error) error {
	run, trials, warnings, err := results.Open(dir)
	if err != nil {
		return err
	}
	s.warn(warnings...)
	m := &measured{s, dir, &run, trials, f, held}
	switch run.Kind {
	case results.TableRun:
		return m.reportTable()
	case results.ClaimsRun:
		claims, err := read.OpenClaims(dir)
		if err != nil {
			return err
		}
		return m.reportClaims(claims)
	case results.TuneRun:
		return m.reportTune()
	}
	return m.reportRun(resources || run.Kind == results.ScaleRun)
}

// reportRun is the report on a sweep, part by part, which have no figure in common.
func (m *measured) reportRun(resources bool) (err error) {
	trials := m.trials
	if m.run.Kind == results.ScaleRun { // one line of each row, whatever it takes for more connections
		trials = slices.Clone(trials)
		for i := range trials {
			trials[i].Knobs = ""
		}
	}
	parts := read.Readings(m.run, trials)
	if m.form == jsonForm {
		err = json.NewEncoder(m.out).Encode(struct {
			Dir      string              `json:"dir"`
			Run      *results.Run        `json:"run"`
			Rankings []document.Document `json:"rankings"`
			Looks    []results.Look      `json:"looks,omitempty"`
			Trials   []results.Trial     `json:"trials"`
		}{m.dir, m.run, document.RankingsData(parts), m.run.Looks, m.trials})
	} else {
		err = m.say(document.Run(parts, resources), textForm)
	}
	if err != nil {
		return err
	}
	note := ""
	if done := results.Finished(m.trials); done < m.run.Planned() {
		note = fmt.Sprintf("%d of %d trials; to go on: connbench %s --resume %s\n", done, m.run.Planned(), resumable[m.run.Kind], m.dir)
	}
	return m.save(note, func() (string, error) { return saveParts(m.dir, parts) })
}

// saveParts writes the first part into the run's folder, and each other into one in it.
func saveParts(dir string, parts []read.Reading) (lines string, err error) {
	var lacking []error
	for i := range parts {
		into := dir
		if i > 0 {
			into = filepath.Join(dir, fmt.Sprintf("elsewhere-%d", i))
			if err := results.Subfolder(into); err != nil {
				return lines, err
			}
		}
		p := &parts[i]
		distributions, unread := stats.Distributions(dir, p.Trials, figures.ForPercentiles(p.Points))
		saved, err := filesOf(into, p, distributions).write(into)
		lines += saved
		if lacking = append(lacking, unread); err != nil {
			return lines, err
		}
	}
	return lines, errors.Join(lacking...)
}

// filesOf are the summary, bench.txt, the figures and the page of a part.
func filesOf(dir string, p *read.Reading, distributions []stats.Distribution) *files {
	d, f := drawer(&p.Run), &files{named: true}
	f.err = errors.Join(document.SaveSummary(dir, p.Points), document.SaveBench(dir, p.Trials, &p.Run.Environment))
	f.add(d.Run(p, distributions))
	f.page = func() (string, error) { return page.SaveRun(dir, p, d.Order, f.figures) }
	return f
}
