// Package compare is the command line's part that holds two runs, or two rows of one, against each other.
package compare

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"connbench/cmd/connbench/baseline"
	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/stats"
)

// Command holds a run against another, or a row of one against another row.
type Command struct {
	A string `arg:"" help:"A run's folder, or one row of it: DIR:MODEL."`
	B string `arg:"" help:"What is held against it: another run, or DIR:MODEL."`

	FailOnRegression *sweep.Percent `help:"Exit with status 1 if B is worse by more than this in any figure beyond chance, or fails where A does not, and with 3 if the trials cannot exclude that." placeholder:"P%"`
	Force            bool           `help:"Compare runs of different plans or machines all the same."`
}

// Help says what is compared with what.
func (c *Command) Help() string {
	return "Two runs are compared row by row in all figures at all points that both have, two rows of one run within its blocks, " +
		"which takes out what the machine did to both. No difference is one of at most 5 %; what the trials cannot tell is undecided. " +
		"Runs of different plans or machines are refused, and what differs is named; different versions of the software are not."
}

// sideOf is a run or a row of it, with the folder that it lies in.
type sideOf struct {
	stats.Side
	dir string
}

// Compare is each figure of B against that of A, and what is said of them all. An error is one that the
// caller can put right; warnings are of what was read, notes of what lies between the two.
func (c *Command) Compare(warn func(...string), note func(string)) (all []stats.Compared, d document.Document, err error) {
	a, err := sideNamed(c.A, warn)
	if err != nil {
		return nil, d, err
	}
	b, err := sideNamed(c.B, warn)
	if err != nil {
		return nil, d, err
	}
	same := sameFile(a.dir, b.dir)
	if err := c.check(note, a, b, same); err != nil {
		return nil, d, err
	}
	if all = stats.Compare(a.Side, b.Side, same); len(all) == 0 {
		return nil, d, fmt.Errorf("%s and %s have no row and point in common", c.A, c.B)
	}
	d = document.Comparison(all, c.A, c.B)
	for _, env := range environments(a, b) {
		d.Add(document.Lines(fmt.Sprintf("%s; %s, %s", env.Placement(), env.Machine(), env.Where())))
	}
	d.More = "more:    connbench report " + b.dir
	return all, d, nil
}

func environments(a, b sideOf) []*results.Environment {
	both := []*results.Environment{&a.Run.Environment, &b.Run.Environment}
	if both[0].Placement() == both[1].Placement() && both[0].Machine() == both[1].Machine() {
		return both[:1]
	}
	return both
}

// sideNamed reads what a text names: a run's folder or name, and behind a colon a row of it.
func sideNamed(text string, warn func(...string)) (sideOf, error) {
	dir, err := baseline.Find(text)
	row := ""
	if i := strings.LastIndexByte(text, ':'); err == nil && dir == text && i > 0 && !baseline.Exists(text) {
		row = text[i+1:]
		dir, err = baseline.Find(text[:i])
	}
	if err != nil {
		return sideOf{}, err
	}
	run, trials, warnings, err := results.Open(dir)
	if err != nil {
		return sideOf{}, baseline.Unfound(dir, err)
	}
	warn(warnings...)
	if row != "" && !slices.Contains(run.Models, row) {
		return sideOf{}, fmt.Errorf("%s: no row %q (it has %s)", dir, row, strings.Join(run.Models, ", "))
	}
	part := run.Parts(trials)[0]
	if left := len(trials) - len(part.Trials); left > 0 {
		warn(fmt.Sprintf("%s: left out: %s made elsewhere", dir, results.Plural(left, "trial")))
	}
	return sideOf{stats.Side{Run: part.Run, Trials: part.Trials, Row: row}, dir}, nil
}

func sameFile(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

// check refuses what cannot be compared, and says what else differs.
func (c *Command) check(note func(string), a, b sideOf, same bool) error {
	switch {
	case c.FailOnRegression != nil && *c.FailOnRegression == 0:
		return &loadgen.SpecError{Field: "fail-on-regression", Value: *c.FailOnRegression, Allowed: "more than 0%"}
	case (a.Row == "") != (b.Row == ""):
		return fmt.Errorf("a row is compared with a row, and a run with a run: write DIR:MODEL for both, or for neither")
	case same && a.Row == b.Row:
		return fmt.Errorf("%s and %s are the same", c.A, c.B)
	case same:
		return nil
	}
	serious, others := results.Differences(&a.Run, &b.Run)
	if len(serious) > 0 && !c.Force {
		return fmt.Errorf("not comparable (--force compares all the same): %s", results.JoinDifferences(serious))
	}
	if all := append(serious, others...); len(all) > 0 {
		note("the runs differ in " + results.JoinDifferences(all))
	}
	note("the runs were made at different times: what has changed on the machine between them is in every figure")
	return nil
}

// Judge says of a regression, if it is asked to, and of what may be one.
func (c *Command) Judge(all []stats.Compared) (regression, open error) {
	if c.FailOnRegression == nil {
		return nil, nil
	}
	var worse, perhaps []string
	for _, r := range results.Each(all) {
		switch {
		case r.Regressed(float64(*c.FailOnRegression)):
			worse = append(worse, r.String())
		case r.Open(float64(*c.FailOnRegression)):
			perhaps = append(perhaps, r.String())
		}
	}
	if worse != nil {
		regression = fmt.Errorf("regression beyond %v: %s", *c.FailOnRegression, strings.Join(worse, "; "))
	}
	if perhaps != nil {
		open = fmt.Errorf("too few trials to exclude a regression beyond %v: %s", *c.FailOnRegression, strings.Join(perhaps, "; "))
	}
	return regression, open
}
