package stats

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"connbench/results"
)

// Boundary is the level at which is decided at a look that is taken when a share of the
// trials is there, more than 0 to 1, so that looking again and again makes no more wrong
// decisions than looking once in the end: that of O'Brien and Fleming ("A multiple testing
// procedure for clinical trials", 1979), for any number of looks by K. K. G. Lan and D. L.
// DeMets ("Discrete sequential boundaries for clinical trials", 1983). It asks for very much
// early, and in the end for [Significance]: 0.006 at half, 0.024 at three quarters.
func Boundary(share float64) float64 {
	z := distuv.UnitNormal.Quantile(1-Significance/2) / math.Sqrt(share)
	return 2 * distuv.UnitNormal.CDF(-z)
}

// Leave names at each point the rows that further blocks would tell nothing about that
// matters, and why, when a share of the planned blocks is there: those that are far behind the
// best beyond doubt or have come to nothing so far, and all where one is left or all are told apart.
// Rows that have left before may be among the trials or not.
func Leave(trials []results.Trial, share float64) map[At][]results.Leaving {
	all := map[At][]results.Leaving{}
	points := Summarize(trials, nil)
	for _, r := range rank(points, rankedBy, Boundary(share)) {
		left := r.vain(points, share)
		var contenders []results.Leaving
		for _, s := range r.Standings {
			switch {
			case s.First > 0 && farBehind(r.Metric, *s.Best):
				left = append(left, results.Leaving{Model: s.Model, Why: behind(r.Metric, s.Best)})
			case !slices.ContainsFunc(left, func(l results.Leaving) bool { return l.Model == s.Model }):
				contenders = append(contenders, results.Leaving{Model: s.Model, Why: "who is first is known"})
			}
		}
		if r.Ranked() > 1 && (len(contenders) == 1 || r.Apart == r.Pairs && r.Ranked() == len(r.Standings)) {
			left = append(left, contenders...)
		}
		if left != nil {
			all[At{r.Clients, r.PayloadBytes, r.RateRPS}] = left
		}
	}
	return all
}

// vain are the rows that cannot be ranked any more, whatever becomes of the trials that are
// left: none of half of them or more has been what it should be.
func (r *Ranking) vain(points []Point, share float64) []results.Leaving {
	var vain []results.Leaving
	for i := range points {
		p := &points[i]
		switch {
		case p.Key.Shared() != r.Key || share < 0.5:
		case !p.HasFigures():
			vain = append(vain, results.Leaving{Model: p.Model, Why: "failed in each of " + results.Plural(p.Trials, "trial")})
		case p.Figures[results.Unserved].Min > 0:
			vain = append(vain, results.Leaving{Model: p.Model, Why: "left clients without any answer in each of " + results.Plural(p.Trials, "trial")})
		}
	}
	return vain
}

// behind is how far beyond doubt.
func behind(m *results.Figure, ratio *Interval) string {
	if m.More {
		return fmt.Sprintf("%s at most %s times the best's", m.Title, results.Ratio(ratio.High))
	}
	return fmt.Sprintf("%s at least %s times the best's", m.Title, results.Ratio(ratio.Low))
}
