package read

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Published fits, by the squares of the throughput itself: of a router by Cisco from B.
// Schwartz, "Practical Scalability Analysis with the Universal Scalability Law" (2015), and
// of the SPEC SDM91 benchmark from S. Möding's package usl for R, which has the data from
// N. J. Gunther's book.
var published = []struct {
	name     string
	clients  []float64
	rates    []float64
	want     law
	peak     float64
	accuracy float64 // a share, from the digits that were printed
}{
	{
		"cisco",
		[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32},
		[]float64{
			955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71, 8646.7, 9047.84, 9426.55, 9645.37, 9897.24,
			10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806, 12089.37, 12075.41, 12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4, 12074.39,
		},
		law{995.6486, 0.02671591, 7.690945e-4}, 35.57, 1e-5,
	},
	{
		"specsdm91",
		[]float64{1, 18, 36, 72, 108, 144, 216},
		[]float64{64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2},
		law{89.9952330, 0.0277285, 0.0001044}, 96.5, 1e-3,
	},
}

func TestFitPublished(t *testing.T) {
	for _, p := range published {
		t.Run(p.name, func(t *testing.T) {
			got := leastSquares(p.clients, p.rates)
			if !got.near(p.want, p.accuracy) {
				t.Errorf("%+v, want %+v", got, p.want)
			}
			if peak := got.peak(); math.Abs(peak/p.peak-1) > 1e-3 {
				t.Errorf("peak at %v, want %v", peak, p.peak)
			}
		})
	}
}

// leastSquares fits by the squares of the rates themselves, as the published fits do, by
// the method of Gauss and Newton: each step is a fit of times, linear about the last.
func leastSquares(clients, rates []float64) law {
	l := fitLaw(clients, rates)
	times, weights := make([]float64, len(rates)), make([]float64, len(rates))
	for range 50 {
		for i, n := range clients {
			x := l.at(n)
			times[i] = n/x - (rates[i]-x)*n/(x*x)
			weights[i] = x * x / n
		}
		l = fitTimes(clients, times, weights)
	}
	return l
}

// near reports whether each parameter is the same up to a share, or next to 0 as well.
func (l law) near(want law, share float64) bool {
	close := func(got, want float64) bool { return math.Abs(got-want) <= share*math.Abs(want)+1e-12 }
	return close(l.lambda, want.lambda) && close(l.sigma, want.sigma) && close(l.kappa, want.kappa)
}

func TestFitLawExact(t *testing.T) {
	for name, clients := range map[string][]float64{
		"from one":   {1, 4, 16, 64, 256, 1024},
		"many":       {256, 1000, 4000, 16000},
		"near":       {100, 110, 120, 130},
		"unordered":  {64, 1, 8, 512},
		"as many as": {1, 10, 100},
	} {
		for _, want := range []law{
			{1000, 0, 0},       // linear
			{1000, 0.05, 0},    // contention alone
			{1000, 0, 1e-4},    // coherency alone
			{58e3, 0.3, 1e-5},  // both
			{58e3, 1, 0},       // flat
			{0.001, 1, 1e-4},   // falls from the start
			{2e6, 0.999, 1e-3}, // all but
		} {
			rates := make([]float64, len(clients))
			for i, n := range clients {
				rates[i] = want.at(n)
			}
			got := fitLaw(clients, rates)
			for i, n := range clients {
				if math.Abs(got.at(n)/rates[i]-1) > 1e-9 {
					t.Errorf("%s, %+v: %v requests/s at %v clients, want %v", name, want, got.at(n), n, rates[i])
				}
			}
			if !got.near(want, 1e-4) {
				t.Errorf("%s: %+v, want %+v", name, got, want)
			}
		}
	}
}

// No law within the bounds comes closer than the one that is found, though it is at a bound.
func TestFitLawLeast(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	clients := []float64{1, 3, 10, 40, 200}
	squares := func(l law, rates []float64) float64 {
		sum := 0.0
		for i, n := range clients {
			off := rates[i]/l.at(n) - 1
			sum += off * off
		}
		return sum
	}
	bounds := 0
	for range 300 {
		rates := make([]float64, len(clients))
		about := law{1, random.Float64(), 1e-4 * random.Float64()}
		for i, n := range clients {
			rates[i] = about.at(n) * math.Exp(0.3*random.NormFloat64())
		}
		found := fitLaw(clients, rates)
		if !(found.lambda > 0 && found.sigma >= 0 && found.sigma <= 1 && found.kappa >= 0) {
			t.Fatalf("%v: out of bounds: %+v", rates, found)
		}
		if found.sigma == 0 || found.sigma == 1 || found.kappa == 0 {
			bounds++
		}
		least := squares(found, rates)
		for range 300 {
			other := law{
				found.lambda * math.Exp(0.3*random.NormFloat64()),
				min(1, max(0, found.sigma+0.1*random.NormFloat64())),
				found.kappa*math.Exp(0.3*random.NormFloat64()) + max(0, 1e-4*random.NormFloat64()),
			}
			if squares(other, rates) < least*(1-1e-9) {
				t.Fatalf("%v: %+v is closer than %+v", rates, other, found)
			}
		}
	}
	if bounds < 100 {
		t.Errorf("%d of 300 at a bound, not as many as this is about", bounds)
	}
}

func TestLawPeak(t *testing.T) {
	for _, c := range []struct {
		law  law
		want float64
	}{
		{law{1, 0, 0}, math.Inf(1)},
		{law{1, 0.5, 0}, math.Inf(1)},
		{law{1, 0.19, 1e-4}, 90},
		{law{1, 1, 1e-4}, 1},
	} {
		if got := c.law.peak(); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%+v: peak at %v, want %v", c.law, got, c.want)
		}
	}
}
