package stats

import (
	"math"
	"slices"

	"connbench/results"
)

// At is a point of a plan: what the trials of a block have in common.
type At struct {
	Clients      int
	PayloadBytes int
	RateRPS      float64 // 0 of a closed loop
}

// tooFar is how many times worse than the best a row may be, beyond doubt, before it
// no longer matters how many times exactly: nobody's choice hangs on that.
const tooFar = 1.5

// Wide names at each point the rows of which it matters how far they are from the best and
// that is not known to within percent, and if there are any those of the first group, against
// which they are held; of a row alone, it is its level. Rows that are far behind beyond doubt
// are not among them, nor are those that more trials make nothing of.
func Wide(trials []results.Trial, percent float64) map[At][]string {
	wide := map[At][]string{}
	for _, r := range Rank(Summarize(trials, nil)) {
		var rows []string
		for _, s := range r.Standings {
			if s.More > 0 || s.Best != nil && !farBehind(r.Metric, *s.Best) && s.Best.wider(percent) || r.Ranked() == 1 && s.First == 1 && s.Value.wider(percent) {
				rows = append(rows, s.Model)
			}
		}
		if rows == nil {
			continue
		}
		for _, s := range r.Leaders() {
			if !slices.Contains(rows, s.Model) {
				rows = append(rows, s.Model)
			}
		}
		wide[At{r.Clients, r.PayloadBytes, r.RateRPS}] = rows
	}
	return wide
}

// wider reports whether either bound is further than percent from the estimate.
func (i Interval) wider(percent float64) bool {
	return !i.Bounded() || math.Max(i.High/i.Estimate-1, 1-i.Low/i.Estimate)*100 > percent
}

// farBehind reports whether all of a ratio to the best is.
func farBehind(m *results.Figure, ratio Interval) bool {
	if m.More {
		return ratio.High < 1/tooFar
	}
	return ratio.Low > tooFar
}
