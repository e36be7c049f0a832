package stats

import (
	"math"
	"slices"

	"github.com/aclements/go-moremath/stats"
	"golang.org/x/perf/benchmath"
	"gonum.org/v1/gonum/stat/combin"

	"connbench/results"
)

// Effect is how many times as large a figure is in one set of trials as in another.
type Effect struct {
	Ratio  Interval // 1 for the same; the interval is of this effect by itself
	P      float64  // how likely chance alone would come to this or more, 0 to 1
	Trials int      // pairs, or trials of the smaller set
	Others int      // trials of the larger set, of one that is not paired
	Paired bool     // within blocks
}

// least is the smallest P that so many trials can come to.
func (e *Effect) Least() float64 {
	if e.Paired {
		return 2 * math.Exp2(-float64(e.Trials))
	}
	return 2 / combin.GeneralizedBinomial(float64(e.Trials+e.Others), float64(e.Trials))
}

// fewPairs is below how many pairs the signs of their differences alone cannot make up
// for hundreds of comparisons: the least probability of six is 1/32.
const fewPairs = 8

// blockEffect compares b with a, the i-th values of which were measured in one block.
// Few pairs are compared as if they had been measured apart: that loses what they have in
// common, and tells large differences from chance all the same. It is on the safe side,
// since what blocks have in common makes the two samples differ less than it assumes.
func BlockEffect(a, b []float64) Effect {
	if len(a) < fewPairs {
		return independentEffect(a, b)
	}
	return pairedEffect(a, b)
}

// A ratio is estimated by shifts of the logarithm. Both estimators are those of
// J. L. Hodges and E. L. Lehmann ("Estimates of location based on rank tests", 1963),
// whose intervals follow from the exact distribution of the rank test beside them
// and assume nothing of the figures but what is said there.

// pairedEffect compares b with a, the i-th values of which were measured in one
// block. It assumes that the logarithm of their ratio varies symmetrically, as it does
// where order within a block is drawn by chance (F. Wilcoxon, "Individual
// comparisons by ranking methods", 1945). Values are positive or +Inf.
func pairedEffect(a, b []float64) Effect {
	shifts := make([]float64, len(a))
	for i := range a {
		shifts[i] = logRatio(a[i], b[i])
	}
	e := Effect{P: 1, Trials: len(a), Paired: true, Ratio: Unbounded(1)}
	if len(a) == 0 {
		return e
	}
	averages := walsh(shifts)
	d := newSignedRank(len(a))
	e.Ratio = exponential(orderInterval(averages, d.below(Tail)))
	e.P = d.p(shifts)
	return e
}

// independentEffect compares b with a, which were measured apart: it assumes that
// they are distributed alike but for a factor (H. B. Mann, D. R. Whitney, "On a test
// of whether one of two random variables is stochastically larger than the
// other", 1947). Values are positive or +Inf.
func independentEffect(a, b []float64) Effect {
	e := Effect{P: 1, Trials: min(len(a), len(b)), Others: max(len(a), len(b)), Ratio: Unbounded(1)}
	if e.Trials == 0 {
		return e
	}
	shifts := make([]float64, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			shifts = append(shifts, logRatio(x, y))
		}
	}
	slices.Sort(shifts)
	e.Ratio = exponential(orderInterval(shifts, ranksBelow(len(a), len(b))))
	x := benchmath.NewSample(slices.Clone(a), &benchmath.DefaultThresholds)
	y := benchmath.NewSample(slices.Clone(b), &benchmath.DefaultThresholds)
	e.P = benchmath.AssumeNothing.Compare(x, y).P
	return e
}

// tail is what may lie beyond an interval on either side.
const Tail = (1 - Confidence) / 2

// logRatio is the logarithm of b/a; what is infinite on both sides is the same.
func logRatio(a, b float64) float64 {
	if a == b {
		return 0
	}
	return math.Log(b) - math.Log(a)
}

// walsh is the sorted means of all pairs of values, each with itself too.
func walsh(values []float64) []float64 {
	averages := make([]float64, 0, len(values)*(len(values)+1)/2)
	for i, x := range values {
		for _, y := range values[i:] {
			mean := x/2 + y/2
			if math.IsNaN(mean) { // endless either way
				mean = 0
			}
			averages = append(averages, mean)
		}
	}
	slices.Sort(averages)
	return averages
}

// orderInterval is the median of sorted values, and the interval from the value after
// the first below ones to the one before the last below; -1 stands for too few.
func orderInterval(sorted []float64, below int) Interval {
	i := Unbounded(results.Median(sorted))
	if math.IsNaN(i.Estimate) { // between -Inf and +Inf
		i.Estimate = 0
	}
	if below >= 0 {
		i.Low, i.High = sorted[below], sorted[len(sorted)-1-below]
	}
	return i
}

func exponential(i Interval) Interval {
	if !i.Bounded() {
		return Interval{Estimate: math.Exp(i.Estimate), Low: 0, High: math.Inf(1)}
	}
	return Interval{Estimate: math.Exp(i.Estimate), Low: math.Exp(i.Low), High: math.Exp(i.High)}
}

// maxExact is up to how many pairs, or values on either side, the distributions of
// the rank tests are computed exactly; the normal approximation is good to the fourth
// place long before.
const maxExact = 50

// ranksBelow is how many of the n*m differences of two samples are left out at either
// end of an interval: the most for which the Mann-Whitney statistic is smaller
// with a probability of at most tail. -1 where none may be: there are too few.
func ranksBelow(n, m int) int {
	if n > maxExact || m > maxExact {
		mean, deviation := float64(n*m)/2, math.Sqrt(float64(n*m*(n+m+1))/12)
		return normalBelow(mean, deviation)
	}
	d := stats.UDist{N1: n, N2: m}
	below := -1
	for d.CDF(float64(below+1)) <= Tail {
		below++
	}
	return below
}

// normalBelow is the same from the normal approximation, continuity corrected.
func normalBelow(mean, deviation float64) int {
	z := stats.InvCDF(stats.NormalDist{Mu: 0, Sigma: 1})(Tail)
	return int(math.Floor(mean+z*deviation-0.5)) - 1
}
