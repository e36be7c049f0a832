package read

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

// History is the runs of a folder over time, and what has changed between them.
type History struct {
	Dir       string
	Runs      []Past     // the oldest first
	Unread    []Unread   // folders of runs that cannot be read
	Baselines []Baseline // by name
	Series    []Series   // in the order of their first runs
}

// Past is a run of a folder of runs.
type Past struct {
	Name     string // of its folder
	Kind     string // as of [results.Run], or [ChooseKind]
	Run      results.Run
	Finished int      // trials
	Answer   string   // what it comes to, in a sentence
	Page     bool     // its folder has a report
	Against  *Against // nil where no baseline can be held against it
}

// Unread is a folder that has a run which cannot be read.
type Unread struct {
	Name, Why string
}

// Baseline is a run that somebody gave a name; see [results.Baselines].
type Baseline struct {
	Name, Run string
	Known     bool // whether there is such a run
}

// Against is what a run is against a baseline.
type Against struct {
	Baseline string
	Compared []stats.Compared
}

// Outcome is what the comparisons come to, in words.
func (a *Against) Outcome() string {
	n, broken := map[stats.Outcome]int{}, 0
	for _, c := range results.Each(a.Compared) {
		if c.Broken {
			broken++
		} else {
			n[c.Outcome]++
		}
	}
	of := fmt.Sprintf(" of %d", len(a.Compared))
	better, worse := n[stats.Better], n[stats.Worse]
	switch {
	case broken > 0:
		return fmt.Sprintf("fails in %d%s", broken, of)
	case worse > 0 && better > 0:
		return fmt.Sprintf("worse in %d, better in %d%s", worse, better, of)
	case worse > 0:
		return fmt.Sprintf("worse in %d%s", worse, of)
	case better > 0:
		return fmt.Sprintf("better in %d%s", better, of)
	case n[stats.NoDifference] == len(a.Compared):
		return "equivalent"
	}
	return fmt.Sprintf("undecided in %d%s", len(a.Compared)-n[stats.NoDifference], of)
}

// ErrNoRuns is wrapped by what [OpenHistory] returns for a folder without a run in it.
var ErrNoRuns = errors.New("no run in it")

// opened is a run as it is read, of which but a part is kept.
type opened struct {
	Past
	baseline string          // as which it was opened; empty for none
	trials   []results.Trial // by which it is held against others
	points   []stats.Point   // of those
}

// Answer says in a sentence what a run comes to, by its folder, empty where it says nothing.
type Answer func(path string, p *Past, trials []results.Trial) string

// OpenHistory reads the runs in a folder; of what else is in it nothing is said. One with no run in it
// is an error that wraps [ErrNoRuns].
func OpenHistory(dir string, answer Answer) (*History, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	names, err := results.ReadBaselines(dir)
	if err != nil {
		return nil, err
	}
	h := &History{Dir: dir}
	var held []*opened
	for _, name := range names.Names() {
		path := filepath.Join(dir, names[name])
		kind, run := runIn(path)
		h.Baselines = append(h.Baselines, Baseline{name, names[name], run != ""})
		if run == "" {
			continue
		}
		if o, err := open(path, run, kind, nil); err == nil {
			o.Name, o.baseline = names[name], name
			held = append(held, o)
		}
	}
	slices.SortStableFunc(held, byTime)
	var all []*opened
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		kind, run := runIn(path)
		if run == "" {
			continue
		}
		o, err := open(path, run, kind, answer)
		if err != nil {
			h.Unread = append(h.Unread, Unread{e.Name(), strings.ReplaceAll(results.OneLine(err.Error()), path+"/", "")})
			continue
		}
		o.Name = e.Name()
		o.holdAgainst(held)
		o.trials = nil
		all = append(all, o)
	}
	if len(all)+len(h.Unread) == 0 {
		return nil, &fs.PathError{Op: "read", Path: dir, Err: ErrNoRuns}
	}
	slices.SortStableFunc(all, byTime)
	h.Series = seriesOf(all)
	h.Runs = results.Map(all, func(o *opened) Past { return o.Past })
	return h, nil
}

func byTime(a, b *opened) int { return a.Run.CreatedAt.Compare(b.Run.CreatedAt) }

func open(path, dir, kind string, answer Answer) (*opened, error) {
	run, trials, _, err := results.Open(dir)
	if err != nil {
		return nil, err
	}
	o := &opened{Past: Past{Kind: cmp.Or(kind, run.Kind), Run: run, Finished: results.Finished(trials)}}
	_, err = os.Lstat(filepath.Join(path, "report.html"))
	o.Page = err == nil
	if answer != nil {
		o.Answer = answer(path, &o.Past, trials)
	}
	switch part := run.Parts(trials)[0]; o.Kind {
	case results.TableRun: // the others of a table search, each elsewhere
		o.trials = slices.DeleteFunc(part.Trials, func(t results.Trial) bool { return t.Probe != results.ProbeSaturation })
	case results.ScaleRun: // one line of each row, whatever it takes for more connections
		o.trials = part.Trials
		for i := range o.trials {
			o.trials[i].Knobs = ""
		}
	case "":
		o.trials = part.Trials
	}
	o.points = stats.Summarize(o.trials, run.Models)
	return o, nil
}

// holdAgainst compares the run with the latest of the baselines that were there before it, or the
// first after it, of those that it can be held against. They are in the order of their times.
func (o *opened) holdAgainst(baselines []*opened) {
	held := slices.DeleteFunc(slices.Clone(baselines), func(x *opened) bool {
		return x.Name == o.Name || x.Run.SeriesKey() != o.Run.SeriesKey()
	})
	if len(held) == 0 {
		return
	}
	before, _ := slices.BinarySearchFunc(held, o, byTime)
	best := held[max(0, before-1)]
	side := func(x *opened) stats.Side { return stats.Side{Run: x.Run, Trials: x.trials} }
	if compared := stats.Compare(side(best), side(o), false); compared != nil {
		o.Against = &Against{best.baseline, compared}
	}
}

// Rows are all rows of the runs, in the order in which they first appear.
func (h *History) Rows() []string {
	all := results.Map(h.Runs, func(p Past) []string { return p.Run.Models })
	return results.Distinct(slices.Concat(all...), func(row string) string { return row })
}

// Incomplete reports whether trials of the run are missing.
func (p *Past) Incomplete() bool { return p.Finished < p.Run.Planned() }

// Commit is the short name of the software's version: that of the commit, or of the program.
func (p *Past) Commit() string {
	const enough = 7
	commit, modified, _ := strings.Cut(p.Run.Environment.Commit, "+")
	commit = cmp.Or(commit, p.Run.Environment.Binary)
	commit = commit[:min(enough, len(commit))]
	if modified != "" {
		commit += "+"
	}
	return commit
}
