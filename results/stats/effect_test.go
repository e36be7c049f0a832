package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// cumulative probabilities as in F. Wilcoxon, S. K. Katti and R. A. Wilcox,
// "Critical values and probability levels for the Wilcoxon rank sum test and the
// Wilcoxon signed rank test" (1970).
func TestSignedRankDistribution(t *testing.T) {
	tests := []struct {
		n    int
		w    float64
		want float64
	}{
		{5, 0, 0.03125}, {5, 15, 1}, {5, -1, 0},
		{6, 0, 0.015625}, {6, 2, 0.046875},
		{10, 8, 0.0244140625}, {10, 10, 0.0419921875},
		{15, 25, 0.0240},
		{20, 52, 0.0242},
	}
	for _, tt := range tests {
		if got := newSignedRank(tt.n).atMost(tt.w); math.Abs(got-tt.want) > 5e-5 {
			t.Errorf("P(W <= %v) of %d pairs: %v, want %v", tt.w, tt.n, got, tt.want)
		}
	}
}

// Beyond the exact distribution the normal one takes over without a step.
func TestSignedRankApproximation(t *testing.T) {
	exact := newSignedRank(maxExact)
	approximate := signedRank{n: maxExact}
	for w := 300.0; w <= 900; w += 50 {
		if a, b := exact.atMost(w), approximate.atMost(w); math.Abs(a-b) > 0.002 {
			t.Errorf("P(W <= %v): %v exactly, %v about", w, a, b)
		}
	}
	if a, b := exact.below(Tail), approximate.below(Tail); a-b > 2 || b-a > 2 {
		t.Errorf("%d averages are left out exactly, %d about", a, b)
	}
}

// scaled is values times a factor.
func scaled(values []float64, factor float64) []float64 {
	out := slices.Clone(values)
	for i := range out {
		out[i] *= factor
	}
	return out
}

func TestPairedEffect(t *testing.T) {
	base := []float64{100, 120, 90, 110, 400, 105, 95, 130}
	tests := []struct {
		name     string
		a, b     []float64
		ratio    float64
		least, p float64 // p is at least and at most
		bounded  bool
	}{
		{"the same", base, base, 1, 1, 1, true},
		{"twice, drift or not", base, scaled(base, 2), 2, 2.0 / 256, 2.0 / 256, true},
		{"nothing", nil, nil, 1, 1, 1, false},
		{"five pairs tell nothing", base[:5], scaled(base[:5], 2), 2, 0.0625, 0.0625, false},
		{"six do", base[:6], scaled(base[:6], 2), 2, 0.03125, 0.03125, true},
		{"endless", base[:6], []float64{math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)}, math.Inf(1), 0.03125, 0.03125, false},
		{"endless on both sides", []float64{math.Inf(1), 1}, []float64{math.Inf(1), 1}, 1, 1, 1, false},
	}
	for _, tt := range tests {
		e := pairedEffect(tt.a, tt.b)
		if !(e.Ratio.Estimate == tt.ratio || math.Abs(e.Ratio.Estimate-tt.ratio) < 1e-9) || e.P < tt.least-1e-9 || e.P > tt.p+1e-9 {
			t.Errorf("%s: ratio %v, p %v", tt.name, e.Ratio.Estimate, e.P)
		}
		if e.Ratio.Bounded() != tt.bounded && !math.IsInf(tt.ratio, 1) {
			t.Errorf("%s: %v", tt.name, e.Ratio)
		}
		if !e.Paired || e.Trials != len(tt.a) {
			t.Errorf("%s: %+v", tt.name, e)
		}
	}
}

func TestIndependentEffect(t *testing.T) {
	a := []float64{100, 101, 102, 103, 104}
	e := independentEffect(a, scaled(a, 1.5))
	if math.Abs(e.Ratio.Estimate-1.5) > 0.01 || !e.Ratio.Overlaps(1.45, 1.55) || e.P > 0.01 || e.Paired {
		t.Errorf("half as much again: %+v", e)
	}
	if e := independentEffect(a, a); e.Ratio.Estimate != 1 || e.P < 0.9 {
		t.Errorf("the same: %+v", e)
	}
	if e := independentEffect(a, nil); e.P != 1 || e.Ratio.Bounded() {
		t.Errorf("nothing: %+v", e)
	}
	if e := independentEffect(a[:2], scaled(a[:2], 2)); e.Ratio.Bounded() {
		t.Errorf("two trials have an interval: %+v", e)
	}
}

// noise is what trials on a shared machine look like: most are near their median,
// a share of them is far above it, and all drift together.
type noise struct {
	*rand.Rand
	far float64
}

func (n noise) trial(drift float64) float64 {
	v := 5000 * math.Exp(drift+0.05*n.NormFloat64())
	if n.Float64() < n.far {
		v *= 1 + n.ExpFloat64()
	}
	return v
}

// simulate measures a row and one that costs ratio times as much, so many times
// in pairs, and returns how often the interval held the ratio and how often the
// effect was found.
func simulate(pairs int, ratio, far float64, effect func(a, b []float64) Effect) (covered, found float64) {
	random := noise{rand.New(rand.NewPCG(1, uint64(pairs))), far}
	const runs = 2000
	for range runs {
		a, b := make([]float64, pairs), make([]float64, pairs)
		drift := 0.0
		for i := range a {
			drift += 0.1 * random.NormFloat64()
			a[i], b[i] = random.trial(drift), ratio*random.trial(drift)
		}
		e := effect(a, b)
		if e.Ratio.Overlaps(ratio, ratio) {
			covered++
		}
		if e.P <= Significance {
			found++
		}
	}
	return covered / runs, found / runs
}

// The interval holds the truth as often as it says, and chance passes for a
// difference as seldom as it says; two sigmas of 2000 runs are 1 %.
func TestPairedEffectCovers(t *testing.T) {
	for _, pairs := range []int{6, 10, 20, 60} {
		covered, _ := simulate(pairs, 1.1, 0.1, pairedEffect)
		if covered < Confidence-0.01 {
			t.Errorf("%d pairs: the interval holds the ratio in %.1f %% of the runs", pairs, 100*covered)
		}
		_, found := simulate(pairs, 1, 0.1, pairedEffect)
		if found > Significance+0.01 {
			t.Errorf("%d pairs: a difference that is not there is found in %.1f %% of the runs", pairs, 100*found)
		}
	}
	if _, found := simulate(12, 1.1, 0.01, pairedEffect); found < 0.9 {
		t.Errorf("10 %% are found in %.1f %% of the runs of twelve pairs", 100*found)
	}
}

// Trials that were measured apart share no drift.
func TestIndependentEffectCovers(t *testing.T) {
	random := noise{rand.New(rand.NewPCG(1, 2)), 0.1}
	sample := func(n int, ratio float64) []float64 {
		values := make([]float64, n)
		for i := range values {
			values[i] = ratio * random.trial(0)
		}
		return values
	}
	const runs = 600
	for _, n := range []int{5, 10, 15} {
		covered, found := 0, 0
		for range runs {
			if independentEffect(sample(n, 1), sample(n, 1.1)).Ratio.Overlaps(1.1, 1.1) {
				covered++
			}
			if independentEffect(sample(n, 1), sample(n, 1)).P <= Significance {
				found++
			}
		}
		if covered < runs*(Confidence-0.015) || found > runs*(Significance+0.015) {
			t.Errorf("%d trials: %d of %d intervals hold the ratio, %d differences that are not there", n, covered, runs, found)
		}
	}
}

func TestMedianIntervalCovers(t *testing.T) {
	random := noise{rand.New(rand.NewPCG(3, 4)), 0.1}
	median := medianOfNoise(random)
	for _, n := range []int{6, 10, 25} {
		covered := 0
		const runs = 2000
		for range runs {
			values := make([]float64, n)
			for i := range values {
				values[i] = random.trial(0)
			}
			if MedianInterval(values).Overlaps(median, median) {
				covered++
			}
		}
		if covered < runs*(Confidence-0.01) {
			t.Errorf("%d trials: %d of %d intervals hold the median", n, covered, runs)
		}
	}
	if i := MedianInterval([]float64{1, 2, 3, 4, 5}); i.Bounded() || i.Estimate != 3 {
		t.Errorf("five trials: %v", i)
	}
	if i := MedianInterval(nil); i.Bounded() {
		t.Errorf("no trial: %v", i)
	}
}

func medianOfNoise(random noise) float64 {
	values := make([]float64, 200_001)
	for i := range values {
		values[i] = random.trial(0)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func TestCorrections(t *testing.T) {
	p := []float64{0.01, 0.04, 0.03, 0.5}
	for name, tt := range map[string]struct {
		got, want []float64
	}{
		"Holm":                   {holm(p), []float64{0.04, 0.09, 0.09, 0.5}},
		"Benjamini-Hochberg":     {falseDiscovery(p), []float64{0.04, 0.16 / 3, 0.16 / 3, 0.5}},
		"nothing to correct":     {holm([]float64{0.02}), []float64{0.02}},
		"nothing":                {falseDiscovery(nil), []float64{}},
		"never beyond certainty": {holm([]float64{0.9, 0.8}), []float64{1, 1}},
	} {
		if len(tt.got) != len(tt.want) {
			t.Errorf("%s: %v", name, tt.got)
			continue
		}
		for i := range tt.got {
			if math.Abs(tt.got[i]-tt.want[i]) > 1e-12 {
				t.Errorf("%s: %v, want %v", name, tt.got, tt.want)
			}
		}
	}
}
