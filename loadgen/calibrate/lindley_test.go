package calibrate

import (
	"slices"
	"testing"
	"time"

	"connbench/loadgen"
)

func TestSojourns(t *testing.T) {
	tests := []struct {
		name                     string
		arrivals, services, want []time.Duration
	}{
		{"none", nil, nil, []time.Duration{}},
		{"never busy", []time.Duration{0, 10, 20}, []time.Duration{3, 4, 5}, []time.Duration{3, 4, 5}},
		{"a queue", []time.Duration{0, 1, 2, 30}, []time.Duration{10, 10, 1, 2}, []time.Duration{10, 19, 19, 2}},
		{"at the same time", []time.Duration{5, 5, 5}, []time.Duration{1, 2, 3}, []time.Duration{1, 3, 6}},
		{"just in time", []time.Duration{0, 10}, []time.Duration{10, 1}, []time.Duration{10, 1}},
		{"nothing to do", []time.Duration{1, 1}, []time.Duration{0, 0}, []time.Duration{0, 0}},
	}
	for _, tt := range tests {
		if got := Sojourns(tt.arrivals, tt.services); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestSamplePath: warm-up requests are in the way of those of the window, and only
// these count.
func TestSamplePath(t *testing.T) {
	s := loadgen.DefaultSpec()
	s.Arrivals, s.Rate, s.Clients = loadgen.Constant, 1000, 4
	s.Warmup, s.Duration = 10*time.Millisecond, 20*time.Millisecond
	got := samplePath(s, NewServices(Fixed, 500*time.Microsecond, 1))
	if got.Requests != 20 || !closeTo(got.Response.Mean, 500e3, 0.001) || !closeTo(got.Response.P99, 500e3, 0.001) {
		t.Errorf("at half the load: %+v", got)
	}
	got = samplePath(s, NewServices(Fixed, 2*time.Millisecond, 1))
	// Request i, due at i ms, is done at 2(i+1) ms: i+2 later, for i from 10 to 29.
	if got.Requests != 20 || !closeTo(got.Response.Mean, 21.5e6, 0.001) || !closeTo(got.Response.P99, 31e6, 0.001) {
		t.Errorf("at twice the load: %+v", got)
	}
}

func TestSamplePathIsOfItsSeeds(t *testing.T) {
	o := DefaultOptions()
	path := func(seed, services uint64) Figures {
		return samplePath(o.open(loadgen.Poisson, 3000, seed), NewServices(Exponential, o.Service, services)).Response
	}
	if path(1, 2) != path(1, 2) {
		t.Error("the same seeds give different paths")
	}
	if path(1, 2) == path(1, 3) || path(1, 2) == path(2, 2) {
		t.Error("different seeds give the same path")
	}
}

// TestServicesAreNotArrivals: drawn from one seed they must not be the same numbers.
func TestServicesAreNotArrivals(t *testing.T) {
	services := NewServices(Exponential, time.Second, 5)
	schedule := (&loadgen.Spec{Arrivals: loadgen.Poisson, Rate: 1, Seed: 5}).Schedule(1, []int{0})
	var last time.Duration
	for range 8 {
		at, _ := schedule.Next()
		if gap := at - last; gap == services.Next() {
			t.Errorf("a gap of %v is a service time", gap)
		}
		last = at
	}
}
