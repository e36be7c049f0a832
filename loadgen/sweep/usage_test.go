package sweep

import (
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"connbench/results"
)

// after is a snapshot at so many seconds.
func after(seconds float64, server *processSample, cpus ...cpuSample) snapshot {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return snapshot{at: start.Add(time.Duration(seconds * 1e9)), server: server, cpus: cpus}
}

func TestUsage(t *testing.T) {
	syscalls := int64(300)
	u := usage{
		before:    after(10, &processSample{cpu: time.Second, rss: 1, threads: 9, voluntary: 100, involuntary: 10}),
		after:     after(12, &processSample{processes: 1, cpu: 2 * time.Second, rss: 5 << 20, peak: 6 << 20, threads: 7, voluntary: 160, involuntary: 15}),
		counters:  map[string]int64{"accepted": 4},
		syscalls:  &syscalls,
		placement: Placement{Server: []int{3}},
		kernel:    &results.Kernel{Retransmits: 2},
	}
	u.before.figures = &Figures{GCCycles: 5, GCPauseNS: 100}
	u.after.figures = &Figures{GOMAXPROCS: 1, Goroutines: 8, GCCycles: 7, GCPauseNS: 350}
	trial := results.Trial{Requests: 1000, ThroughputRPS: 1000} // in a window of 1 s, inside of the two
	u.fill(&trial, 100)
	three := 3.0
	want := &results.ServerUsage{
		ServerCPUPerRequest: 500e3, // half a CPU over 1000 requests/s
		ServerCPUFraction:   0.5,
		ServerRSSBytes:      5 << 20,
		ServerPeakRSSBytes:  6 << 20,
		ServerThreads:       7,
		ServerVoluntary:     60,
		ServerInvoluntary:   5,
		ServerSyscalls:      &three,
		ServerRuntime:       &results.Runtime{GOMAXPROCS: 1, Goroutines: 8, GCCycles: 2, GCPauseNS: 250},
		ServerCounters:      map[string]int64{"accepted": 4},
	}
	if diff := cmp.Diff(want, trial.ServerUsage); diff != "" {
		t.Error(diff)
	}
	if trial.StealFraction != nil || trial.Noise != nil || trial.Kernel.Retransmits != 2 {
		t.Errorf("steal %v, noise %v, kernel %v", trial.StealFraction, trial.Noise, trial.Kernel)
	}
}

// What is not known is absent: of a server in several processes what the first says of
// itself, and system calls without requests to share them.
func TestUsageAbsent(t *testing.T) {
	n := int64(1)
	u := usage{before: after(0, &processSample{}), after: after(1, &processSample{processes: 2}), syscalls: &n}
	u.before.figures, u.after.figures = &Figures{}, &Figures{}
	trial := results.Trial{Requests: 1, ThroughputRPS: 1}
	u.fill(&trial, 0)
	if trial.ServerRuntime != nil || trial.ServerSyscalls != nil || trial.ServerIdle != nil {
		t.Errorf("%+v", trial.ServerUsage)
	}
	trial = results.Trial{Requests: 1, ThroughputRPS: 1}
	(&usage{before: after(0, &processSample{cpu: 2}), after: after(1, &processSample{cpu: 1})}).fill(&trial, 0)
	if trial.ServerUsage != nil {
		t.Errorf("CPU time ran backwards: %+v", trial.ServerUsage)
	}
}

// A server that is not placed has all CPUs, not none.
func TestUsageNotPlaced(t *testing.T) {
	u := usage{before: after(0, &processSample{}), after: after(1, &processSample{cpu: time.Second})}
	trial := results.Trial{Requests: 1, ThroughputRPS: 1}
	u.fill(&trial, 0)
	if want := 1 / float64(runtime.NumCPU()); trial.ServerUsage.ServerCPUFraction != want {
		t.Errorf("fraction %v, want %v", trial.ServerUsage.ServerCPUFraction, want)
	}
}

// The switches of a process that has ended meanwhile are lost, and no others turn
// negative for it.
func TestUsageSwitchesLost(t *testing.T) {
	u := usage{before: after(0, &processSample{voluntary: 5, involuntary: 5}), after: after(1, &processSample{voluntary: 3, involuntary: 9})}
	trial := results.Trial{Requests: 1, ThroughputRPS: 1}
	u.fill(&trial, 0)
	if s := trial.ServerUsage; s.ServerVoluntary != 0 || s.ServerInvoluntary != 4 {
		t.Errorf("%+v", s)
	}
}

// TestNoise: two seconds in which CPU 0 of the server is busy all the time but for
// 0.2 s that were stolen, and CPU 1 of the client half of it.
func TestNoise(t *testing.T) {
	cpus := func(steal, idle time.Duration) []cpuSample {
		return []cpuSample{{0, 5*time.Second + steal, 7 * time.Second}, {1, 0, 9*time.Second + idle}}
	}
	tests := []struct {
		name           string
		placement      Placement
		server, client time.Duration // CPU time
		wait           time.Duration
		serverWait     float64
		serverOthers   float64
		clientOthers   float64
	}{
		{"alone", Placement{Server: []int{0}, Client: []int{1}}, 1800 * time.Millisecond, time.Second, 0, 0, 0, 0},
		{"a hog beside the server", Placement{Server: []int{0}, Client: []int{1}}, time.Second, time.Second, 800 * time.Millisecond, 0.4, 0.4, 0},
		{"one beside the client", Placement{Server: []int{0}, Client: []int{1}}, 1800 * time.Millisecond, 200 * time.Millisecond, 0, 0, 0, 0.4},
		{"own time counted late", Placement{Server: []int{0}, Client: []int{1}}, 1900 * time.Millisecond, 1100 * time.Millisecond, 0, 0, 0, 0},
		{"all on both", Placement{Server: []int{0, 1}, Client: []int{0, 1}}, time.Second, time.Second, 400 * time.Millisecond, 0.1, 0.2, 0.2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := usage{
				placement: tt.placement,
				before:    after(10, &processSample{}, cpus(0, 0)...),
				after:     after(12, &processSample{cpu: tt.server, wait: tt.wait}, cpus(200*time.Millisecond, time.Second)...),
			}
			u.before.clients, u.after.clients = &processSample{}, &processSample{cpu: tt.client}
			want := &results.Noise{
				CPUs:       []results.CPUNoise{{CPU: 0, StealFraction: 0.1, BusyFraction: 0.9}, {CPU: 1, BusyFraction: 0.5}},
				ServerWait: &tt.serverWait, ServerOthers: &tt.serverOthers, ClientOthers: &tt.clientOthers,
			}
			if diff := cmp.Diff(want, u.noise(), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
				t.Error(diff)
			}
			trial := results.Trial{}
			u.fill(&trial, 0)
			if math.Abs(*trial.StealFraction-0.05) > 1e-9 {
				t.Errorf("steal fraction %v", *trial.StealFraction)
			}
		})
	}
}

func TestIdleMemory(t *testing.T) {
	socket, buffers := int64(2304), 100.0
	empty := &memory{rss: 10 << 20, processes: 1, figures: &Figures{HeapBytes: 1 << 20, StackBytes: 1 << 19}}
	full := &memory{rss: 11 << 20, processes: 1, figures: &Figures{HeapBytes: 1<<20 + 1024*100, StackBytes: 1<<19 + 1024*2048}, socketBytes: &socket, buffers: &buffers}
	m := idleMemory(empty, full, 1024)
	if m.Connections != 1024 || m.ResidentBytes != 1024 || *m.HeapBytes != 100 || *m.StackBytes != 2048 || *m.KernelBytes != 2404 || *m.SocketBytes != 2304 {
		t.Errorf("%+v", m)
	}
	m = idleMemory(&memory{rss: 0, processes: 2}, &memory{rss: 2048, processes: 2}, 2)
	if diff := cmp.Diff(&results.IdleMemory{Connections: 2, ResidentBytes: 1024}, m); diff != "" {
		t.Errorf("what a foreign server does not say: %s", diff)
	}
}

func TestReadFigures(t *testing.T) {
	before := ReadFigures(true)
	after := ReadFigures(true)
	if after.GCCycles <= before.GCCycles || after.GCPauseNS < before.GCPauseNS || after.Goroutines < 1 || after.HeapBytes <= 0 || after.StackBytes <= 0 || after.GOMAXPROCS < 1 {
		t.Errorf("%+v, then %+v", before, after)
	}
}
