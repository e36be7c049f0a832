package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"connbench/results"
)

// Side is one of two things to compare: a run, or one row of it.
type Side struct {
	Run    results.Run
	Trials []results.Trial
	Row    string // a model; empty for all
}

// Outcome is what a comparison comes to.
type Outcome string

const (
	NoDifference Outcome = "no difference" // the interval is within [Same]
	Better       Outcome = "better"        // b is, beyond chance
	Worse        Outcome = "worse"
	Undecided    Outcome = "undecided" // anything that the interval has
	NotCompared  Outcome = "not compared"
)

// Same is how far from 1 a ratio may be that is no difference to anybody: a twentieth
// (D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power
// approach for assessing the equivalence of average bioavailability", 1987).
const Same = 0.05

// Compared is one figure at one point of two sides, a being what b is held against.
type Compared struct {
	A, B     results.Key
	Metric   *results.Figure
	AValue   Interval // medians
	BValue   Interval
	Effect   Effect  // b over a
	Adjusted float64 // Effect.P, corrected for the number of comparisons
	Outcome  Outcome
	SameRun  bool   // they are compared within its blocks
	Why      string // it is not compared
	Broken   bool   // b fails where a has valid trials
	// Common is how many times as much all rows have in the other run, where this one has moved
	// with them and it is open whose doing that is; else 0.
	Common float64
}

// Compare holds b against a in every figure at every point that both have. Each point is
// one fit of all rows, so that two rows of one run are compared within its blocks; blocks
// of two runs have nothing in common. All comparisons hold together: in 95 of 100 cases
// not one difference is called so that is none.
func Compare(a, b Side, sameRun bool) []Compared {
	var all []Compared
	as, bs := Summarize(a.Trials, nil), Summarize(b.Trials, nil)
	ours := &comparison{a: as, fits: map[at]*sided{}}
	if !sameRun {
		ours.b = bs
	}
	slices.SortStableFunc(as, func(x, y Point) int { return x.CompareRow(y.Key) })
	for i := range as {
		p := &as[i]
		other := results.Find(bs, func(q *Point) bool {
			k := q.Key
			k.Manner = p.Manner // with --force it may differ, as a pipeline does
			if b.Row == "" {
				return k == p.Key
			}
			// Networks and framings of two rows may differ, as those of a stream and datagrams.
			return q.Model == b.Row && k.Shared() == p.Key.Shared()
		})
		if other != nil && (a.Row == "" || p.Model == a.Row) {
			all = append(all, ours.rows(p, other)...)
		}
	}
	adjust(all)
	if !sameRun {
		shareOut(all)
	}
	return all
}

const (
	// enoughRows is from how many on rows that have all moved alike say something of the machine.
	enoughRows = 3
	// mostPart is how many times as far as all, in logarithms, a row may move with them: of six rows
	// that a slow phase took 20 % more CPU for, one took 36.
	mostPart = 2
)

// shareOut leaves undecided what all rows of a point have in common: a run of ten seconds can lie in
// one phase of the machine, which the scatter within it does not show. Of 91 pairs of fourteen runs of the same
// six rows 8 differed by a fifth, in all rows, and each pair because of the same run.
func shareOut(all []Compared) {
	place := func(c *Compared) at { return at{c.A.Shared(), c.Metric} }
	moved := map[at][]float64{}
	for i := range all {
		if c := &all[i]; c.Outcome != NotCompared && !c.Few() {
			moved[place(c)] = append(moved[place(c)], c.Effect.Ratio.Estimate)
		}
	}
	for i := range all {
		c := &all[i]
		ratios := moved[place(c)]
		if len(ratios) < enoughRows || c.Outcome != Better && c.Outcome != Worse {
			continue
		}
		slices.Sort(ratios)
		common := results.Median(ratios)
		if part := math.Log(c.Effect.Ratio.Estimate) / math.Log(common); math.Abs(math.Log(common)) > math.Log1p(Same) && part > 0 && part <= mostPart {
			c.Outcome, c.Common = Undecided, common
		}
	}
}

// comparison is what is compared: rows of one run, or of two.
type comparison struct {
	a, b []Point // b is nil where they are of one run
	fits map[at]*sided
}

// at is a metric at a point.
type at struct {
	results.Key
	metric *results.Figure
}

// sided is a fit, and which rows of it are whose.
type sided struct {
	*fit
	a, b map[results.Key]int
}

// fitAt is the fit of a metric of all rows at the point of key.
func (c *comparison) fitAt(key results.Key, m *results.Figure) *sided {
	place := at{key.Shared(), m}
	if f := c.fits[place]; f != nil {
		return f
	}
	f := &sided{a: map[results.Key]int{}, b: map[results.Key]int{}}
	var rows [][]reading
	enter := func(of []Point, places map[results.Key]int, side int) {
		for i := range of {
			p := &of[i]
			if p.Key.Shared() != place.Key || p.Unranked() != "" {
				continue
			}
			row := readings(m, p.All)
			for i := range row {
				row[i].block = 2*row[i].block + side
			}
			if len(row) > 0 {
				places[p.Key] = len(rows)
				rows = append(rows, row)
			}
		}
	}
	enter(c.a, f.a, 0)
	if enter(c.b, f.b, 1); c.b == nil {
		f.b = f.a
	}
	f.fit = newFit(cellsOf(rows))
	c.fits[place] = f
	return f
}

// rows compares two rows in all metrics that both have.
func (c *comparison) rows(a, b *Point) []Compared {
	row := Compared{A: a.Key, B: b.Key, SameRun: c.b == nil}
	if why := cmp.Or(prefixed("A: ", a.Unranked()), prefixed("B: ", b.Unranked())); why != "" {
		row.Metric, row.Outcome, row.Why = rankedBy(slices.Concat(a.All, b.All)), NotCompared, why
		row.Effect = Effect{P: 1, Ratio: Unbounded(1)}
		row.Broken = a.Unranked() == "" && (!b.HasFigures() || slices.Contains(b.Verdicts, results.Errors) || b.Valid > 0)
		return []Compared{row}
	}
	var all []Compared
	for _, m := range results.MetricsOf(a.Loop) {
		x, y := valuesIn(readings(m, a.All)), valuesIn(readings(m, b.All))
		if len(x) == 0 || len(y) == 0 {
			continue
		}
		one := row
		one.Metric, one.AValue, one.BValue = m, MedianInterval(x), MedianInterval(y)
		if math.IsInf(one.AValue.Estimate, 1) || math.IsInf(one.BValue.Estimate, 1) {
			one.Outcome, one.Why, one.Effect = NotCompared, "endless in most trials", Effect{P: 1, Ratio: Unbounded(1)}
			one.Broken = !math.IsInf(one.AValue.Estimate, 1)
		} else {
			f := c.fitAt(a.Key, m)
			one.Effect = f.effect(f.a[a.Key], f.b[b.Key])
		}
		all = append(all, one)
	}
	return all
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// adjust corrects for the number of comparisons and decides each.
func adjust(all []Compared) {
	var decided []*Compared
	var p []float64
	for i := range all {
		if c := &all[i]; c.Outcome != NotCompared {
			decided = append(decided, c)
			p = append(p, c.Effect.P)
		}
	}
	for i, adjusted := range holm(p) {
		c := decided[i]
		c.Adjusted = adjusted
		c.Outcome = c.Effect.outcome(c.Metric, adjusted)
	}
}

// Regressed reports whether b is worse by more than percent, beyond chance, or no
// longer does what a did.
func (c *Compared) Regressed(percent float64) bool {
	return c.Broken || c.Outcome == Worse && c.worse(c.Effect.Ratio.Estimate) > 1+percent/100
}

// Open reports whether b may be worse by more than percent, as far as the trials can tell.
func (c *Compared) Open(percent float64) bool {
	r := c.Effect.Ratio
	return !c.Regressed(percent) && (c.Outcome == NotCompared || !r.Bounded() || max(c.worse(r.Low), c.worse(r.High)) > 1+percent/100)
}

// worse is how many times worse a ratio is.
func (c *Compared) worse(ratio float64) float64 {
	if c.Metric.More {
		return 1 / ratio
	}
	return ratio
}

// Verdict says in words what the comparison comes to.
func (c *Compared) Verdict() string {
	ratio := c.Effect.Ratio
	switch {
	case c.Common > 0:
		return fmt.Sprintf("%s: %s, as all rows (%s)", c.Outcome, moreOrLess(ratio.Estimate), moreOrLess(c.Common))
	case c.Few():
		return "undecided: too few trials"
	case c.Outcome == Undecided:
		return fmt.Sprintf("%s: %s to %s %%", c.Outcome, signed(ratio.Low), signed(ratio.High))
	case c.Outcome != Better && c.Outcome != Worse:
		return string(c.Outcome)
	}
	if c.Small() {
		return fmt.Sprintf("%s beyond chance, but by less than %.0f %%: %s", c.Outcome, 100*Same, moreOrLess(ratio.Estimate))
	}
	return fmt.Sprintf("%s: %s", c.Outcome, moreOrLess(ratio.Estimate))
}

// Few reports whether there are too few trials for a ratio: all that is known are the medians.
func (c *Compared) Few() bool { return c.Outcome == Undecided && !c.Effect.Ratio.Bounded() }

// Small reports whether there is a difference, beyond chance, that is no more than [Same].
func (c *Compared) Small() bool {
	r := c.Effect.Ratio
	return (c.Outcome == Better || c.Outcome == Worse) && r.Low >= 1-Same && r.High <= 1+Same
}

// moreOrLess is a ratio in words.
func moreOrLess(ratio float64) string {
	if ratio >= 10 {
		return results.Ratio(ratio) + " times as much"
	}
	if ratio > 1 {
		return fmt.Sprintf("%.3g %% more", 100*(ratio-1))
	}
	return fmt.Sprintf("%.3g %% less", 100*(1-ratio))
}

// signed is a ratio as per cent more, or with a minus less.
func signed(ratio float64) string {
	return strings.Replace(fmt.Sprintf("%+.0f", 100*(ratio-1)), "-", "−", 1)
}

// String names the comparison and what it comes to in a few words.
func (c *Compared) String() string {
	what := c.Verdict()
	if c.Outcome == NotCompared {
		what = c.Why
	}
	return fmt.Sprintf("%s, %s, %s: %s %s", c.B.Model, results.Plural(c.B.Clients, "client"), results.Bytes(int64(c.B.PayloadBytes)), c.Metric.Title, what)
}
