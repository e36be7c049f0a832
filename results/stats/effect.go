package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"connbench/results"
)

// Effect is how many times as large a figure is in one set of trials as in another.
type Effect struct {
	Ratio  Interval // 1 for the same; the interval is of this effect by itself
	P      float64  // how likely chance alone would come to this or more, 0 to 1
	Trials int      // of the smaller set

	deviation float64 // of the logarithm of the ratio
	freedom   float64 // degrees of it behind that
}

// tail is what may lie beyond an interval on either side.
const Tail = (1 - Confidence) / 2

// leastFreedom is how many degrees of freedom an interval needs.
const leastFreedom = 0.5

// LeastTrials is how many valid trials of each row an interval and a probability need. Of one or
// two nobody knows what is their scatter and what the machine's drift: equal rows that had one each
// beside a third differed at the level of 5 % in 80 of 100 simulated runs, at two each in 8.
const LeastTrials = 3

// within is the ratio, and between which bounds it is but for a tail on either side.
func (e *Effect) within(tail float64) Interval {
	if !(e.freedom >= leastFreedom) {
		return Unbounded(e.Ratio.Estimate)
	}
	far := distuv.StudentsT{Sigma: 1, Nu: e.freedom}.Quantile(1-tail) * e.deviation
	return Interval{Estimate: e.Ratio.Estimate, Low: e.Ratio.Estimate * math.Exp(-far), High: e.Ratio.Estimate * math.Exp(far)}
}

// Outcome is what the effect comes to by itself, for a metric.
func (e *Effect) Outcome(m *results.Figure) Outcome { return e.outcome(m, e.P) }

// outcome decides by a probability that is adjusted to how many effects there are.
func (e *Effect) outcome(m *results.Figure, adjusted float64) Outcome {
	switch {
	case adjusted > Significance && e.Ratio.Bounded() && e.Ratio.Low >= 1-Same && e.Ratio.High <= 1+Same:
		return NoDifference
	case adjusted > Significance || !e.Ratio.Bounded():
		return Undecided
	case m.Better(e.Ratio.Estimate):
		return Better
	}
	return Worse
}
