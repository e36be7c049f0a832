package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"connbench/cmd/connbench/baseline"
	"connbench/cmd/connbench/live"
	"connbench/loadgen/sweep"
	"connbench/plots/flame"
	"connbench/plots/page"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
	"connbench/results/stats"
)

type whyCommand struct {
	Run_ string `arg:"" name:"run" help:"A run's folder, with profiles: of run --profile."`
	A    string `arg:"" optional:"" help:"A row of it; without one, where the time of each goes."`
	B    string `arg:"" optional:"" help:"The row that it is held against; without one, where the time of A goes."`

	formFlags `embed:""`
}

func (c *whyCommand) Help() string {
	return "The difference in CPU time a request is a sum of parts that were measured: system calls by name, switches of threads, interrupt work, garbage collection, the scheduler, functions of the program. " +
		"What they leave is said to be unexplained. The profiles are trials of their own, made after those of the run (run --profile 1s, or run --resume DIR --profile 1s): to look costs the server some of its time."
}

func (c *whyCommand) Run(s streams) error {
	dir, err := baseline.Find(c.Run_)
	if err != nil {
		return usage(err)
	}
	run, trials, warnings, err := results.Open(dir)
	if err != nil {
		return usage(baseline.Unfound(dir, err))
	}
	c.Run_ = dir
	s.warn(warnings...)
	rows := slices.DeleteFunc([]string{c.A, c.B}, func(row string) bool { return row == "" })
	for _, row := range rows {
		if !slices.Contains(run.Models, row) {
			return usage(fmt.Errorf("%s: no row %q (it has %s)", c.Run_, row, strings.Join(run.Models, ", ")))
		}
	}
	if c.A == c.B && c.A != "" {
		return usage(fmt.Errorf("%s and %s are the same row", c.A, c.B))
	}
	m := &measured{streams: s, dir: c.Run_, run: &run}
	spending, left, err := m.spending(rows...)
	if err != nil {
		return err
	}
	s.warn(left...)
	part := run.Parts(trials)[0]
	if c.B == "" {
		if len(spending) == 0 {
			return c.none(&run, rows)
		}
		return s.say(document.Splits(read.Splits(spending, stats.Summarize(part.Trials, nil))), c.form())
	}
	all, uncompared := read.Becauses(&part.Run, part.Trials, spending, c.A, c.B)
	switch {
	case len(all) > 0:
		return s.say(document.Because(all, uncompared, c.Run_), c.form())
	case len(uncompared) > 0:
		return fmt.Errorf("%s: the trials do not compare %s and %s: %s", c.Run_, c.A, c.B, uncompared[0].Why)
	}
	return c.none(&run, rows)
}

// spending is where the time went in the trials of the run that were made for it, as far as they are of its
// own machine, and of the rows named, or of all; left is what is left out, and why.
func (m *measured) spending(rows ...string) (all []read.Spent, left []string, err error) {
	profiles, left, err := results.Profiles(m.dir)
	if err != nil {
		return nil, nil, err
	}
	all, more := read.Spending(m.dir, slices.DeleteFunc(profiles, func(t results.Trial) bool {
		return t.Environment != 0 || len(rows) > 0 && !slices.Contains(rows, t.Model)
	}))
	return all, append(left, more...), nil
}

// mostFlames is how many flame graphs a page has: of one point, the cheapest rows first.
const mostFlames = 8

// flamesOf draws the flame graphs of all rows into the folder of figures, and returns those of the page, which
// are of the point with most clients.
func flamesOf(dir string, splits []read.Split) (onPage []page.Flame, err error) {
	for i := range splits {
		s, last := &splits[i], &splits[len(splits)-1]
		p, err := s.Profile(dir)
		if err != nil {
			return nil, err
		}
		if p == nil {
			continue
		}
		title := fmt.Sprintf("%s, %s", s.Key.Model, document.At(s.Key))
		var b bytes.Buffer
		if err := flame.Write(&b, p, title); errors.Is(err, flame.ErrEmpty) {
			continue
		} else if err != nil {
			return nil, err
		}
		if err := results.Subfolder(results.FiguresDir(dir)); err != nil {
			return nil, err
		}
		name := fmt.Sprintf("flame-%s-%d-%s", s.Key.Model, s.Key.Clients, results.ExactBytes(s.Key.PayloadBytes))
		if s.Key.RateRPS > 0 {
			name += fmt.Sprintf("-%.0f", s.Key.RateRPS)
		}
		if err := results.WriteFile(filepath.Join(results.FiguresDir(dir), name+".svg"), b.Bytes()); err != nil {
			return nil, err
		}
		if s.Key.Shared() != last.Key.Shared() || len(onPage) == mostFlames {
			continue
		}
		graph, err := flame.Fragment(p, title)
		if err != nil {
			return nil, err
		}
		onPage = append(onPage, page.Flame{Key: s.Key, Title: title, Graph: graph})
	}
	return onPage, nil
}

// none is the error of a run without the profiles that it takes.
func (c *whyCommand) none(run *results.Run, rows []string) error {
	of, how := "", fmt.Sprintf("connbench run --resume %s --profile 1s makes them", c.Run_)
	if len(rows) > 0 {
		of = " of " + strings.Join(rows, " and ")
	}
	switch {
	case run.Choose != nil:
		how = "it is of connbench choose, and only connbench run --profile 1s makes them"
	case run.Kind != "":
		how = fmt.Sprintf("it is of connbench %s, and only connbench run --profile 1s makes them", resumable[run.Kind])
	}
	return usage(fmt.Errorf("%s has no profiles%s: %s", c.Run_, of, how))
}

// whereTo says which command says where the servers' time goes, and of two rows that can be held against each
// other the difference; nothing where there are no profiles.
func whereTo(dir string, p *read.Reading) string {
	if len(p.Splits) == 0 {
		return ""
	}
	said := "where the servers' time goes: connbench why " + dir
	for i := range p.Rankings {
		placed := slices.DeleteFunc(slices.Clone(p.Rankings[i].Standings), func(s stats.Standing) bool {
			return s.First == 0 || !slices.ContainsFunc(p.Splits, func(x read.Split) bool { return x.Key.Model == s.Model && x.Key.Shared() == p.Rankings[i].Key })
		})
		if len(placed) > 1 {
			said += fmt.Sprintf("\nthe difference of two rows:    connbench why %s %s %s", dir, placed[0].Model, placed[1].Model)
			break
		}
	}
	return said + "\n"
}

// profiles makes the trials of a plan that say where the servers' time goes, and tells of them as of others.
// Where they end early it says so above the answer, which is whole without them.
func (c *runCommand) profiles(ctx context.Context, m *measured, r *sweep.Runner) error {
	plan := r.Plan.Profiling()
	if plan == nil {
		return nil
	}
	stored, warnings, err := results.Profiles(m.dir)
	if err != nil {
		return err
	}
	m.warn(warnings...)
	whole := func(trials []results.Trial) int {
		return len(slices.DeleteFunc(trials, func(t results.Trial) bool { return t.Failure != "" }))
	}
	p := live.New(c.progress(m.streams), live.NewPlanCourse("profiles", whole(slices.Clone(stored)), *plan), nil)
	p.Attach(r)
	err = r.Profile(ctx, stored)
	p.End()
	if err == nil {
		return nil
	}
	made, _, unread := results.Profiles(m.dir)
	if m.form == textForm {
		fmt.Fprintf(m.out, "%v after %d of %s: the answer of the trials is whole\n\n", interruption(err), whole(made), results.Plural(len(plan.Order()), "profile"))
	}
	command := "run"
	if c.Resume != "" && c.Profile != 0 { // which is not in the run's plan
		command += " --profile " + c.Profile.String()
	}
	return errors.Join(unfinished(err, command, m.dir), unread)
}
