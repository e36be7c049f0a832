package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

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
