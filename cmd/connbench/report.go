package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"

	"connbench/cmd/connbench/baseline"
	"connbench/cmd/connbench/compare"
	"connbench/loadgen/sweep"
	"connbench/plots/figures"
	"connbench/plots/page"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
	"connbench/results/stats"
)

type reportCommand struct {
	Dir       string `arg:"" help:"A run's folder, or a folder of runs."`
	Resources bool   `help:"Print what the servers took too: memory of idle connections, switches, garbage collection, the kernel's counters."`
	formFlags `embed:""`
}

func (c *reportCommand) Help() string {
	return "What is printed needs the run's folder only to read. Its files are written again too, unless another process writes there: " +
		"what of them could not be is said at the end, with status 1, or in another form as a warning. Of a folder of runs it is the list of them, " +
		"what each is against a baseline (see connbench baseline), and what has changed over the runs of one plan and machine, with index.html for all of that."
}

func (c *reportCommand) Run(s streams) error {
	dir, err := baseline.Find(c.Dir)
	if err != nil {
		return usage(err)
	}
	folder, held := results.HoldFolder(dir)
	if held == nil {
		defer folder.Release()
	}
	if read.IsChoice(dir) {
		err = reportChoice(s, dir, c.formFlags, held)
	} else if err = report(s, dir, c.Resources, c.form(), held); errors.Is(err, results.ErrNoRun) {
		err = s.reportFolder(dir, c.form(), held, err)
	}
	switch {
	case errors.Is(err, results.ErrNoRun) || errors.Is(err, syscall.ENOTDIR):
		return usage(baseline.Unfound(c.Dir, err))
	case c.form() != textForm && wraps[unsaved](err):
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

// reportFolder is the report on a folder of runs, or the error that says why it is no run's where it is
// none of runs either.
func (s streams) reportFolder(dir string, f form, held, noRun error) error {
	h, err := read.OpenHistory(dir, answerOf)
	switch {
	case errors.Is(err, read.ErrNoRuns):
		return fmt.Errorf("%w, nor has a folder in it", noRun)
	case errors.Is(err, fs.ErrNotExist):
		return noRun
	case err != nil:
		return usage(err)
	}
	m := &measured{streams: s, dir: dir, form: f, held: held}
	return m.present(document.History(h), "\n", func() *files {
		drawn := &files{}
		drawn.add(figures.Drawer{Order: h.Rows()}.History(h))
		drawn.page = func() (string, error) { return page.SaveIndex(h, drawn.figures) }
		return drawn
	})
}

// reportRun is the report on a sweep, part by part, which have no figure in common.
func (m *measured) reportRun(resources bool) error {
	trials := m.trials
	if m.run.Kind == results.ScaleRun { // one line of each row, whatever it takes for more connections
		trials = slices.Clone(trials)
		for i := range trials {
			trials[i].Knobs = ""
		}
	}
	parts := read.Readings(m.run, trials)
	spending, left, err := m.spending()
	if err != nil {
		return err
	}
	m.warn(left...)
	parts[0].Splits = read.Splits(spending, parts[0].Points)
	d := document.Run(parts, resources)
	d.Fields = []document.Field{{Name: "dir", Value: m.dir}, {Name: "run", Value: m.run}, {Name: "rankings", Value: document.RankingsData(parts)}, {Name: "trials", Value: m.trials}}
	if m.run.Looks != nil {
		d.Fields = slices.Insert(d.Fields, 3, document.Field{Name: "looks", Value: m.run.Looks})
	}
	if err := m.say(d, m.form); err != nil {
		return err
	}
	note := ""
	if done := results.Finished(m.trials); done < m.run.Planned() {
		note = fmt.Sprintf("%d of %d trials; to go on: connbench %s --resume %s\n", done, m.run.Planned(), resumable[m.run.Kind], m.dir)
	}
	note += whereTo(m.dir, &parts[0])
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
		distributions, unread := stats.Distributions(dir, figures.ForPercentiles(p.Points))
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
	d, f := drawer(&p.Run), &files{}
	f.err = errors.Join(document.SaveSummary(dir, p.Points), document.SaveBench(dir, p.Trials, &p.Run.Environment))
	f.add(d.Run(p, distributions))
	f.page = func() (string, error) {
		flames, err := flamesOf(dir, p.Splits)
		if err != nil {
			return "", err
		}
		return page.SaveRun(dir, p, d.Order, f.figures, flames...)
	}
	return f
}

// storedChoice is what a choice was asked, to read it back from its folder.
func storedChoice(dir string, f formFlags, held error) (*chooseCommand, error) {
	c := &chooseCommand{trialFlags: trialFlags{formFlags: f}, folder: &results.Folder{Dir: dir}, held: held}
	if err := c.readAsked(dir); err != nil {
		return nil, usage(err)
	}
	var err error
	c.lines, err = sourceLines()
	return c, err
}

// reportChoice is the report on a choice from what its folder has.
func reportChoice(s streams, dir string, f formFlags, held error) error {
	c, err := storedChoice(dir, f, held)
	if err != nil {
		return err
	}
	return c.conclude(s, c.asked.Workload, c.stored)
}

// stored reads the stages of a plan back; see [choosing].
func (c *chooseCommand) stored(plan sweep.Plan, name string, out read.Out) (*read.Choice, []string, error) {
	var where []string
	choice, trials, err := c.read(plan, name, out, func(_ sweep.Plan, name string) ([]results.Trial, error) {
		run, trials, _, err := results.Open(filepath.Join(c.folder.Dir, name))
		switch {
		case errors.Is(err, results.ErrNoRun):
			return nil, fmt.Errorf("%s: %w; to go on: connbench choose --resume %[1]s", c.folder.Dir, errNotMeasured)
		case err == nil && results.Finished(trials) < run.Planned():
			err = fmt.Errorf("%w: %s: %w; to go on: connbench choose --resume %[2]s", errInterrupted, c.folder.Dir, errNotMeasured)
		}
		where = []string{fmt.Sprintf("%s; %s, %s", run.Environment.Placement(), run.Environment.Machine(), run.Environment.Where())}
		return trials, err
	})
	return choice, append(where, document.Missed(trials)...), err
}

// saveChoice draws the figures of a choice and writes its page, unless nothing was measured.
func saveChoice(dir string, choice *read.Choice, changes []string) (lines string, err error) {
	in := filepath.Join(dir, firstChoice)
	run, trials, _, err := results.Open(in)
	if errors.Is(err, results.ErrNoRun) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	r, d, f := &read.Readings(&run, trials)[0], drawer(&run), &files{}
	distributions, unread := stats.Distributions(in, figures.ForPercentiles(r.Points))
	f.add(d.Run(r, distributions))
	f.page = func() (string, error) { return page.SaveChoice(dir, r, choice, changes, d.Order, f.figures) }
	lines, err = f.write(dir)
	return lines + fmt.Sprintf("more:    connbench report %s\ntrials:  connbench report %s\n", dir, in), errors.Join(err, unread)
}

type compareCommand struct {
	compare.Command `embed:""`
	formFlags       `embed:""`
}

func (c *compareCommand) Run(s streams) error {
	all, d, err := c.Compare(s.warn, s.note)
	if err != nil {
		return usage(err)
	}
	if err := s.say(d, c.form()); err != nil {
		return err
	}
	worse, open := c.Judge(all)
	if worse == nil && open != nil {
		return openError{open}
	}
	return worse
}
