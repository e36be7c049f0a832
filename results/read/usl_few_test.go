package read

import (
	"math"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/resultstest"
)

func TestScalingsFewTrials(t *testing.T) {
	bent := law{1000, 0.01, 1e-4}
	t.Run("one at each", func(t *testing.T) {
		s := scalingOnly(t, resultstest.Growth("reactor", bent.at, resultstest.GrowthCounts, 1, 0.02, 0, resultstest.Random(6)))
		band := s.AtInterval(100)
		if !s.Fitted() || s.PerClient.Bounded() || s.Contention.Bounded() || s.Peak != nil || band.Low != 0 || !math.IsInf(band.High, 1) {
			t.Errorf("%+v, band %+v", s, band)
		}
		if !s.law().near(bent, 0.3) {
			t.Errorf("%+v, want about %+v", s.law(), bent)
		}
	})
	t.Run("two at one", func(t *testing.T) {
		trials := resultstest.Growth("reactor", bent.at, resultstest.GrowthCounts, 5, 0.02, 0, resultstest.Random(7))
		s := scalingOnly(t, trials[:len(trials)-3])
		if s.Most() != 256 || s.Measured[5].Fitted || s.Measured[5].Valid != 2 || !s.PerClient.Bounded() {
			t.Errorf("%+v", s)
		}
	})
	t.Run("two at three", func(t *testing.T) {
		trials := resultstest.Growth("reactor", bent.at, resultstest.GrowthCounts, 5, 0.02, 0, resultstest.Random(7))
		for i := range trials {
			if trials[i].Clients <= 16 && i%5 > 1 {
				trials[i].Verdicts = []string{results.Noisy}
			}
		}
		s := scalingOnly(t, trials)
		if s.Most() != 1024 || !s.Measured[0].Fitted || s.PerClient.Bounded() {
			t.Errorf("%+v", s)
		}
	})
}

func TestScalingsWhy(t *testing.T) {
	for _, c := range []struct {
		name   string
		trials []results.Trial
		want   string
	}{
		{"three counts", resultstest.Growth("reactor", law{1000, 0, 0}.at, resultstest.GrowthCounts[:3], 5, 0, 0, resultstest.Random(8)), "valid trials at 3 client counts, 4 are needed"},
		{"one count", resultstest.Growth("reactor", law{1000, 0, 0}.at, resultstest.GrowthCounts[:1], 5, 0, 0, resultstest.Random(8)), "valid trials at 1 client count, 4 are needed"},
		{"each more than its share", resultstest.Superlinear(), "throughput does not follow the law"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scalingOnly(t, c.trials)
			if s.Fitted() || !strings.HasPrefix(s.Why, c.want) {
				t.Errorf("why: %q, want %q", s.Why, c.want)
			}
			if s.Most() != 0 || !math.IsNaN(s.At(10)) || s.Peak != nil {
				t.Errorf("%+v: %v at 10 clients", s, s.At(10))
			}
		})
	}
	starved := resultstest.Growth("reactor", law{1000, 0, 0}.at, resultstest.GrowthCounts, 5, 0, 0, resultstest.Random(8))
	for i := range starved {
		starved[i].ClientsServed = min(starved[i].ClientsServed, 16)
	}
	if s := scalingOnly(t, starved); s.Why != "valid trials at 3 client counts, 4 are needed" {
		t.Errorf("clients without an answer: %q", s.Why)
	}
}
