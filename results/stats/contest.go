package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"connbench/results"
)

// contest is a ranking under way.
type contest struct {
	Ranking
	rows  [][]reading // of each model
	tried int         // trials of the row that has most, valid or not
	apart [][]bool
	tail  float64 // beyond a bound of what is told apart
}

// enter takes a point's row in, or says why it is not compared.
func (c *contest) enter(p *Point) {
	row := readings(c.Metric, p.All)
	endless := countFunc(row, func(r reading) bool { return math.IsInf(r.value, 1) })
	why := p.Unranked()
	c.tried = max(c.tried, p.Trials)
	switch {
	case why != "":
	case len(row) == 0:
		why = "not measured"
	case 2*endless > len(row):
		why = fmt.Sprintf("%s is endless in %d of %s", c.Metric.Title, endless, results.Plural(len(row), "trial"))
	}
	if why != "" {
		c.Standings = append(c.Standings, Standing{Model: p.Model, Value: MedianInterval(valuesIn(row)), Trials: len(row), Why: why})
		return
	}
	c.models, c.rows = append(c.models, p.Model), append(c.rows, row)
}

// compare fits the rows and returns how likely each pair's difference is by chance.
func (c *contest) compare() (p []float64) {
	if len(c.models) == 0 {
		return nil
	}
	c.fit = newFit(cellsOf(c.rows))
	for _, pair := range c.pairs() {
		p = append(p, c.fit.effect(pair[0], pair[1]).P)
	}
	c.Pairs = len(p)
	return p
}

// pairs are those of rows of which enough is known. Others would but raise the bar for these.
func (c *contest) pairs() (all [][2]int) {
	for i := range c.models {
		for k := i + 1; k < len(c.models); k++ {
			if c.known(i) && c.known(k) {
				all = append(all, [2]int{i, k})
			}
		}
	}
	return all
}

func (c *contest) known(i int) bool { return c.fit.trials[i] >= LeastTrials || c.single() }

// decide tells rows apart from the adjusted probabilities of the pairs.
func (c *contest) decide(p []float64, level float64) {
	c.apart = make([][]bool, len(c.models))
	for i := range c.apart {
		c.apart[i] = make([]bool, len(c.models))
	}
	for n, pair := range c.pairs() {
		if i, k := pair[0], pair[1]; p[n] <= level {
			c.apart[i][k], c.apart[k][i] = true, true
			c.Apart++
		}
	}
}

// place puts the rows in groups, those apart that may be in more than two or whose scatter
// is not known.
func (c *contest) place() {
	if len(c.models) == 0 {
		return
	}
	rows := ascending(c.fit.level) // the best first
	if c.Metric.More {
		slices.Reverse(rows)
	}
	var open []Standing
	for {
		groups := c.group(rows)
		wide := slices.DeleteFunc(slices.Clone(rows), func(i int) bool {
			first, last := groups.span(i, c.apart[i])
			return last-first < 2 && c.known(i)
		})
		if len(wide) == 0 {
			c.Standings = append(slices.Concat(c.placed(groups, rows), open), c.Standings...)
			return
		}
		for _, i := range wide {
			open = append(open, c.open(i, groups))
		}
		rows = slices.DeleteFunc(rows, func(i int) bool { return slices.Contains(wide, i) })
	}
}

// single reports whether one trial of a row is all that was asked for, and there is more than one
// such row or no other: then rows are placed by it, though nothing is known of their scatter.
func (c *contest) single() bool {
	return c.tried == 1 && (len(c.models) > 1 || len(c.Standings) == 0)
}

// placed are the standings of rows in groups.
func (c *contest) placed(groups groups, rows []int) []Standing {
	var all []Standing
	for _, i := range rows {
		first, last := groups.span(i, c.apart[i])
		best := c.best(i, rows, groups[0])
		all = append(all, Standing{Model: c.models[i], Value: c.fit.value(i), First: first + 1, Last: last + 1, Best: &best, Trials: c.fit.trials[i]})
	}
	slices.SortStableFunc(all, func(a, b Standing) int { return cmp.Compare(a.First, b.First) })
	return all
}

// open is the standing of a row that may be in more than two groups.
func (c *contest) open(i int, groups groups) Standing {
	first, last := groups.span(i, c.apart[i])
	s := Standing{
		Model: c.models[i], Value: c.fit.value(i), Trials: c.fit.trials[i], More: c.more(i, groups),
		Why: "only " + results.Plural(c.fit.trials[i], "valid trial"),
	}
	switch {
	case last > first && last-first == len(groups)-1:
		s.Why += ", in any tier"
	case last > first:
		s.Why += fmt.Sprintf(", in any of tiers %d to %d", first+1, last+1)
	}
	if s.More > 0 {
		s.Why += fmt.Sprintf("; it takes about %d more", s.More)
	}
	return s
}

// mostMore is how many more trials of a row are ever thought of.
const mostMore = 100

// more is how many more trials of a row would about do: with so many the intervals that
// hold it to more than two groups would be narrow enough.
func (c *contest) more(i int, groups groups) int {
	enough := math.Inf(1) // standard deviations at which the least of the differences is told apart
	for a := range c.models {
		for b := range a {
			if c.apart[a][b] {
				enough = min(enough, c.deviations(a, b))
			}
		}
	}
	n := float64(c.fit.trials[i])
	for more := max(1, LeastTrials-c.fit.trials[i]); more <= mostMore; more++ {
		apart := make([]bool, len(c.models))
		for k := range apart {
			apart[k] = k != i && c.deviations(i, k)*math.Sqrt((n+float64(more))/n) >= enough
		}
		if first, last := groups.span(i, apart); last-first < 2 {
			return more
		}
	}
	return 0
}

// deviations is by how many standard deviations two rows differ.
func (c *contest) deviations(i, k int) float64 {
	e := c.fit.effect(i, k)
	return math.Abs(math.Log(e.Ratio.Estimate)) / e.deviation
}

// best is how many times the figure of the best one row's is. The upper bound is that of
// multiple comparisons with the best (J. C. Hsu, "Constrained simultaneous confidence
// intervals for multiple comparisons with the best", 1984): the best, whoever it is, is
// one of the rows, so that the largest of those against each holds. The lower one is the
// largest against rows that are told apart, and holds as those differences do (Y. Benjamini,
// D. Yekutieli, "False discovery rate-adjusted multiple confidence intervals for selected
// parameters", 2005).
func (c *contest) best(i int, rows, first []int) Interval {
	more := c.Metric.More
	behind, low, high := 0.0, 0.0, 0.0
	for _, k := range first {
		behind += (c.fit.level[i] - c.fit.level[k]) / float64(len(first))
	}
	if more {
		behind = -behind
	}
	for _, k := range rows {
		if k == i {
			continue
		}
		e := c.fit.effect(k, i)
		upper, lower := e.within(Tail), e.within(c.tail)
		if !upper.Bounded() {
			high = math.Inf(1)
			continue
		}
		if more {
			upper, lower = upper.inverse(), lower.inverse()
		}
		if high = max(high, math.Log(upper.High)); c.apart[i][k] {
			low = max(low, math.Log(lower.Low))
		}
	}
	b := Interval{Estimate: math.Exp(min(max(behind, low), high)), Low: math.Exp(low), High: math.Exp(high)}
	if more {
		return b.inverse()
	}
	return b
}
