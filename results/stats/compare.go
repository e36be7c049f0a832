package stats

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

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
	NoDifference Outcome = "no difference" // none that chance would not explain
	Better       Outcome = "better"        // b is, beyond chance
	Worse        Outcome = "worse"
	Undecided    Outcome = "too few trials" // for any difference to be beyond chance
	NotCompared  Outcome = "not compared"
)

// Compared is one figure at one point of two sides, a being what b is held against.
type Compared struct {
	A, B     results.Key
	Metric   *results.Figure
	AValue   Interval // medians
	BValue   Interval
	Effect   Effect  // b over a
	Adjusted float64 // Effect.P, corrected for the number of comparisons
	Outcome  Outcome
	Why      string // it is not compared
	Broken   bool   // b fails where a has valid trials
}

// Compare holds b against a in every figure at every point that both have. Two rows of
// one run are compared within its blocks, two runs as samples that were taken apart.
// All comparisons hold together: in 95 of 100 cases not one difference is called so
// that is none.
func Compare(a, b Side, sameRun bool) []Compared {
	var all []Compared
	as, bs := a.rows(), b.rows()
	for _, key := range slices.SortedFunc(maps.Keys(as), byPoint) {
		other := key
		if b.Row != "" {
			// Networks and framings of two rows may differ, as those of a stream and datagrams.
			other = match(key, bs)
		}
		if bs[other] != nil {
			all = append(all, compareRows(key, other, as[key], bs[other], sameRun)...)
		}
	}
	adjust(all)
	return all
}

// rows is the trials of a side's points.
func (s *Side) rows() map[results.Key][]*results.Trial {
	rows := map[results.Key][]*results.Trial{}
	trials := results.Final(s.Trials)
	for i := range trials {
		if t := &trials[i]; s.Row == "" || t.Model == s.Row {
			rows[t.Key()] = append(rows[t.Key()], t)
		}
	}
	return rows
}

// match is the key of the other row's point like key.
func match(key results.Key, others map[results.Key][]*results.Trial) results.Key {
	for other := range others {
		if other.Shared() == key.Shared() {
			return other
		}
	}
	return results.Key{}
}

func byPoint(a, b results.Key) int {
	return cmp.Or(
		cmp.Compare(a.Model, b.Model), cmp.Compare(a.Network, b.Network), cmp.Compare(a.Framing, b.Framing),
		cmp.Compare(a.Work, b.Work), cmp.Compare(a.Knobs, b.Knobs), cmp.Compare(a.Loop, b.Loop),
		cmp.Compare(a.PayloadBytes, b.PayloadBytes), cmp.Compare(a.Clients, b.Clients),
		cmp.Compare(a.RateRPS, b.RateRPS), cmp.Compare(a.Arrivals, b.Arrivals),
	)
}

// compareRows compares two points in all metrics that both have.
func compareRows(a, b results.Key, as, bs []*results.Trial, paired bool) []Compared {
	pa, pb := summarize(a, as), summarize(b, bs)
	row := Compared{A: a, B: b}
	if why := cmp.Or(prefixed("A: ", pa.Unranked()), prefixed("B: ", pb.Unranked())); why != "" {
		row.Metric, row.Outcome, row.Why = rankedBy(measuredTrials(as, bs)), NotCompared, why
		row.Effect = Effect{P: 1, Ratio: Unbounded(1)}
		row.Broken = pa.Unranked() == "" && (!pb.HasFigures() || slices.Contains(pb.Verdicts, results.Errors) || pb.Valid > 0)
		return []Compared{row}
	}
	var all []Compared
	for _, m := range results.MetricsOf(a.Loop) {
		x, y := ByBlock(m, as), ByBlock(m, bs)
		if len(x) == 0 || len(y) == 0 {
			continue
		}
		c := row
		c.Metric = m
		c.AValue, c.BValue = MedianInterval(inOrder(x)), MedianInterval(inOrder(y))
		if paired {
			c.Effect = BlockEffect(InBlocks(x, y))
		} else {
			c.Effect = independentEffect(inOrder(x), inOrder(y))
		}
		all = append(all, c)
	}
	return all
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

func measuredTrials(lists ...[]*results.Trial) []*results.Trial {
	return slices.DeleteFunc(slices.Concat(lists...), func(t *results.Trial) bool { return t.Failure != "" })
}

// byBlock is a metric of the valid trials that have it.
func ByBlock(m *results.Figure, trials []*results.Trial) map[int]float64 {
	values := map[int]float64{}
	for _, t := range trials {
		if v, known := m.Positive(t); known && t.Valid() {
			values[t.Block] = v
		}
	}
	return values
}

func inOrder(byBlock map[int]float64) []float64 {
	values := make([]float64, 0, len(byBlock))
	for _, block := range slices.Sorted(maps.Keys(byBlock)) {
		values = append(values, byBlock[block])
	}
	return values
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
		switch {
		case !c.Effect.Ratio.Bounded(), adjusted > Significance && c.Effect.P <= Significance && c.Effect.Least()*float64(len(p)) > Significance:
			c.Outcome = Undecided
		case adjusted > Significance:
			c.Outcome = NoDifference
		case c.Metric.Better(c.Effect.Ratio.Estimate):
			c.Outcome = Better
		default:
			c.Outcome = Worse
		}
	}
}

// Regressed reports whether b is worse by more than percent, beyond chance, or no
// longer does what a did.
func (c *Compared) Regressed(percent float64) bool {
	if c.Outcome != Worse {
		return c.Broken
	}
	if c.Metric.More {
		return c.Effect.Ratio.Estimate < 1-percent/100
	}
	return c.Effect.Ratio.Estimate > 1+percent/100
}

// Verdict says in words what the comparison comes to.
func (c *Compared) Verdict() string {
	ratio := c.Effect.Ratio.Estimate
	switch {
	case c.Outcome != Better && c.Outcome != Worse:
		return string(c.Outcome)
	case ratio > 1:
		return fmt.Sprintf("%s: %.3g %% more", c.Outcome, 100*(ratio-1))
	default:
		return fmt.Sprintf("%s: %.3g %% less", c.Outcome, 100*(1-ratio))
	}
}

// String names the comparison and what it comes to in a few words.
func (c *Compared) String() string {
	what := c.Verdict()
	if c.Outcome == NotCompared {
		what = c.Why
	}
	return fmt.Sprintf("%s, %s, %s: %s %s", c.B.Model, results.Plural(c.B.Clients, "client"), results.Bytes(int64(c.B.PayloadBytes)), c.Metric.Title, what)
}
