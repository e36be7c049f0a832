package calibrate

import (
	"connbench/results"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is an estimate with its confidence interval of 95 %.
type Interval struct {
	Estimate float64 `json:"estimate"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

const confidence = 0.95

// interval is the mean of independent values with Student's interval, nil if they
// are fewer than two.
func interval(values []float64) *Interval {
	if len(values) < 2 {
		return nil
	}
	m, variance := stat.MeanVariance(values, nil)
	n := float64(len(values))
	return around(m, variance/n, n-1)
}

// difference is the mean of a less that of b with the interval of B. L. Welch
// (Biometrika 34, 1947), nil if either are fewer than two.
func difference(a, b []float64) *Interval {
	if len(a) < 2 || len(b) < 2 {
		return nil
	}
	meanA, varianceA := stat.MeanVariance(a, nil)
	meanB, varianceB := stat.MeanVariance(b, nil)
	nA, nB := float64(len(a)), float64(len(b))
	errorA, errorB := varianceA/nA, varianceB/nB
	sum := errorA + errorB
	return around(meanA-meanB, sum, sum*sum/(errorA*errorA/(nA-1)+errorB*errorB/(nB-1)))
}

// geometric is the geometric mean with its interval, for positive values that
// spread over factors.
func geometric(values []float64) *Interval {
	logs := make([]float64, len(values))
	for i, v := range values {
		logs[i] = math.Log(max(v, 1))
	}
	i := interval(logs)
	if i == nil {
		return nil
	}
	return &Interval{math.Exp(i.Estimate), math.Exp(i.Low), math.Exp(i.High)}
}

// around is the interval of an estimate of which the variance was itself estimated.
func around(estimate, variance, freedom float64) *Interval {
	half := 0.0
	if variance > 0 {
		half = distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile((1+confidence)/2) * math.Sqrt(variance)
	}
	return &Interval{Estimate: estimate, Low: estimate - half, High: estimate + half}
}

func (i *Interval) times(factor float64) *Interval {
	if i == nil {
		return nil
	}
	return &Interval{i.Estimate * factor, i.Low * factor, i.High * factor}
}

// median is that of any number of values, 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return results.Median(slices.Sorted(slices.Values(values)))
}
