package stats

import (
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchmath"
)

// Confidence is that with which each interval of this package holds the true value.
const Confidence = 0.95

// Interval is an estimate and between which values the truth lies, with
// [Confidence]. A side on which too few trials stand is infinite.
type Interval struct {
	Estimate float64 `json:"estimate"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// Bounded reports whether there were trials enough for both bounds.
func (i Interval) Bounded() bool { return !math.IsInf(i.Low, 0) && !math.IsInf(i.High, 0) }

// Overlaps reports whether the interval has a value from low to high.
func (i Interval) Overlaps(low, high float64) bool { return i.Low <= high && i.High >= low }

// Bounds is the interval without its estimate, for people; a unit is said once where it
// is the same on both sides.
func (i Interval) Bounds(write func(float64) string) string {
	if !i.Bounded() {
		return "too few trials"
	}
	low, high := write(i.Low), write(i.High)
	if _, unit, found := strings.Cut(high, " "); found {
		low = strings.TrimSuffix(low, " "+unit)
	}
	return low + " to " + high
}

// inverse is the interval of one over it.
func (i Interval) inverse() Interval { return Interval{1 / i.Estimate, 1 / i.High, 1 / i.Low} }

// unbounded says nothing but the estimate.
func Unbounded(estimate float64) Interval {
	return Interval{Estimate: estimate, Low: math.Inf(-1), High: math.Inf(1)}
}

// medianInterval is the median of values and its interval from order statistics,
// which assumes nothing of how they are distributed (W. R. Thompson, "On confidence
// ranges for the median", 1936). It is bounded from six values on.
func MedianInterval(values []float64) Interval {
	if len(values) == 0 {
		return Unbounded(0)
	}
	sample := benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	s := benchmath.AssumeNothing.Summary(sample, Confidence)
	return Interval{Estimate: s.Center, Low: s.Lo, High: s.Hi}
}
