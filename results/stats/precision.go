package stats

import (
	"math"

	"connbench/results"
)

// At is a point of a plan: what the trials of a block have in common.
type At struct {
	Clients      int
	PayloadBytes int
	RateRPS      float64 // 0 of a closed loop
}

// tooFar is how many times worse than the first a row may be, beyond doubt, before it
// no longer matters how many times exactly: nobody's choice hangs on that.
const tooFar = 1.5

// Wide counts at each point the comparisons that matter and are not known to
// within percent: of each ranked row with the first, unless it is far behind; of a row
// alone, its median.
func Wide(trials []results.Trial, percent float64) map[At]int {
	wide := map[At]int{}
	for _, r := range Rank(trials, Summarize(trials, nil)) {
		at := At{r.Clients, r.PayloadBytes, r.RateRPS}
		for _, s := range r.Standings {
			switch {
			case s.More > 0,
				s.Best != nil && !farBehind(r.Metric, *s.Best) && s.Best.wider(percent),
				r.Ranked() == 1 && s.First == 1 && s.Value.wider(percent):
				wide[at]++
			}
		}
	}
	return wide
}

// wider reports whether either bound is further than percent from the estimate.
func (i Interval) wider(percent float64) bool {
	return !i.Bounded() || math.Max(i.High/i.Estimate-1, 1-i.Low/i.Estimate)*100 > percent
}

// farBehind reports whether all of a ratio to the first row is.
func farBehind(m *results.Figure, ratio Interval) bool {
	if m.More {
		return ratio.High < 1/tooFar
	}
	return ratio.Low > tooFar
}
