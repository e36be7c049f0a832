package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"connbench/results"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/combin"
	"gonum.org/v1/gonum/stat/distuv"
)

// Change is a place in a series of values from which on they are others.
type Change struct {
	From, At, To int      // the values from At to To, which is not among them, are others than those from From to At
	Ratio        Interval // of their geometric means, given the place
	P            float64  // how likely the same values in any order would show one as clear
}

const (
	// leastStretch is the fewest values on either side of a change: one alone may be an outlier.
	leastStretch = 2
	// permutations is how many orders of a series are tried at the most.
	permutations = 9999
	// furtherLevel is up to which probability there is a further change in a series that has one.
	furtherLevel = 0.01
	// enoughOrders is how many of them may be as clear as its own before no more are tried.
	enoughOrders = 20
)

// Clearest is where the level of a series of positive values, in their order in time, most likely
// changed, and how likely chance alone would come to a change as clear: 1 of a series too short to
// have one.
//
// The statistic is the largest standardised difference of the means before and after a place (A. Sen,
// M. S. Srivastava, "On tests for detecting change in mean", 1975), of normal scores, which bound
// what an outlier can do. Its probability is that among the same values in other orders (J. Antoch,
// M. Hušková, "Permutation tests in change point analysis", 2001), drawn until enough are as clear
// (J. Besag, P. Clifford, "Sequential Monte Carlo p-values", 1991). So of series whose order means
// nothing, however their values scatter, a share of no more than p comes to p. Where values depend
// on those before, as of a machine that drifts, it is more.
//
// In simulation of normal values a step of 2 standard deviations in the middle of 20 is found 9 times
// in 10 at 0.05, and one of 3 as often at 0.001; one of 4 in the last three of 20 is found at 0.05.
func Clearest(values []float64) (at int, p float64) {
	if len(values) < 2*leastStretch {
		return 0, 1
	}
	scores := normalScores(values)
	at, most := clearest(scores)
	return at, chance(scores, most)
}

// leastChance is the lowest probability that so many values can come to, as far as orders are tried:
// where the lower half is before the upper.
func leastChance(n int) float64 {
	as := 2 * math.Exp(-combin.LogGeneralizedBinomial(float64(n), float64(n/2)))
	if n%2 > 0 { // the one in the middle may be in either
		as *= 2
	}
	return min(1, as+1/float64(permutations+1))
}

// ValuesNeeded is how many values series must have for a change of one among so many of them to be
// told at [Significance], or of several of them where they are more than orders are tried.
func ValuesNeeded(series int) int {
	level := max(Significance/float64(max(1, series)), 1.5/float64(permutations+1))
	return 2*leastStretch + sort.Search(100, func(n int) bool { return leastChance(2*leastStretch+n) <= level })
}

// Changes are all places at which the level of a series changes, in order: the clearest of all where
// its probability is up to [Significance], and then those within the stretches on both sides of it, each
// up to one in a hundred (bisection, as of D. S. Matteson, N. A. James, "A nonparametric approach for
// multiple change point analysis of multivariate data", 2014). Each is from the change before to the next.
func Changes(values []float64) []Change {
	all := bisect(values, 0, len(values), Significance)
	for i := range all {
		c := &all[i]
		if i > 0 {
			c.From = all[i-1].At
		}
		if c.To = len(values); i+1 < len(all) {
			c.To = all[i+1].At
		}
		c.Ratio = times(values[c.From:c.At], values[c.At:c.To])
	}
	return all
}

// bisect finds the places of changes between two places, and their probabilities.
func bisect(values []float64, from, to int, level float64) []Change {
	at, p := Clearest(values[from:to])
	if p > level || at == 0 {
		return nil
	}
	at += from
	return slices.Concat(bisect(values, from, at, furtherLevel), []Change{{At: at, P: p}}, bisect(values, at, to, furtherLevel))
}

// normalScores are where the values would lie if they were normal, by their ranks (B. L. van der
// Waerden, "Order tests for the two-sample problem", 1952): an outlier pulls no further than the last
// of its side does. Values that are the same have the same.
func normalScores(values []float64) []float64 {
	sorted := slices.Sorted(slices.Values(values))
	return results.Map(values, func(v float64) float64 {
		first, _ := slices.BinarySearch(sorted, v)
		next := sort.Search(len(sorted), func(i int) bool { return sorted[i] > v })
		return distuv.UnitNormal.Quantile((float64(first+next+1) / 2) / float64(len(sorted)+1))
	})
}

// clearest is the place with the largest difference of means, and what that is.
func clearest(scores []float64) (at int, most float64) {
	mean, n, sum := stat.Mean(scores, nil), float64(len(scores)), 0.0
	most = -1
	for i, v := range scores[:len(scores)-leastStretch] {
		sum += v - mean
		before := float64(i + 1)
		if i+1 < leastStretch {
			continue
		}
		if d := math.Abs(sum) / math.Sqrt(before*(n-before)/n); d > most {
			at, most = i+1, d
		}
	}
	return at, most
}

// chance is the share of orders of the values with a difference as large. The seed is of the values,
// so that it is the same each time, and no two series err alike.
func chance(scores []float64, most float64) float64 {
	seed := uint64(len(scores))
	for _, v := range scores {
		seed = seed*0x9E3779B97F4A7C15 ^ math.Float64bits(v)
	}
	random := rand.New(rand.NewPCG(seed, 1975))
	shuffled := slices.Clone(scores)
	as := 0
	for tried := range permutations {
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if _, d := clearest(shuffled); d >= most*(1-1e-9) {
			if as++; as == enoughOrders {
				return float64(as) / float64(tried+1)
			}
		}
	}
	return float64(as+1) / (permutations + 1)
}

// times is how many times as large the geometric mean of values after a change is, by Welch's interval
// of the difference of the means of the logarithms ("The generalization of 'Student's' problem when
// several different population variances are involved", 1947).
func times(before, after []float64) Interval {
	a, va := stat.MeanVariance(results.Map(before, math.Log), nil)
	b, vb := stat.MeanVariance(results.Map(after, math.Log), nil)
	na, nb := float64(len(before)), float64(len(after))
	va, vb = va/na, vb/nb
	e := Effect{Ratio: Interval{Estimate: math.Exp(b - a)}, deviation: math.Sqrt(va + vb), freedom: (va + vb) * (va + vb) / (va*va/(na-1) + vb*vb/(nb-1))}
	return e.within(Tail)
}

// Scatter is the standard deviation of the logarithms of values about their mean in each stretch
// between changes; false where too few are left to tell.
func Scatter(values []float64, changes []Change) (deviation float64, known bool) {
	squares, from := 0.0, 0
	for i := range len(changes) + 1 {
		to := len(values)
		if i < len(changes) {
			to = changes[i].At
		}
		_, variance := stat.PopMeanVariance(results.Map(values[from:to], math.Log), nil)
		squares, from = squares+variance*float64(to-from), to
	}
	freedom := len(values) - len(changes) - 1
	return math.Sqrt(squares / float64(max(1, freedom))), freedom > 0
}
