package stats

import (
	"slices"

	"connbench/results"
)

// Ranking is the rows of one point in groups by a metric, as far as they can be told
// apart.
type Ranking struct {
	results.Key // of all of them, without model, network and framing
	Metric      *results.Figure
	Standings   []Standing // the best first; after them, in the plan's order, those not placed
	Pairs       int        // of rows that were compared, which those with too few valid trials are not
	Apart       int        // those of them that differ beyond chance

	models []string // of the fit
	fit    *fit
}

// Standing is a row's place in a ranking.
type Standing struct {
	Model string
	Value Interval // the row's level over the blocks of all; of a row that is not in the comparison the median
	// First and Last are the groups that the row may be in, from 1: no two rows of a group
	// can be told apart, and a row between two can from none of either. Both are 0 of a row
	// that is not placed.
	First, Last int
	// Best is how many times the figure of the best the row's is: the estimate is against
	// the mean of the first group, the bounds against the row that is the best in truth,
	// whichever that is. It is 1 at the least, or where more is better at the most, and
	// nil of a row that is not placed.
	Best   *Interval
	Trials int    // valid ones
	Why    string // it is not placed
	More   int    // trials that about would do to place it; 0 is not known
}

// Ranked is the number of rows that have a place.
func (r *Ranking) Ranked() int {
	return len(r.Standings) - countFunc(r.Standings, func(s Standing) bool { return s.First == 0 })
}

// Leaders are the rows of the first group.
func (r *Ranking) Leaders() []Standing {
	return slices.DeleteFunc(slices.Clone(r.Standings), func(s Standing) bool { return s.First != 1 })
}

// Farthest is how many times the figure of the best those of placed rows are, or where more
// is better how many times less, at the most; false where that is not known.
func Farthest(rows []Standing) (most float64, known bool) {
	most = 1
	for _, s := range rows {
		if !s.Best.Bounded() {
			return 0, false
		}
		most = max(most, s.Best.High, 1/s.Best.Low)
	}
	return most, true
}

// Effect is how many times as much one row's figure is as another's, false where one of
// them was not compared.
func (r *Ranking) Effect(row, over string) (e Effect, known bool) {
	i, k := slices.Index(r.models, over), slices.Index(r.models, row)
	if i < 0 || k < 0 {
		return e, false
	}
	return r.fit.effect(i, k), true
}

// Rank tells the rows of each point apart by the model of this package, with a correction
// for the number of pairs in the whole run.
func Rank(points []Point) []Ranking { return RankBy(points, rankedBy) }

// rankedBy is the metric by which trials of one point are ranked: in an open loop the
// 99th percentile of the response; in a closed one the server's CPU time per request,
// the most stable figure there is on a shared machine, or where that of a valid trial is not
// known the throughput.
func rankedBy(trials []*results.Trial) *results.Figure {
	switch {
	case len(trials) > 0 && trials[0].Loop == results.OpenLoop:
		return results.P99
	case slices.ContainsFunc(trials, func(t *results.Trial) bool {
		_, known := results.ServerCPU.Positive(t)
		return t.Valid() && !known
	}):
		return results.Throughput
	}
	return results.ServerCPU
}

// RankBy is [Rank] by the metric that it is told for the trials of a point.
func RankBy(points []Point, metric func([]*results.Trial) *results.Figure) []Ranking {
	return rank(points, metric, Significance)
}

// rank is [RankBy] at a level of significance of its own.
func rank(points []Point, metric func([]*results.Trial) *results.Figure, level float64) []Ranking {
	contests := results.Map(results.Grouped(points, func(p Point) results.Key { return p.Key.Shared() }), func(rows []Point) *contest {
		all := slices.Concat(results.Map(rows, func(p Point) []*results.Trial { return p.All })...)
		c := &contest{Ranking: Ranking{Key: rows[0].Key.Shared(), Metric: metric(all)}}
		for i := range rows {
			c.enter(&rows[i])
		}
		return c
	})
	p := slices.Concat(results.Map(contests, (*contest).compare)...)
	all := max(1, len(p))
	p = FalseDiscovery(p)
	claimed := countFunc(p, func(q float64) bool { return q <= level })
	rankings := make([]Ranking, len(contests))
	for i, c := range contests {
		c.decide(p[:c.Pairs], level)
		c.tail = level / 2 * float64(max(1, claimed)) / float64(all)
		p = p[c.Pairs:]
		c.place()
		rankings[i] = c.Ranking
	}
	return rankings
}

// Unranked says why a point must not be ranked; see [Point.Flagged].
func (p *Point) Unranked() string {
	switch {
	case !p.Flagged():
		return ""
	case !p.HasFigures():
		return "failed"
	case p.Valid > 0:
		return "clients without any answer"
	}
	return "no valid trial"
}

func countFunc[T any](list []T, holds func(T) bool) int {
	n := 0
	for _, v := range list {
		if holds(v) {
			n++
		}
	}
	return n
}
