package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// world is a series of runs whose truth is known.
func world(n int, seed uint64, level func(i int) float64, noise func(*rand.Rand) float64) []float64 {
	random := rand.New(rand.NewPCG(seed, 4))
	values := make([]float64, n)
	for i := range values {
		values[i] = 100 * math.Exp(level(i)+0.1*noise(random))
	}
	return values
}

func flat(int) float64 { return 0 }

// step is one of so many standard deviations of the noise.
func step(at int, deviations float64) func(int) float64 {
	return func(i int) float64 {
		if i < at {
			return 0
		}
		return 0.1 * deviations
	}
}

var noises = map[string]func(*rand.Rand) float64{
	"normal": (*rand.Rand).NormFloat64,
	"heavy tails": func(r *rand.Rand) float64 { // Student's t with 2 degrees of freedom
		return r.NormFloat64() / math.Sqrt(r.ExpFloat64())
	},
	"bursts": func(r *rand.Rand) float64 { // one run in ten in a phase in which all takes thrice as long
		v := r.NormFloat64()
		if r.Float64() < 0.1 {
			v += 11
		}
		return v
	},
}

// share is in which share of many worlds a change is found.
func share(t *testing.T, worlds, n int, level func(int) float64, noise func(*rand.Rand) float64, at float64) float64 {
	t.Helper()
	found := 0
	for seed := range uint64(worlds) {
		if _, p := Clearest(world(n, seed, level, noise)); p <= at {
			found++
		}
	}
	return float64(found) / float64(worlds)
}

// Where nothing changes a change is called so in no more worlds than promised, whatever the noise: at
// 1000 worlds 0.05 may come to 0.071 with one in a thousand.
func TestFalseAlarms(t *testing.T) {
	t.Parallel()
	for name, noise := range noises {
		for _, n := range []int{8, 12, 30} {
			if got := share(t, 1000, n, flat, noise, Significance); got > 0.071 {
				t.Errorf("%s, %d runs: %.3f of the worlds in which nothing changes have a change", name, n, got)
			}
		}
	}
}

func TestPower(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		at         int
		deviations float64
		level      float64
		least      float64
		noise      string
	}{
		{"in the middle", 10, 2, 0.05, 0.85, "normal"},
		{"in the middle, one of fifty series", 10, 3, 0.001, 0.85, "normal"},
		{"four runs ago", 16, 3, 0.05, 0.9, "normal"},
		{"three runs ago", 17, 4, 0.05, 0.8, "normal"},
		{"among bursts", 10, 5, 0.05, 0.75, "bursts"},
	} {
		if got := share(t, 200, 20, step(test.at, test.deviations), noises[test.noise], test.level); got < test.least {
			t.Errorf("%s: a step of %v standard deviations is found in %.3f of the worlds, want %v", test.name, test.deviations, got, test.least)
		}
	}
}

// Of few runs nothing can be said, however clear they look.
func TestFewValues(t *testing.T) {
	for n := 1; n < ValuesNeeded(1); n++ {
		if _, p := Clearest(world(n, 1, step(n/2, 100), (*rand.Rand).NormFloat64)); p <= Significance {
			t.Errorf("%d values: a change with p = %v", n, p)
		}
	}
	if n := ValuesNeeded(1); n != 8 {
		t.Errorf("of one series %d values are needed", n)
	}
	for series, want := range map[int]int{1: 8, 10: 12, 45: 14, 1000: 18, 1e6: 18} {
		n := ValuesNeeded(series)
		if n != want {
			t.Errorf("of %d series %d values are needed, want %d", series, n, want)
		}
		if _, p := Clearest(world(n, 1, step(n/2, 100), (*rand.Rand).NormFloat64)); p > Significance/float64(min(series, 100)) {
			t.Errorf("of %d values the clearest change has p = %v", n, p)
		}
	}
}

func TestChangesFindTheirPlaces(t *testing.T) {
	t.Parallel()
	there := func(i int) float64 { // and back, and further
		switch {
		case i < 12:
			return 0
		case i < 24:
			return 0.6
		}
		return 0.3
	}
	for seed := range uint64(20) {
		values := world(36, seed, there, (*rand.Rand).NormFloat64)
		var places []int
		for _, c := range Changes(values) {
			places = append(places, c.At)
			if c.Ratio.Low > c.Ratio.Estimate || c.Ratio.High < c.Ratio.Estimate {
				t.Errorf("the interval of %v is from %v to %v", c.Ratio.Estimate, c.Ratio.Low, c.Ratio.High)
			}
		}
		if len(places) < 2 || math.Abs(float64(places[0]-12)) > 1 || math.Abs(float64(places[1]-24)) > 2 {
			t.Errorf("world %d changes at %v, want 12 and 24", seed, places)
		}
	}
}

// The size of a change has the true one in its interval about as often as it says, where the place is
// clear.
func TestSizesOfChanges(t *testing.T) {
	t.Parallel()
	holds, n := 0, 1000
	for seed := range uint64(n) {
		values := world(24, seed, step(12, 6), (*rand.Rand).NormFloat64)
		at, _ := clearest(normalScores(values))
		if times(values[:at], values[at:]).Overlaps(math.Exp(0.6), math.Exp(0.6)) {
			holds++
		}
	}
	if share := float64(holds) / float64(n); share < 0.92 {
		t.Errorf("%.3f of the intervals have the true size", share)
	}
}

func TestSeriesOfTheSameValue(t *testing.T) {
	same := make([]float64, 20)
	for i := range same {
		same[i] = 7
	}
	if all := Changes(same); all != nil {
		t.Errorf("what never changes changes: %v", all)
	}
	copy(same[10:], []float64{9, 9, 9, 9, 9, 9, 9, 9, 9, 9})
	all := Changes(same)
	if len(all) != 1 || all[0].At != 10 {
		t.Errorf("a step without noise: %v", all)
	}
	if diff := cmp.Diff(9.0/7, all[0].Ratio.Estimate, cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })); diff != "" {
		t.Error(diff)
	}
}
