package document

import (
	"connbench/results"
	"connbench/results/read"
	"connbench/results/resultstest"
	"connbench/results/stats"
	"testing"
)

// law is the Universal Scalability Law.
func law(lambda, sigma, kappa float64) func(n float64) float64 {
	return func(n float64) float64 { return lambda * n / (1 + sigma*(n-1) + kappa*n*(n-1)) }
}

func scalingsText(t *testing.T, trials ...[]results.Trial) string {
	t.Helper()
	var all []results.Trial
	for _, some := range trials {
		for _, x := range some {
			x.Trial = len(all)
			all = append(all, x)
		}
	}
	return said(t, Scalings(read.Scalings(stats.Summarize(all, nil))), "")
}

// withIdle gives trials of many clients the memory of a connection.
func withIdle(trials []results.Trial, resident float64, kernel bool) []results.Trial {
	random := resultstest.Random(1)
	for i := range trials {
		t := &trials[i]
		t.ServerUsage = &results.ServerUsage{}
		if t.Clients < 256 {
			continue
		}
		t.ServerIdle = &results.IdleMemory{Connections: t.Clients, ResidentBytes: resident * (1 + 0.05*random.Float64())}
		if kernel {
			bytes := 2304.0
			t.ServerIdle.KernelBytes = &bytes
		}
	}
	return trials
}

func TestScalings(t *testing.T) {
	few := resultstest.Growth("pool", law(20e3, 0.3, 0), resultstest.GrowthCounts[:3], 8, 0.02, 0, resultstest.Random(3))
	one := resultstest.Growth("thread-request", law(20e3, 0.2, 1e-5), resultstest.GrowthCounts, 1, 0.02, 0, resultstest.Random(4))
	flat := resultstest.Growth("engine", law(30e3, 0.3, 0), resultstest.GrowthCounts[2:], 8, 0.02, 0, resultstest.Random(5))
	resultstest.Golden(t, "scalings.txt", scalingsText(t,
		withIdle(resultstest.Growth("goroutine", law(25e3, 0.12, 4e-5), resultstest.GrowthCounts, 8, 0.02, 0.01, resultstest.Random(1)), 8000, true),
		withIdle(resultstest.Growth("python-socketserver-threading", law(18e3, 0.2, 2e-3), resultstest.GrowthCounts, 8, 0.02, 0.01, resultstest.Random(2)), 30e3, false),
		resultstest.Growth("linear", law(1000, 0, 0), resultstest.GrowthCounts, 8, 0.01, 0, resultstest.Random(6)), few, one, flat, resultstest.Superlinear(),
		resultstest.Growth("sequential", law(30e3, 1, 0), resultstest.GrowthCounts, 8, 0.02, 0, resultstest.Random(7)),
	))
}

func TestScalingsNone(t *testing.T) {
	if got := scalingsText(t, resultstest.Growth("pool", law(20e3, 0.3, 0), resultstest.GrowthCounts[:3], 8, 0.02, 0, resultstest.Random(3))); got != "" {
		t.Errorf("of three client counts: %q", got)
	}
	noisy := resultstest.Growth("pool", law(20e3, 0.3, 0), resultstest.GrowthCounts, 8, 0.02, 0, resultstest.Random(3))
	for i := range noisy {
		noisy[i].Verdicts = []string{results.Noisy}
	}
	want := "Beyond this machine (extrapolation) · tcp, length framing · echo · 64 B · saturated throughput (closed loop)\n\n" +
		"pool: not fitted: valid trials at 0 client counts, 4 are needed\n"
	if got := scalingsText(t, noisy); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
