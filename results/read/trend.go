package read

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/stats"

	"gonum.org/v1/gonum/stat"
)

// Series is runs whose figures can be held against one another, by [results.Run.SeriesKey], and the
// course of each figure over them.
type Series struct {
	Runs   []int // places in [History.Runs]
	Lines  []*Line
	Tested int // lines
}

// Line is a figure of a row at a point over the runs of a series.
//
// What a machine does differs from run to run by more than most changes of a server, and takes all
// rows along. So what is tested is the figure over the geometric mean of other rows of the same run:
// those of connbench itself where there are any, without those that seem to have changed themselves. Of a
// row that has none beside it the figure itself is tested.
type Line struct {
	results.Key
	Figure *results.Figure
	Runs   []int            // places in [History.Runs] of those that have it
	Values []stats.Interval // of the median in each of them; see [stats.Point]

	Beside   []string  // the rows that it is held against; nil where there is none
	Either   bool      // a change may as well be that of the one row beside it
	Tested   bool      // or nothing is known of changes: it is what others are held against
	At       []int     // places in Runs of those runs that have one of those rows
	Relative []float64 // in these, the figure over the mean of those rows, of each over its own mean

	Adjusted float64        // how likely its clearest change is by chance, among all lines of the series
	Changes  []stats.Change // in At

	mean float64 // of the logarithms of the values
	p    float64 // Adjusted, of the line alone
}

// enoughRuns is the share of a line's runs that another has for the one to be held against it.
const enoughRuns = 0.9

// Needed is how many runs a series must have for a change of one of its lines to be told.
func (s *Series) Needed() int { return stats.ValuesNeeded(s.Tested) }

// Changed are the lines with a change, the largest first.
func (s *Series) Changed() []*Line {
	all := slices.DeleteFunc(slices.Clone(s.Lines), func(l *Line) bool { return len(l.Changes) == 0 })
	largest := func(l *Line) float64 {
		return slices.Max(results.Map(l.Changes, func(c stats.Change) float64 { return math.Abs(math.Log(c.Ratio.Estimate)) }))
	}
	slices.SortStableFunc(all, func(a, b *Line) int { return cmp.Compare(largest(b), largest(a)) })
	return all
}

// Since is the place in [History.Runs] of the first run after a change, and Until that of the last before.
func (l *Line) Since(c *stats.Change) int { return l.Runs[l.At[c.At]] }
func (l *Line) Until(c *stats.Change) int { return l.Runs[l.At[c.At-1]] }

// Measured is the median of the values, as measured, from one place in At to another.
func (l *Line) Measured(from, to int) float64 {
	values := results.Map(l.At[from:to], func(i int) float64 { return l.Values[i].Estimate })
	slices.Sort(values)
	return results.Median(values)
}

// Scatter is that of what is tested, changes taken out, as a share; false where it is not known.
func (l *Line) Scatter() (share float64, known bool) {
	return stats.Scatter(l.Relative, l.Changes)
}

// seriesOf are those of two runs and more.
func seriesOf(all []*opened) (series []Series) {
	var with []int
	for i, o := range all {
		if len(o.points) > 0 {
			with = append(with, i)
		}
	}
	for _, runs := range results.Grouped(with, func(i int) string { return all[i].Run.SeriesKey() }) {
		if len(runs) > 1 {
			series = append(series, newSeries(all, runs))
		}
	}
	return series
}

// newSeries decides which lines of runs have changed: of those that are said to have at most a share of
// [stats.Significance] has not, in the mean.
func newSeries(all []*opened, runs []int) Series {
	s := Series{Runs: runs}
	foreign := map[string]bool{}
	var models []string
	for _, i := range runs {
		maps.Copy(foreign, foreigners(&all[i].Run))
		models = append(models, all[i].Run.Models...)
	}
	for _, lines := range results.Grouped(linesOf(all, runs), func(l *Line) lineAt { return lineAt{l.Key.Shared(), l.Figure} }) {
		slices.SortFunc(lines, func(a, b *Line) int {
			return cmp.Or(slices.Index(models, a.Model)-slices.Index(models, b.Model), strings.Compare(a.Transport(), b.Transport()))
		})
		hold(lines, foreign)
		s.Lines = append(s.Lines, lines...)
	}
	tested := slices.DeleteFunc(slices.Clone(s.Lines), func(l *Line) bool { return !l.Tested })
	s.Tested = len(tested)
	for i, p := range stats.FalseDiscovery(results.Map(tested, func(l *Line) float64 { return l.p })) {
		l := tested[i]
		if l.Adjusted = p; p <= stats.Significance {
			l.Changes = slices.DeleteFunc(stats.Changes(l.Relative), func(c stats.Change) bool { // too small for anybody
				return c.Ratio.Low >= 1-stats.Same && c.Ratio.High <= 1+stats.Same
			})
		}
	}
	return s
}

// lineAt is what a line is of.
type lineAt struct {
	results.Key
	figure *results.Figure
}

// linesOf are those of the figures by which rows are compared, over two runs and more.
func linesOf(all []*opened, runs []int) (lines []*Line) {
	known := map[lineAt]*Line{}
	for _, run := range runs {
		for _, p := range results.Each(all[run].points) {
			for _, f := range results.MetricsOf(p.Loop) {
				v, has := valueOf(p, f)
				if !has {
					continue
				}
				l := known[lineAt{p.Key, f}]
				if l == nil {
					l = &Line{Key: p.Key, Figure: f}
					known[lineAt{p.Key, f}], lines = l, append(lines, l)
				}
				l.Runs, l.Values = append(l.Runs, run), append(l.Values, v)
			}
		}
	}
	lines = slices.DeleteFunc(lines, func(l *Line) bool { return len(l.Runs) < 2 })
	for _, l := range lines {
		l.mean = stat.Mean(results.Map(l.Values, func(v stats.Interval) float64 { return math.Log(v.Estimate) }), nil)
	}
	return lines
}

// hold holds each line of a figure at a point against the rows beside it.
func hold(lines []*Line, foreign map[string]bool) {
	ours := slices.DeleteFunc(slices.Clone(lines), func(l *Line) bool { return foreign[l.Model] })
	if len(ours) == 0 {
		ours = lines
	}
	steady := slices.DeleteFunc(slices.Clone(ours), func(l *Line) bool { return l.strays(ours) })
	for _, l := range lines {
		beside := l.others(steady)
		if len(beside) == 0 {
			beside = l.others(ours)
		}
		l.Beside = results.Map(beside, func(x *Line) string { return x.Model })
		l.At, l.Relative = l.over(beside...)
		// Of two rows the one's ratio to the other is the inverse of the other's to it.
		held := slices.Contains(ours, l)
		l.Either = held && len(ours) == 2 && len(beside) == 1
		l.Tested = !(l.Either && l == ours[1]) && !(held && len(ours) == 1 && len(lines) > 1)
		_, l.p = stats.Clearest(l.Relative)
	}
}

// others are those lines that are another and have nearly all runs of this one.
func (l *Line) others(lines []*Line) []*Line {
	return slices.DeleteFunc(slices.Clone(lines), func(x *Line) bool {
		at, _ := l.over(x)
		return x == l || float64(len(at)) < enoughRuns*float64(len(l.Runs))
	})
}

// strays reports whether the line seems to change against so many of the others that these are more than
// half of all: then the others would seem to change the other way if they were held against it.
func (l *Line) strays(lines []*Line) bool {
	others := l.others(lines)
	against := slices.DeleteFunc(slices.Clone(others), func(x *Line) bool {
		_, relative := l.over(x)
		_, p := stats.Clearest(relative)
		return p > stats.Significance
	})
	return 2*len(against) > len(others)+1
}

// over is the line's values over the mean of others, in the runs that have any of these.
func (l *Line) over(others ...*Line) (at []int, relative []float64) {
	for i, run := range l.Runs {
		level, n := 0.0, 0.0
		for _, x := range others {
			if k, has := slices.BinarySearch(x.Runs, run); has {
				level, n = level+math.Log(x.Values[k].Estimate)-x.mean, n+1
			}
		}
		if n > 0 || len(others) == 0 {
			at, relative = append(at, i), append(relative, l.Values[i].Estimate*math.Exp(-level/max(1, n)))
		}
	}
	return at, relative
}

// valueOf is a figure of a point that may be ranked.
func valueOf(p *stats.Point, f *results.Figure) (stats.Interval, bool) {
	s, known := p.Of(f)
	if !known || p.Flagged() || !(s.Median > 0) || math.IsInf(s.Median, 0) {
		return stats.Interval{}, false
	}
	if i, has := p.Intervals[f]; has {
		return i, true
	}
	return stats.Unbounded(s.Median), true
}

// foreigners are the rows of a run that are servers from elsewhere, as its plan names them.
func foreigners(run *results.Run) map[string]bool {
	var plan struct {
		Exec []string `json:"exec"`
	}
	_ = json.Unmarshal(run.Plan, &plan) // a plan without that has none
	rows := map[string]bool{}
	for _, exec := range plan.Exec {
		name, _, _ := strings.Cut(exec, "=")
		name, _, _ = strings.Cut(name, " ")
		rows[name] = true
	}
	return rows
}
