package read

import (
	"slices"

	"connbench/results"
	"connbench/results/stats"
)

// Candidate is a row at the point that a choice is for.
type Candidate struct {
	stats.Standing                // by the server's CPU time per request
	Latency        stats.Interval // of the limit's percentile, in ns: the median of the valid trials
	Keeps          bool           // the limit, all clients served
	Lines          int            // of source; 0 where that is not known
}

// Choice is which rows do for a workload, and what that rests on.
type Choice struct {
	Point      results.Key // without model, network and framing
	SLO        SLO
	Candidates []Candidate // those that keep the limit in the order of the ranking, then the others
	Simplest   int         // the candidate with the least source that keeps the limit; -1 if there is none
}

// First lists the candidates that keep the limit and may be the cheapest.
func (c *Choice) First() []Candidate {
	return slices.DeleteFunc(slices.Clone(c.Candidates), func(x Candidate) bool { return !x.Keeps || x.First != 1 })
}

// Choose reads a choice from the trials of a single point. Lines are those of the
// rows' source, where known. Rows that do not keep the limit are not in the ranking.
func Choose(trials []results.Trial, models []string, slo SLO, lines map[string]int) Choice {
	c := Choice{SLO: slo, Simplest: -1}
	trials = results.Final(trials)
	points := stats.Summarize(trials, models)
	var out []Candidate
	kept := map[string]Candidate{}
	for i := range points {
		p := &points[i]
		c.Point = p.Key.Shared()
		x := slo.candidate(p, trials)
		x.Lines = lines[p.Model]
		if x.Keeps {
			kept[p.Model] = x
		} else {
			out = append(out, x)
		}
	}
	ours := slices.DeleteFunc(slices.Clone(trials), func(t results.Trial) bool { return !kept[t.Model].Keeps })
	cpu := func([]*results.Trial) *results.Figure { return results.ServerCPU }
	for _, r := range stats.RankBy(ours, stats.Summarize(ours, models), cpu) {
		for _, standing := range r.Standings {
			x := kept[standing.Model]
			x.Standing = standing
			x.Keeps = standing.First > 0 // else too few of its trials are valid to place it
			c.Candidates = append(c.Candidates, x)
		}
	}
	c.Candidates = append(c.Candidates, out...)
	for i, x := range c.Candidates {
		if x.Keeps && x.Lines > 0 && (c.Simplest < 0 || x.Lines < c.Candidates[c.Simplest].Lines) {
			c.Simplest = i
		}
	}
	return c
}

// candidate says whether a point keeps the limit.
func (s SLO) candidate(p *stats.Point, trials []results.Trial) Candidate {
	var values []float64
	for i := range trials {
		if t := &trials[i]; t.Key() == p.Key && t.Valid() {
			if v, known := s.of(t); known {
				values = append(values, v)
			}
		}
	}
	x := Candidate{Latency: stats.MedianInterval(values)}
	x.Model, x.Why = p.Model, p.Unranked()
	if x.Why == "" && x.Latency.Estimate > float64(s.Limit) {
		x.Why = "too slow"
	}
	x.Keeps = x.Why == ""
	return x
}

// Change is what became of a choice when one thing about the workload was another.
type Change struct {
	What   string // clients, payload or work
	From   string
	To     string
	Choice Choice
}

// Overtaken reports whether none of those that may be first in the choice may be first
// after the change too.
func (c *Change) Overtaken(before *Choice) bool {
	now := c.Choice.First()
	return !slices.ContainsFunc(before.First(), func(x Candidate) bool {
		return slices.ContainsFunc(now, func(y Candidate) bool { return x.Model == y.Model })
	})
}
