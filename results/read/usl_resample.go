package read

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"connbench/results"
	"connbench/results/stats"
)

// sample is the throughputs of the valid trials at one number of clients.
type sample struct {
	clients float64
	rates   []float64 // sorted
	median  float64
	fitted  bool
}

const (
	leastTrials   = 3    // at each client count, for an interval
	resampleCount = 1000 // of which 25 lie beyond an interval on either side
	resampleSeed  = 1    // the same for each row, so that a report comes out the same again
)

// samplesOf are those of a row's points. A count with fewer trials than an interval needs
// is fitted only if there are too few others.
func samplesOf(points []*stats.Point) []sample {
	samples := make([]sample, len(points))
	enough := 0
	for i, p := range points {
		samples[i] = sampleOf(p)
		if samples[i].fitted && len(samples[i].rates) >= leastTrials {
			enough++
		}
	}
	if enough >= leastCounts {
		for i := range samples {
			samples[i].fitted = samples[i].fitted && len(samples[i].rates) >= leastTrials
		}
	}
	return samples
}

func sampleOf(p *stats.Point) sample {
	s := sample{clients: float64(p.Clients)}
	for _, t := range p.All {
		if x := t.ThroughputRPS; t.Valid() && x > 0 && !math.IsInf(x, 1) {
			s.rates = append(s.rates, x)
		}
	}
	slices.Sort(s.rates)
	if len(s.rates) > 0 && p.Clients > 0 && !p.Flagged() {
		s.median, s.fitted = results.Median(s.rates), true
	}
	return s
}

// fitSamples fits the law to the medians by relative error, and says how far it is
// off one of them at most, as a share of it.
func fitSamples(samples []sample) (l law, off float64) {
	l = fitLaw(results.Map(samples, func(s sample) float64 { return s.clients }), results.Map(samples, func(s sample) float64 { return s.median }))
	for _, s := range samples {
		off = max(off, math.Abs(l.at(s.clients)/s.median-1))
	}
	return l, off
}

// resample fits the law to medians as they might have come out as well, l being that of
// those that did. There are no such fits where a sample is too small for it.
//
// The trials are drawn anew at each client count, one less than there were, which is what
// makes the spread of so few come out right (J. N. K. Rao, C. F. J. Wu, "Resampling
// inference with complex survey data", 1988). How much more the medians are off the law
// than their trials explain is taken as chance as well, a draw for each.
//
// Where the law holds, intervals from such fits have the truth 19 times of 20. They are
// too short where the truth is at a bound of σ or κ and there are few trials: with three at
// each count, one in five missed the throughput at ten times the most clients. So they are
// where the points are off the law: with six counts off by 5 %, one in eight missed σ.
func resample(samples []sample, l law) []law {
	if slices.ContainsFunc(samples, func(s sample) bool { return len(s.rates) < leastTrials }) {
		return nil
	}
	random := rand.New(rand.NewPCG(resampleSeed, 0))
	draws := make([][]float64, resampleCount)
	for i := range draws {
		draws[i] = results.Map(samples, func(s sample) float64 { return s.draw(random) })
	}
	misfit := unexplained(samples, draws, l)
	clients := results.Map(samples, func(s sample) float64 { return s.clients })
	return results.Map(draws, func(medians []float64) law {
		for j := range medians {
			medians[j] *= math.Exp(misfit * random.NormFloat64())
		}
		return fitLaw(clients, medians)
	})
}

// draw is the median of the sample drawn anew.
func (s sample) draw(random *rand.Rand) float64 {
	drawn := make([]float64, len(s.rates)-1)
	for i := range drawn {
		drawn[i] = s.rates[random.IntN(len(s.rates))]
	}
	slices.Sort(drawn)
	return results.Median(drawn)
}

// unexplained is the standard deviation of the logarithms of the medians about the law,
// beyond that which their draws have.
func unexplained(samples []sample, draws [][]float64, l law) float64 {
	free := len(samples) - 3
	squares, expected := 0.0, 0.0
	column := make([]float64, len(draws))
	for j, s := range samples {
		off := math.Log(s.median / l.at(s.clients))
		squares += off * off
		for i := range draws {
			column[i] = math.Log(draws[i][j])
		}
		expected += stat.Variance(column, nil) / float64(len(samples))
	}
	return math.Sqrt(max(0, squares/float64(free)-expected))
}

// interval is a figure of the fitted law and between which values it was in the
// resamples; from 0 to +Inf where there are none.
func (s *Scaling) interval(figure func(law) float64) stats.Interval {
	i := stats.Interval{Estimate: figure(s.law()), Low: 0, High: math.Inf(1)}
	if len(s.resamples) == 0 {
		return i
	}
	figures := results.Map(s.resamples, figure)
	slices.Sort(figures)
	if floats.HasNaN(figures) {
		return i
	}
	i.Low = stat.Quantile(stats.Tail, stat.Empirical, figures, nil)
	i.High = stat.Quantile(1-stats.Tail, stat.Empirical, figures, nil)
	return i
}
