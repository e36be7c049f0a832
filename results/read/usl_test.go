package read

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"connbench/results"
	"connbench/results/resultstest"
	"connbench/results/stats"
)

// scalingOnly is the scaling of trials of a single row.
func scalingOnly(t *testing.T, trials []results.Trial) Scaling {
	t.Helper()
	scalings := Scalings(stats.Summarize(trials, nil))
	if len(scalings) != 1 {
		t.Fatalf("%d scalings", len(scalings))
	}
	return scalings[0]
}

func TestScalingsExact(t *testing.T) {
	want := law{58e3, 0.3, 1e-5}
	s := scalingOnly(t, resultstest.Growth("reactor", want.at, resultstest.GrowthCounts, 5, 0, 0, resultstest.Random(1)))
	if !s.Fitted() || s.Model != "reactor" || s.Clients != 0 || s.Most() != 1024 || s.Flat || s.Misfit > 1e-9 || len(s.Measured) != 6 {
		t.Errorf("%+v", s)
	}
	if !s.law().near(want, 1e-6) {
		t.Errorf("%+v, want %+v", s.law(), want)
	}
	if s.Peak == nil || math.Abs(s.Peak.Estimate-want.peak()) > 1e-3 || math.Abs(s.PeakThroughput.High/want.at(want.peak())-1) > 1e-6 {
		t.Errorf("peak %+v, %+v", s.Peak, s.PeakThroughput)
	}
	if band := s.AtInterval(1e6); math.Abs(band.Low/want.at(1e6)-1) > 1e-6 || math.Abs(band.High/want.at(1e6)-1) > 1e-6 {
		t.Errorf("band %+v", band)
	}
}

func TestScalingsOrder(t *testing.T) {
	trials := resultstest.Growth("reactor", law{1000, 0.01, 1e-4}.at, resultstest.GrowthCounts, 5, 0.05, 0.05, resultstest.Random(2))
	want := scalingOnly(t, trials)
	resultstest.Random(3).Shuffle(len(trials), func(i, j int) { trials[i], trials[j] = trials[j], trials[i] })
	if got := scalingOnly(t, trials); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

// What the fit does not rest on may be anything.
func TestScalingsLeavesOut(t *testing.T) {
	good := resultstest.Growth("reactor", law{1000, 0.01, 1e-4}.at, resultstest.GrowthCounts, 5, 0.05, 0, resultstest.Random(4))
	want := scalingOnly(t, good)
	for name, spoil := range map[string]func(*results.Trial){
		"verdict":  func(t *results.Trial) { t.Verdicts = []string{results.Noisy} },
		"failure":  func(t *results.Trial) { t.Failure = "no" },
		"zero":     func(t *results.Trial) { t.ThroughputRPS = 0 },
		"negative": func(t *results.Trial) { t.ThroughputRPS = -1 },
		"infinite": func(t *results.Trial) { t.ThroughputRPS = math.Inf(1) },
		"NaN":      func(t *results.Trial) { t.ThroughputRPS = math.NaN() },
	} {
		t.Run(name, func(t *testing.T) {
			trials := slices.Clone(good)
			for _, x := range resultstest.Growth("reactor", law{7, 0, 0}.at, resultstest.GrowthCounts, 1, 0, 0, resultstest.Random(5)) {
				x.Trial = len(trials)
				spoil(&x)
				trials = append(trials, x)
			}
			got := scalingOnly(t, trials)
			if got.law() != want.law() || got.Coherency != want.Coherency {
				t.Errorf("%+v, want %+v", got.law(), want.law())
			}
		})
	}
	t.Run("repeated", func(t *testing.T) {
		trials := slices.Clone(good)
		for _, x := range good {
			x.ThroughputRPS /= 2
			trials = append(trials, x)
		}
		for i := range good {
			trials[i].Attempt = 1
		}
		if got := scalingOnly(t, trials); got.law() != want.law() {
			t.Errorf("%+v, want %+v", got.law(), want.law())
		}
	})
	t.Run("open loop", func(t *testing.T) {
		trials := slices.Clone(good)
		for i := range trials {
			trials[i].Loop = results.OpenLoop
		}
		if got := Scalings(stats.Summarize(trials, nil)); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	})
}

func TestScalingsFlat(t *testing.T) {
	for _, c := range []struct {
		name   string
		counts []int
		law    law
		want   bool
	}{
		{"from one", resultstest.GrowthCounts, law{50e3, 1, 0}, true},
		{"from many", []int{64, 256, 1024, 4096}, law{20e3, 0.3, 0}, true},
		{"falling", []int{64, 256, 1024, 4096}, law{20e3, 0.3, 1e-4}, true},
		{"rising", resultstest.GrowthCounts, law{20e3, 0.3, 0}, false},
	} {
		s := scalingOnly(t, resultstest.Growth("reactor", c.law.at, c.counts, 9, 0.01, 0, resultstest.Random(10)))
		if !s.Fitted() || s.Flat != c.want {
			t.Errorf("%s: flat %v, why %q", c.name, s.Flat, s.Why)
		}
	}
	// That little rests on few: what one client does may be next to anything.
	s := scalingOnly(t, resultstest.Growth("reactor", law{20e3, 0.3, 0}.at, []int{256, 512, 1024, 4096}, 9, 0.03, 0, resultstest.Random(10)))
	if s.PerClient.High < 3*s.PerClient.Low {
		t.Errorf("λ is said to be %+v", s.PerClient)
	}
}

func TestScalingsAnything(t *testing.T) {
	random := resultstest.Random(12)
	values := []float64{0, -1, 1, 1e-300, 1e300, math.Inf(1), math.NaN(), 1000, 1000, 1000, 5}
	for range 200 {
		var trials []results.Trial
		for range random.IntN(40) {
			x := resultstest.Growth("reactor", law{1, 0, 0}.at, []int{random.IntN(8)*random.IntN(1000) - 1}, 1, 0, 0, random)[0]
			x.Trial, x.ThroughputRPS = len(trials), values[random.IntN(len(values))]
			trials = append(trials, x)
		}
		for _, s := range Scalings(stats.Summarize(trials, nil)) {
			if !s.Fitted() {
				continue
			}
			for _, i := range []stats.Interval{s.PerClient, s.Contention, s.Coherency} {
				if math.IsNaN(i.Estimate) || i.Estimate < 0 || i.Low > i.High {
					t.Fatalf("%+v of %+v", s, trials)
				}
			}
		}
	}
}
