package stats

import "math"

// Probe is by how much something held at a number, once.
type Probe struct {
	At float64 // more than 0
	// Margin is the logarithm of how many times it could have been worse and hold still, negative
	// where it did not; -Inf where it did not and nobody knows by how much.
	Margin float64
}

// Edge is what is believed of where a thing that holds at small numbers ceases to: at the edge it
// does so every second time. About the edge the margin falls with the logarithm of the number,
// how steeply is not known, and scatters, as the logistic distribution does and by how much is
// not known either; further than four times from the limit, where a latency no longer says how near
// the edge is, only that counts. Once in fifty times what is seen has nothing to do with the number. The
// belief is that of Bayes from an edge that may be anywhere on a scale of logarithms. That is
// how psychometric functions are measured (A. B. Watson and D. G. Pelli, "QUEST", 1983; L. L.
// Kontsevich and C. W. Tyler, "Bayesian adaptive estimation of psychometric slope and threshold",
// 1999), there from outcomes without margins.
type Edge struct {
	at    []float64 // rising
	below []float64 // the belief that the edge is at or below
}

var (
	edgeSlopes   = []float64{1, 2, 4, 8, 16}
	edgeScatters = []float64{0.15, 0.3, 0.6, 1.2}
	edgeClip     = math.Log(4)
)

const (
	edgeStep  = 1.02
	edgeLapse = 0.02
	edgeRoom  = 4 // times the highest number, and that part of the lowest, between which the edge is
)

// EdgeOf is what probes come to, of which there is one at least.
func EdgeOf(probes []Probe) *Edge {
	low, high := math.Inf(1), 0.0
	for _, p := range probes {
		low, high = min(low, p.At), max(high, p.At)
	}
	e := &Edge{}
	sum := 0.0
	for at := low / edgeRoom; at <= high*edgeRoom; at *= edgeStep {
		for _, slope := range edgeSlopes {
			for _, scatter := range edgeScatters {
				likelihood := 1.0
				for _, p := range probes {
					likelihood *= p.given(slope*math.Log(at/p.At), scatter)
				}
				sum += likelihood
			}
		}
		e.at, e.below = append(e.at, at), append(e.below, sum)
	}
	for i := range e.below {
		e.below[i] /= sum
	}
	return e
}

// given is how likely a margin is about a mean.
func (p Probe) given(mean, scatter float64) float64 {
	logistic := func(x float64) float64 { return 1 / (1 + math.Exp(-x/scatter)) }
	switch {
	case p.Margin >= edgeClip:
		return (1-edgeLapse)*logistic(mean-edgeClip) + edgeLapse/3
	case math.IsInf(p.Margin, -1):
		return (1-edgeLapse)*logistic(-mean) + edgeLapse/2
	case p.Margin <= -edgeClip:
		return (1-edgeLapse)*logistic(-edgeClip-mean) + edgeLapse/3
	}
	below := logistic(p.Margin - mean)
	return (1-edgeLapse)*below*(1-below)/scatter + edgeLapse/3/(2*edgeClip)
}

// Quantile is below which number the edge is with a belief from 0 to 1.
func (e *Edge) Quantile(belief float64) float64 {
	for i, below := range e.below {
		if below >= belief {
			return e.at[i]
		}
	}
	return e.at[len(e.at)-1]
}

// Interval is the median of the belief, and what holds with [Confidence].
func (e *Edge) Interval() Interval {
	return Interval{e.Quantile(0.5), e.Quantile((1 - Confidence) / 2), e.Quantile((1 + Confidence) / 2)}
}
