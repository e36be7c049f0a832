package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestEdge(t *testing.T) {
	lost := math.Inf(-1)
	for _, tt := range []struct {
		name      string
		probes    []Probe
		low, high float64 // between which the interval is
	}{
		{"held and lost", []Probe{{10, 4}, {100, 1}, {100, 1.1}, {200, -0.6}, {200, -0.5}}, 120, 230},
		{"by how much is not known", []Probe{{100, 4}, {100, 4}, {200, lost}, {200, lost}}, 100, 270},
		{"a hiccup far below", []Probe{{10, lost}, {10, 4}, {90, 1}, {100, 0.8}, {100, 0.7}, {120, -0.1}, {120, -0.2}}, 100, 200},
		{"never lost", []Probe{{1000, 4}, {1000, 4}, {1000, 4}}, 900, 4001},
		{"never held", []Probe{{16, -4}, {4, -4}, {1, -4}}, 0.2, 2},
	} {
		i := EdgeOf(tt.probes).Interval()
		if !(tt.low <= i.Low && i.Low <= i.Estimate && i.Estimate <= i.High && i.High <= tt.high) {
			t.Errorf("%s: %+v", tt.name, i)
		}
	}
}

// cliff is a made-up server: its latency hardly grows up to a part of the edge, then with a power, and
// scatters, and once in thirty times it is anything.
type cliff struct{ edge, slope, scatter float64 }

func (c cliff) probe(at float64, r *rand.Rand) Probe {
	margin := min(4, c.slope*math.Log(c.edge/at)) + c.scatter*math.Log(1/r.Float64()-1)
	if r.IntN(30) == 0 {
		margin = 8*r.Float64() - 4
	}
	return Probe{at, margin}
}

// TestEdgeHoldsTheTruth: of edges that are sharp and blurred, asked for where they may be, the
// intervals hold the truth as often as they say, and are narrow.
func TestEdgeHoldsTheTruth(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, tt := range []struct {
		slope, scatter, within float64
	}{
		{20, 0.1, 1.2}, {6, 0.3, 1.4}, {6, 0.6, 2}, {2, 0.4, 2.5},
	} {
		const runs, probes = 30, 14
		held, spread := 0, 0.0
		for range runs {
			c := cliff{math.Exp(6 + 3*r.Float64()), tt.slope, tt.scatter}
			asked := []Probe{c.probe(256, r)}
			for len(asked) < probes {
				at := EdgeOf(asked).Quantile([]float64{0.5, 0.25, 0.75}[len(asked)%3])
				asked = append(asked, c.probe(max(1, math.Round(at)), r))
			}
			i := EdgeOf(asked).Interval()
			if i.Low <= c.edge*edgeStep && c.edge <= i.High*edgeStep {
				held++
			}
			spread += math.Log(i.High/i.Low) / runs
		}
		t.Logf("%+v: %d of %d hold the truth, %.2f times from end to end", tt, held, runs, math.Exp(spread))
		if held < runs*87/100 || math.Exp(spread) > tt.within {
			t.Errorf("%+v: %d of %d hold the truth, %.2f times from end to end", tt, held, runs, math.Exp(spread))
		}
	}
}
