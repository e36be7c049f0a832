package calibrate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// closeTo reports whether a is within a share of b.
func closeTo(a, b, share float64) bool { return math.Abs(a-b) <= share*math.Abs(b) }

func TestSojourn(t *testing.T) {
	const ms = float64(time.Millisecond)
	tests := []struct {
		distribution Distribution
		rho          float64
		mean, p99    float64 // in service times; 0 for not known in closed form
	}{
		{Exponential, 0.5, 2, 2 * math.Log(100)},
		{Exponential, 0.9, 10, 46.0517},
		{Fixed, 0.3, 1 + 0.3/1.4, 0},
		{Fixed, 0.5, 1.5, 0},
		{Fixed, 0.8, 3, 0},
	}
	for _, tt := range tests {
		got := Sojourn(tt.distribution, time.Millisecond, tt.rho)
		if !closeTo(got.Mean, tt.mean*ms, 1e-9) {
			t.Errorf("%s at %v: mean %v, want %v", tt.distribution, tt.rho, got.Mean, tt.mean*ms)
		}
		if tt.p99 > 0 && !closeTo(got.P99, tt.p99*ms, 1e-6) {
			t.Errorf("%s at %v: p99 %v, want %v", tt.distribution, tt.rho, got.P99, tt.p99*ms)
		}
	}
}

// TestWaitingFixed holds Crommelin's formula against what is known of it: the
// share that does not wait, the first service time in closed form, and the mean
// wait, which is the integral over the share that still waits.
func TestWaitingFixed(t *testing.T) {
	for _, rho := range append(slices.Clone(rhos), 0.1, maxLoad) {
		if got := waitingFixed(0, rho); !closeTo(got, 1-rho, 1e-12) {
			t.Errorf("rho %v: %v do not wait, want %v", rho, got, 1-rho)
		}
		if got, want := waitingFixed(0.75, rho), (1-rho)*math.Exp(rho*0.75); !closeTo(got, want, 1e-12) {
			t.Errorf("rho %v: %v wait for 0.75, want %v", rho, got, want)
		}
		wait, last := 0.0, 0.0
		const step = 1e-3
		for x := step / 2; x < 18; x += step {
			p := waitingFixed(x, rho)
			if p < last-1e-7 || p > 1+1e-7 {
				t.Fatalf("rho %v: %v at %v after %v", rho, p, x, last)
			}
			last = p
			wait += (1 - p) * step
		}
		if want := rho / (2 * (1 - rho)); !closeTo(wait, want, 0.02) {
			t.Errorf("rho %v: mean wait %v, want %v", rho, wait, want)
		}
	}
}

func TestQuantile(t *testing.T) {
	exponential := func(t float64) float64 { return 1 - math.Exp(-t) }
	if got := quantile(0.99, exponential); math.Abs(got-math.Log(100)) > 1e-8 {
		t.Errorf("got %v, want %v", got, math.Log(100))
	}
	if got := quantile(0.3, func(float64) float64 { return 0.5 }); got != 0 {
		t.Errorf("at an atom at 0: got %v", got)
	}
}

// TestSojournOfManyRequests simulates what theory says.
func TestSojournOfManyRequests(t *testing.T) {
	const service = 200 * time.Microsecond
	for d := range distributions {
		for _, rho := range rhos {
			n := int(80e3 / (1 - rho) / (1 - rho)) // the mean is about as sure at each load
			random := rand.New(rand.NewPCG(7, 7))
			services := NewServices(d, service, 7)
			arrivals, served := make([]time.Duration, n), make([]time.Duration, n)
			at := 0.0
			for i := range arrivals {
				at += random.ExpFloat64() * float64(service) / rho
				arrivals[i], served[i] = time.Duration(at), services.Next()
			}
			want := Sojourn(d, service, rho)
			mean, longer := 0.0, 0
			for _, s := range Sojourns(arrivals, served) {
				mean += float64(s) / float64(n)
				if float64(s) > want.P99 {
					longer++
				}
			}
			if !closeTo(mean, want.Mean, 0.01) {
				t.Errorf("%s at %v: mean %.0f, theory %.0f", d, rho, mean, want.Mean)
			}
			// A p99 that is off by 2 % is that of a share which is off by 9 %.
			if share := float64(longer) / float64(n); !closeTo(share, 0.01, 0.09) {
				t.Errorf("%s at %v: %v take longer than the p99 of theory, %.0f", d, rho, share, want.P99)
			}
		}
	}
}
