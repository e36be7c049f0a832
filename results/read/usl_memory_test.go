package read

import (
	"math"
	"testing"

	"connbench/results"
	"connbench/results/resultstest"
)

func TestConnectionMemory(t *testing.T) {
	kernel := 2000.0
	bent := law{1000, 0.01, 1e-4}
	for _, c := range []struct {
		name        string
		trials      int
		change      func(*results.Trial)
		connections int // 0 for none
		each        float64
		kernel      bool
		bounded     bool
	}{
		{"with the kernel's", 6, func(t *results.Trial) { t.ServerIdle.KernelBytes = &kernel }, 1024, 5000, true, true},
		{"without", 6, func(t *results.Trial) {}, 1024, 3000, false, true},
		{"of some without", 6, func(t *results.Trial) {
			if t.Trial%2 == 0 {
				t.ServerIdle.KernelBytes = &kernel
			}
		}, 1024, 3000, false, true},
		{"few trials", 5, func(t *results.Trial) {}, 1024, 3000, false, false},
		{"most invalid", 6, func(t *results.Trial) {
			if t.Clients == 1024 {
				t.Verdicts = []string{results.Noisy}
			}
		}, 256, 3000, false, true},
		{"nothing grew", 6, func(t *results.Trial) { t.ServerIdle.ResidentBytes = -10 }, 0, 0, false, false},
		{"not measured", 6, func(t *results.Trial) { t.ServerIdle = nil }, 0, 0, false, false},
		{"not ours to look at", 6, func(t *results.Trial) { t.ServerUsage = nil }, 0, 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			trials := resultstest.Growth("reactor", bent.at, resultstest.GrowthCounts, c.trials, 0, 0, resultstest.Random(1))
			for i := range trials {
				trials[i].ServerUsage = &results.ServerUsage{}
				if trials[i].Clients >= 256 {
					trials[i].ServerIdle = &results.IdleMemory{Connections: trials[i].Clients, ResidentBytes: 3000}
					c.change(&trials[i])
				}
			}
			m := scalingOnly(t, trials).Memory
			if c.connections == 0 {
				if m != nil {
					t.Errorf("%+v, want none", m)
				}
				return
			}
			if m == nil || m.Connections != c.connections || m.Each.Estimate != c.each || m.Kernel != c.kernel || m.Each.Bounded() != c.bounded {
				t.Fatalf("%+v", m)
			}
			if got := m.At(MillionClients); got.Estimate != c.each*1e6 || got.Bounded() != c.bounded || math.IsNaN(got.Low) {
				t.Errorf("a million: %+v", got)
			}
		})
	}
}
