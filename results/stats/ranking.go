package stats

import (
	"cmp"
	"slices"

	"connbench/results"
)

// Ranking is the rows of one point in the order of a metric, as far as they can be
// told apart.
type Ranking struct {
	results.Key // of all of them, without model, network and framing
	Metric      *results.Figure
	Standings   []Standing // the best first; after them, in the plan's order, those not ranked
}

// Standing is a row's place in a ranking.
type Standing struct {
	Model string
	Value Interval // the metric, the median of the row's trials
	// First and Last are between which places the row is, from 1: before it come those
	// that are better and after it those that are worse beyond chance. Both are 0
	// of a row that is not ranked.
	First, Last int
	Best        *Effect  // against the first row; nil of that itself and of those not ranked
	Alike       []string // the rows that it cannot be told apart from
	Why         string   // it is not ranked
}

// Ranked is the number of rows that have a place.
func (r *Ranking) Ranked() int {
	return len(r.Standings) - countFunc(r.Standings, func(s Standing) bool { return s.First == 0 })
}

// contest is a ranking under way.
type contest struct {
	Ranking
	rows  []contestant
	pairs []pair
}

// pair is what became of row j against row i.
type pair struct {
	i, j   int
	effect Effect
}

type contestant struct {
	model   string
	byBlock map[int]float64
	value   Interval
}

// Rank compares the rows of each point with each other, pair by pair within
// blocks, and corrects for the number of pairs in the whole run. It takes trials and
// the points that [Summarize] makes of them.
func Rank(trials []results.Trial, points []Point) []Ranking { return RankBy(trials, points, rankedBy) }

// rankedBy is the metric by which trials of one point are ranked: in an open loop the
// 99th percentile of the response; in a closed one the server's CPU time per request,
// the most stable figure there is on a shared machine, or where some server's is not
// known the throughput.
func rankedBy(trials []*results.Trial) *results.Figure {
	switch {
	case len(trials) > 0 && trials[0].Loop == results.OpenLoop:
		return results.P99
	case slices.ContainsFunc(trials, func(t *results.Trial) bool { return t.ServerUsage == nil }):
		return results.Throughput
	}
	return results.ServerCPU
}

// rankBy is Rank by the metric that it is told for the trials of a point.
func RankBy(trials []results.Trial, points []Point, metric func([]*results.Trial) *results.Figure) []Ranking {
	contests := contestsOf(results.Final(trials), points, metric)
	var p []float64
	for _, c := range contests {
		c.compare()
		for _, pair := range c.pairs {
			p = append(p, pair.effect.P)
		}
	}
	p = falseDiscovery(p)
	rankings := make([]Ranking, len(contests))
	for i, c := range contests {
		c.place(p[:len(c.pairs)])
		p = p[len(c.pairs):]
		rankings[i] = c.Ranking
	}
	return rankings
}

// contestsOf makes a contest of each point.
func contestsOf(trials []results.Trial, points []Point, metric func([]*results.Trial) *results.Figure) []*contest {
	groups := map[results.Key][]*results.Trial{}
	for i := range trials {
		if t := &trials[i]; t.Failure == "" {
			groups[t.Key().Shared()] = append(groups[t.Key().Shared()], t)
		}
	}
	var order []*contest
	byKey := map[results.Key]*contest{}
	for i := range points {
		key := points[i].Key.Shared()
		c := byKey[key]
		if c == nil {
			c = &contest{Ranking: Ranking{Key: key, Metric: metric(groups[key])}}
			byKey[key] = c
			order = append(order, c)
		}
		c.enter(&points[i], groups[key])
	}
	return order
}

// enter takes a point's row in, or says why it is not ranked.
func (c *contest) enter(p *Point, trials []*results.Trial) {
	ours := slices.DeleteFunc(slices.Clone(trials), func(t *results.Trial) bool { return t.Key() != p.Key })
	row := contestant{model: p.Model, byBlock: ByBlock(c.Metric, ours)}
	row.value = MedianInterval(inOrder(row.byBlock))
	if why := p.Unranked(); why != "" || len(row.byBlock) == 0 {
		c.Standings = append(c.Standings, Standing{Model: p.Model, Value: row.value, Why: cmp.Or(why, "not measured")})
		return
	}
	c.rows = append(c.rows, row)
}

// compare tests all pairs. The better median comes first.
func (c *contest) compare() {
	slices.SortStableFunc(c.rows, func(a, b contestant) int {
		order := cmp.Compare(a.value.Estimate, b.value.Estimate)
		if c.Metric.More {
			return -order
		}
		return order
	})
	for i := range c.rows {
		for j := i + 1; j < len(c.rows); j++ {
			a, b := InBlocks(c.rows[i].byBlock, c.rows[j].byBlock)
			c.pairs = append(c.pairs, pair{i, j, BlockEffect(a, b)})
		}
	}
}

// inBlocks is what two rows measured in the blocks in which both did, in order.
func InBlocks(x, y map[int]float64) (a, b []float64) {
	var blocks []int
	for block := range x {
		if _, both := y[block]; both {
			blocks = append(blocks, block)
		}
	}
	slices.Sort(blocks)
	for _, block := range blocks {
		a, b = append(a, x[block]), append(b, y[block])
	}
	return a, b
}

// place gives each row its places, from the adjusted probabilities of the pairs.
func (c *contest) place(p []float64) {
	standings := make([]Standing, len(c.rows))
	for i := range c.rows {
		standings[i] = Standing{Model: c.rows[i].model, Value: c.rows[i].value, First: 1, Last: len(c.rows)}
	}
	for k, pair := range c.pairs {
		i, j := pair.i, pair.j
		if i == 0 {
			standings[j].Best = &c.pairs[k].effect
		}
		if p[k] > Significance {
			standings[i].Alike = append(standings[i].Alike, c.rows[j].model)
			standings[j].Alike = append(standings[j].Alike, c.rows[i].model)
			continue
		}
		// By its sign within the blocks, which the medians over them need not share.
		if c.Metric.Better(pair.effect.Ratio.Estimate) {
			i, j = j, i
		}
		standings[i].Last--
		standings[j].First++
	}
	c.Standings = append(standings, c.Standings...)
}

// unranked says why a point must not be ranked; see [Point.Flagged].
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
