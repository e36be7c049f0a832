package results

import (
	"bytes"
	"strings"
	"testing"
)

func scalingsText(t *testing.T, trials ...[]Trial) string {
	t.Helper()
	var all []Trial
	for _, some := range trials {
		for _, x := range some {
			x.Trial = len(all)
			all = append(all, x)
		}
	}
	var b bytes.Buffer
	if err := WriteScalings(&b, Scalings(all, Summarize(all, nil))); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := len([]rune(strings.TrimSpace(line))); n > 132 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	return b.String()
}

// withIdle gives trials of many clients the memory of a connection.
func withIdle(trials []Trial, resident float64, kernel bool) []Trial {
	random := random(1)
	for i := range trials {
		t := &trials[i]
		t.ServerUsage = &ServerUsage{}
		if t.Clients < 256 {
			continue
		}
		t.ServerIdle = &IdleMemory{Connections: t.Clients, ResidentBytes: resident * (1 + 0.05*random.Float64())}
		if kernel {
			bytes := 2304.0
			t.ServerIdle.KernelBytes = &bytes
		}
	}
	return trials
}

func TestWriteScalings(t *testing.T) {
	few := growth("pool", law{20e3, 0.3, 0}, growthCounts[:3], 8, 0.02, 0, random(3))
	one := growth("thread-request", law{20e3, 0.2, 1e-5}, growthCounts, 1, 0.02, 0, random(4))
	flat := growth("engine", law{30e3, 0.3, 0}, growthCounts[2:], 8, 0.02, 0, random(5))
	golden(t, "scalings.txt", scalingsText(t,
		withIdle(growth("goroutine", law{25e3, 0.12, 4e-5}, growthCounts, 8, 0.02, 0.01, random(1)), 8000, true),
		withIdle(growth("python-socketserver-threading", law{18e3, 0.2, 2e-3}, growthCounts, 8, 0.02, 0.01, random(2)), 30e3, false),
		growth("linear", law{1000, 0, 0}, growthCounts, 8, 0.01, 0, random(6)), few, one, flat, superlinear(),
		growth("sequential", law{30e3, 1, 0}, growthCounts, 8, 0.02, 0, random(7)),
	))
}

func TestWriteScalingsNone(t *testing.T) {
	if got := scalingsText(t, growth("pool", law{20e3, 0.3, 0}, growthCounts[:3], 8, 0.02, 0, random(3))); got != "" {
		t.Errorf("of three client counts: %q", got)
	}
	noisy := growth("pool", law{20e3, 0.3, 0}, growthCounts, 8, 0.02, 0, random(3))
	for i := range noisy {
		noisy[i].Verdicts = []string{Noisy}
	}
	want := "Beyond this machine (extrapolation) · tcp, length framing · echo · 64 B · saturated throughput (closed loop)\n\n" +
		"pool: not fitted: valid trials at 0 client counts, 4 are needed\n\n"
	if got := scalingsText(t, noisy); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
