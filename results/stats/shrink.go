package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// shrink makes variances of sums of squares and the degrees of freedom behind them, each
// drawn towards what they have in common as far as they do (G. K. Smyth, "Linear models
// and empirical Bayes methods for assessing differential expression", 2004): six trials of
// a row know little of its scatter, those of all rows much. Two rows have one variance.
// Freedom is then that of what is drawn, at most all there is.
func shrink(sums, freedom []float64) (variances, drawn []float64) {
	squares, all := 0.0, 0.0
	for i, d := range freedom {
		squares, all = squares+sums[i], all+d
	}
	least := leastDeviation * leastDeviation
	common, prior := least, math.Inf(1)
	if all > 0 {
		common = max(least, squares/all)
	}
	if len(sums) > 2 {
		common, prior = moments(sums, freedom, common)
	}
	variances, drawn = make([]float64, len(sums)), make([]float64, len(sums))
	for i, d := range freedom {
		if drawn[i] = min(all, d+prior); math.IsInf(prior, 1) {
			variances[i] = common
		} else {
			variances[i] = max(least, (prior*common+sums[i])/(prior+d))
		}
	}
	return variances, drawn
}

// moments are the common variance and its degrees of freedom by Smyth's section 6.2: the
// logarithms of variances vary by their own freedom, and beyond it by the prior's.
func moments(sums, freedom []float64, pooled float64) (common, prior float64) {
	var logs, within []float64
	for i, d := range freedom {
		if d >= 0.5 && sums[i] > 0 {
			own := steady * d / 2
			logs = append(logs, math.Log(sums[i]/d)-mathext.Digamma(own)+math.Log(own))
			within = append(within, trigamma(own))
		}
	}
	n := float64(len(logs))
	if n < 3 {
		return pooled, math.Inf(1)
	}
	mean, beyond := 0.0, 0.0
	for _, z := range logs {
		mean += z / n
	}
	for i, z := range logs {
		beyond += (z-mean)*(z-mean)/(n-1) - within[i]/n
	}
	if beyond <= trigamma(mostPrior/2) {
		return pooled, math.Inf(1)
	}
	low, high := math.Log(1e-3), math.Log(mostPrior)
	for range 60 {
		if mid := (low + high) / 2; trigamma(math.Exp(mid)/2) > beyond {
			low = mid
		} else {
			high = mid
		}
	}
	prior = math.Exp(low)
	return math.Exp(mean + mathext.Digamma(prior/2) - math.Log(prior/2)), prior
}

// steady is how many times the degrees of freedom a sum of squares of held residuals is
// as steady as: normal noise held at [clip] has squares of a variance of 0.629, 2 without.
const steady = 1.93

// mostPrior is as many degrees of freedom as are without end.
const mostPrior = 1e4

func trigamma(x float64) float64 { return mathext.Zeta(2, x) }
