package sweep

import (
	"runtime"
	"testing"
	"time"

	"connbench/results"

	"github.com/google/go-cmp/cmp"
)

// after is a snapshot at so many seconds.
func after(seconds float64, p *processSample, steal time.Duration) snapshot {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return snapshot{at: start.Add(time.Duration(seconds * 1e9)), process: p, steal: &steal, cpus: 2}
}

func TestUsage(t *testing.T) {
	u := usage{
		before:     after(10, &processSample{cpu: time.Second, rss: 1, threads: 9, voluntary: 100, involuntary: 10}, 3*time.Second),
		after:      after(12, &processSample{cpu: 2 * time.Second, rss: 5 << 20, threads: 7, voluntary: 160, involuntary: 15}, 3500*time.Millisecond),
		counters:   map[string]int64{"accepted": 4},
		serverCPUs: 1,
	}
	trial := results.Trial{Requests: 1000, ThroughputRPS: 1000} // in a window of 1 s, inside of the two
	u.fill(&trial)
	want := &results.ServerUsage{
		ServerCPUPerRequest: 500e3, // half a CPU over 1000 requests/s
		ServerCPUFraction:   0.5,
		ServerRSSBytes:      5 << 20,
		ServerThreads:       7,
		ServerVoluntary:     60,
		ServerInvoluntary:   5,
		ServerCounters:      map[string]int64{"accepted": 4},
	}
	if diff := cmp.Diff(want, trial.ServerUsage); diff != "" {
		t.Error(diff)
	}
	if f := trial.StealFraction; f == nil || *f != 0.125 { // half a second of 2 s on 2 CPUs
		t.Errorf("steal fraction %v", f)
	}
}

// A server that is not placed has all CPUs, not none.
func TestUsageNotPlaced(t *testing.T) {
	u := usage{before: after(0, &processSample{}, 0), after: after(1, &processSample{cpu: time.Second}, 0)}
	trial := results.Trial{Requests: 1, ThroughputRPS: 1}
	u.fill(&trial)
	if want := 1 / float64(runtime.NumCPU()); trial.ServerUsage.ServerCPUFraction != want {
		t.Errorf("fraction %v, want %v", trial.ServerUsage.ServerCPUFraction, want)
	}
}

// The switches of a process that has ended meanwhile are lost, and no others turn
// negative for it.
func TestUsageSwitchesLost(t *testing.T) {
	u := usage{before: after(0, &processSample{voluntary: 5, involuntary: 5}, 0), after: after(1, &processSample{voluntary: 3, involuntary: 9}, 0)}
	trial := results.Trial{Requests: 1, ThroughputRPS: 1}
	u.fill(&trial)
	if s := trial.ServerUsage; s.ServerVoluntary != 0 || s.ServerInvoluntary != 4 {
		t.Errorf("%+v", s)
	}
}

// What is not known is absent, and what cannot be is not said.
func TestUsageUnknown(t *testing.T) {
	p := func(cpu time.Duration) *processSample { return &processSample{cpu: cpu} }
	nowhere := func(s snapshot) snapshot { s.cpus = 0; return s }
	none := func(s snapshot) snapshot { s.steal = nil; return s }
	for _, row := range []struct {
		name          string
		before, after snapshot
		requests      int64
		usage, steal  bool
		fraction      float64
	}{
		{"all known", after(0, p(0), 0), after(1, p(1), 0), 1, true, true, 0},
		{"no snapshots", snapshot{}, snapshot{}, 1, false, false, 0},
		{"process gone", after(0, p(0), 0), after(1, nil, 0), 1, false, true, 0},
		{"process not seen", after(0, nil, 0), after(1, p(1), 0), 1, false, true, 0},
		{"time lost", after(0, p(2), 0), after(1, p(1), 0), 1, false, true, 0},
		{"no requests", after(0, p(0), 0), after(1, p(1), 0), 0, false, true, 0},
		{"no steal", none(after(0, p(0), 0)), none(after(1, p(1), 0)), 1, true, false, 0},
		{"not placed", nowhere(after(0, p(0), 0)), nowhere(after(1, p(1), 0)), 1, true, false, 0},
		{"steal backwards", after(0, p(0), 2), after(1, p(1), 1), 1, true, true, 0},
		{"more than all", after(0, p(0), 0), after(1, p(1), time.Hour), 1, true, true, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			trial := results.Trial{Requests: row.requests, ThroughputRPS: float64(row.requests)}
			u := usage{before: row.before, after: row.after, serverCPUs: 1}
			u.fill(&trial)
			if (trial.ServerUsage != nil) != row.usage {
				t.Errorf("usage %+v", trial.ServerUsage)
			}
			if f := trial.StealFraction; (f != nil) != row.steal || f != nil && *f != row.fraction {
				t.Errorf("steal fraction %v", f)
			}
		})
	}
}
