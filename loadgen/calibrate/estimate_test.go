package calibrate

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestInterval(t *testing.T) {
	// Of 1 to 5 the mean is 3, its standard error 0.7071, and t of 4 degrees 2.7764.
	got := interval([]float64{1, 2, 3, 4, 5})
	if math.Abs(got.Estimate-3) > 1e-9 || math.Abs(got.Low-(3-1.9632)) > 1e-3 || math.Abs(got.High-(3+1.9632)) > 1e-3 {
		t.Errorf("got %+v", got)
	}
	if got := interval([]float64{7, 7}); *got != (Interval{7, 7, 7}) {
		t.Errorf("of equal values: %+v", got)
	}
	if interval([]float64{7}) != nil || interval(nil) != nil {
		t.Error("an interval of fewer than two values")
	}
}

func TestGeometric(t *testing.T) {
	got := geometric([]float64{10, 1000})
	if math.Abs(got.Estimate-100) > 1e-9 || math.Abs(got.Low*got.High-1e4) > 1e-6 {
		t.Errorf("got %+v", got)
	}
	if geometric([]float64{7}) != nil {
		t.Error("an interval of one value")
	}
}

func TestDifference(t *testing.T) {
	// Welch's example of unequal variances: 2.1 - 1.1 with a standard error of
	// sqrt(0.01/3 + 0.04/4) and 4.53 degrees of freedom.
	got := difference([]float64{2, 2.1, 2.2}, []float64{0.9, 1.1, 1.1, 1.3})
	if math.Abs(got.Estimate-1) > 1e-9 || got.Low >= 1 || math.Abs(got.High+got.Low-2) > 1e-9 {
		t.Errorf("got %+v", got)
	}
	if got := difference([]float64{3, 3}, []float64{1, 1}); *got != (Interval{2, 2, 2}) {
		t.Errorf("of equal values: %+v", got)
	}
	if difference([]float64{3}, []float64{1, 1}) != nil || difference([]float64{3, 3}, nil) != nil {
		t.Error("a difference of fewer than two values")
	}
}

// TestDifferenceCovers draws many pairs of small samples of unequal spread.
func TestDifferenceCovers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const runs = 4000
	covered := 0
	for range runs {
		a, b := make([]float64, 5), make([]float64, 4)
		for i := range a {
			a[i] = 10 + 3*random.NormFloat64()
		}
		for i := range b {
			b[i] = 4 + random.NormFloat64()
		}
		if d := difference(a, b); d.Low <= 6 && 6 <= d.High {
			covered++
		}
	}
	if share := float64(covered) / runs; share < 0.935 || share > 0.97 {
		t.Errorf("intervals of 95 %% covered %v", share)
	}
}

func TestWithin(t *testing.T) {
	tests := []struct {
		low, high float64
		quiet     int
		want      Verdict
	}{
		{-1, 4, 5, Trusted},
		{-5, 5, 3, Trusted},
		{-1, 4, 2, Undecidable},
		{4, 6, 5, Undecidable},
		{-9, 9, 5, Undecidable},
		{5.1, 7, 5, WithCare},
		{-8, -5.1, 5, WithCare},
	}
	for _, tt := range tests {
		i := &Interval{Low: tt.low, High: tt.high}
		if got := i.within(-5, 5, tt.quiet); got != tt.want {
			t.Errorf("%v to %v of %d: %s, want %s", tt.low, tt.high, tt.quiet, got, tt.want)
		}
	}
	if got := (*Interval)(nil).within(-5, 5, 5); got != Undecidable {
		t.Errorf("nothing: %s", got)
	}
}

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1}, 5}, {[]float64{9, 1, 2}, 2}} {
		if got := median(tt.values); got != tt.want {
			t.Errorf("of %v: %v, want %v", tt.values, got, tt.want)
		}
	}
}
