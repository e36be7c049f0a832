package read

import (
	"testing"

	"connbench/results/resultstest"
)

// Intervals hold the truth nearly as often as they say, and a peak is seen where there is
// one: with few trials and many, points on the law and off it.
func TestScalingsCoverage(t *testing.T) {
	const repetitions = 20
	for _, c := range []struct {
		law     law
		trials  int
		misfit  float64
		peaks   [2]int // at least and at most
		name    string
		atLeast int // of the repetitions
	}{
		{law{1000, 0, 0}, 5, 0, [2]int{0, 2}, "linear", 15}, // at both bounds at once
		{law{1000, 0.01, 1e-4}, 20, 0.05, [2]int{20, 20}, "retrograde, off the law", 15},
	} {
		t.Run(c.name, func(t *testing.T) {
			held := map[string]int{}
			peaks := 0
			for r := range repetitions {
				s := scalingOnly(t, resultstest.Growth("reactor", c.law.at, resultstest.GrowthCounts, c.trials, 0.05, c.misfit, resultstest.Random(uint64(r))))
				band := s.AtInterval(10_240)
				for name, in := range map[string]bool{
					"λ":    s.PerClient.Overlaps(c.law.lambda, c.law.lambda),
					"σ":    s.Contention.Overlaps(c.law.sigma, c.law.sigma),
					"κ":    s.Coherency.Overlaps(c.law.kappa, c.law.kappa),
					"band": band.Overlaps(c.law.at(10_240), c.law.at(10_240)),
				} {
					if in {
						held[name]++
					}
				}
				if s.Peak != nil {
					peaks++
				}
			}
			t.Logf("of %d: %v, %d peaks", repetitions, held, peaks)
			for name, n := range held {
				if n < c.atLeast {
					t.Errorf("%s within its interval %d times of %d", name, n, repetitions)
				}
			}
			if peaks < c.peaks[0] || peaks > c.peaks[1] {
				t.Errorf("%d peaks of %d, want %v", peaks, repetitions, c.peaks)
			}
		})
	}
}
