package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
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

type compareCommand struct {
	A string `arg:"" help:"A run's folder, or one row of it: DIR:MODEL."`
	B string `arg:"" help:"What is held against it: another run, or DIR:MODEL."`

	FailOnRegression *sweep.Percent `help:"Exit with status 1 if B is worse by more than this in any figure beyond chance, or fails where A does not, and with 3 if the trials cannot exclude that." placeholder:"P%"`
	Force            bool           `help:"Compare runs of different plans or machines all the same."`
	JSON             bool           `help:"Print the comparisons as JSON."`
}

func (c *compareCommand) Help() string {
	return "Two runs are compared row by row in all figures at all points that both have, two rows of one run within its blocks, " +
		"which takes out what the machine did to both. No difference is one of at most 5 %; what the trials cannot tell is undecided. " +
		"Runs of different plans or machines are refused, and what differs is named; different versions of the software are not."
}

// sideOf is a run or a row of it, with the folder that it lies in.
type sideOf struct {
	stats.Side
	dir string
}

func (c *compareCommand) Run(s streams) error {
	a, err := openSide(s, c.A)
	if err != nil {
		return err
	}
	b, err := openSide(s, c.B)
	if err != nil {
		return err
	}
	same := sameFile(a.dir, b.dir)
	if err := c.check(s, a, b, same); err != nil {
		return err
	}
	all := stats.Compare(a.Side, b.Side, same)
	if len(all) == 0 {
		return usage(fmt.Errorf("%s and %s have no row and point in common", c.A, c.B))
	}
	d := document.Comparison(all, c.A, c.B)
	for _, env := range environments(a, b) {
		d.Add(document.Lines(fmt.Sprintf("%s; %s, same-host", env.Placement(), env.Machine())))
	}
	if err := s.say(d, formOf(c.JSON, false, false)); err != nil {
		return err
	}
	return c.judge(all)
}

func environments(a, b sideOf) []*results.Environment {
	both := []*results.Environment{&a.Run.Environment, &b.Run.Environment}
	if both[0].Placement() == both[1].Placement() && both[0].Machine() == both[1].Machine() {
		return both[:1]
	}
	return both
}

func openSide(s streams, text string) (sideOf, error) {
	dir, row := text, ""
	if _, err := os.Stat(text); errors.Is(err, fs.ErrNotExist) {
		if i := strings.LastIndexByte(text, ':'); i > 0 {
			dir, row = text[:i], text[i+1:]
		}
	}
	run, trials, warnings, err := results.Open(dir)
	if err != nil {
		return sideOf{}, usage(err)
	}
	s.warn(warnings...)
	if row != "" && !slices.Contains(run.Models, row) {
		return sideOf{}, usage(fmt.Errorf("%s: no row %q (it has %s)", dir, row, strings.Join(run.Models, ", ")))
	}
	part := run.Parts(trials)[0]
	if left := len(trials) - len(part.Trials); left > 0 {
		s.warn(fmt.Sprintf("%s: %d trials made elsewhere are left out", dir, left))
	}
	return sideOf{stats.Side{Run: part.Run, Trials: part.Trials, Row: row}, dir}, nil
}

func sameFile(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

// check refuses what cannot be compared, and says what else differs.
func (c *compareCommand) check(s streams, a, b sideOf, same bool) error {
	switch {
	case c.FailOnRegression != nil && *c.FailOnRegression == 0:
		return &loadgen.SpecError{Field: "fail-on-regression", Value: *c.FailOnRegression, Allowed: "more than 0%"}
	case (a.Row == "") != (b.Row == ""):
		return usage(fmt.Errorf("a row is compared with a row, and a run with a run: write DIR:MODEL for both, or for neither"))
	case same && a.Row == b.Row:
		return usage(fmt.Errorf("%s and %s are the same", c.A, c.B))
	case same:
		return nil
	}
	serious, others := results.Differences(&a.Run, &b.Run)
	if len(serious) > 0 && !c.Force {
		return usage(fmt.Errorf("not comparable (--force compares all the same): %s", results.JoinDifferences(serious)))
	}
	if all := append(serious, others...); len(all) > 0 {
		fmt.Fprintf(s.err, "connbench: the runs differ in %s\n", results.JoinDifferences(all))
	}
	fmt.Fprintln(s.err, "connbench: the runs were made at different times: what has changed on the machine between them is in every figure")
	return nil
}

// judge fails on a regression, if it is asked to, or on what may be one.
func (c *compareCommand) judge(all []stats.Compared) error {
	if c.FailOnRegression == nil {
		return nil
	}
	var worse, open []string
	for i := range all {
		switch r := &all[i]; {
		case r.Regressed(float64(*c.FailOnRegression)):
			worse = append(worse, r.String())
		case r.Open(float64(*c.FailOnRegression)):
			open = append(open, r.String())
		}
	}
	switch {
	case worse != nil:
		return fmt.Errorf("regression beyond %v: %s", *c.FailOnRegression, strings.Join(worse, "; "))
	case open != nil:
		return openError{fmt.Errorf("too few trials to exclude a regression beyond %v: %s", *c.FailOnRegression, strings.Join(open, "; "))}
	}
	return nil
}
