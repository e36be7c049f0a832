package sample

import (
	"math"
	"runtime"
	"testing"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/process"
	"connbench/loadgen/system"
	"connbench/results"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// after is a snapshot at so many seconds.
func after(seconds float64, cpus ...process.CPUTime) snapshot {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return snapshot{at: start.Add(time.Duration(seconds * 1e9)), cpus: cpus}
}

// clocked is the result of a load with 1000 requests in a window of a second, 500 before
// it and 500 after, in which the clocks say that the server used so many CPUs.
func clocked(cpus float64) *loadgen.Result {
	return &loadgen.Result{Window: time.Second, Requests: 1000, Early: 500, Warm: 500, Completed: 1000, Late: 500, ServerCPU: &cpus}
}

func TestUsage(t *testing.T) {
	syscalls := int64(1500)
	u := usage{
		first:     &processSample{pids: []int{7}, cpu: time.Second, rss: 1, threads: 9, voluntary: 100, involuntary: 10},
		last:      &processSample{pids: []int{7}, cpu: 2 * time.Second, rss: 5 << 20, peak: 6 << 20, threads: 7, voluntary: 160, involuntary: 20},
		counters:  map[string]int64{"accepted": 4},
		syscalls:  &syscalls,
		placement: system.Placement{Server: []int{3}},
		kernel:    &results.Kernel{Retransmits: 2},
	}
	u.before.figures = &Figures{GCCycles: 5, GCPauseNS: 100}
	u.after.figures = &Figures{GOMAXPROCS: 1, Goroutines: 8, GCCycles: 7, GCPauseNS: 350}
	trial := results.Trial{Requests: 1000, ThroughputRPS: 1000}
	u.fill(&trial, clocked(0.4))
	three := 3.0
	want := &results.ServerUsage{
		ServerCPUPerRequest: 400e3,
		ServerCPUFraction:   0.4,
		ServerRSSBytes:      5 << 20,
		ServerPeakRSSBytes:  6 << 20,
		ServerThreads:       7,
		ServerVoluntary:     30, // half of the load is the window's
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

// The clocks hold for the processes that they are of. Else it is the load's CPU time that
// is shared out, and nothing where that is not known.
func TestServerCPUs(t *testing.T) {
	known := func(cpus float64) *float64 { return &cpus }
	one := processSample{pids: []int{7}, cpu: time.Second}
	with := func(change func(*processSample)) *processSample {
		p := processSample{pids: []int{7, 8}, cpu: 2 * time.Second}
		change(&p)
		return &p
	}
	same := func(p *processSample) { p.pids = []int{7} }
	unread := clocked(0)
	unread.ServerCPU = nil
	for _, tt := range []struct {
		name        string
		first, last *processSample
		result      *loadgen.Result
		want        *float64
	}{
		{"by the clocks", &one, with(same), clocked(0.4), known(0.4)},
		{"in any order", with(func(p *processSample) { p.cpu = 0 }), with(func(p *processSample) { p.pids = []int{8, 7} }), clocked(0.4), known(0.4)},
		{"one more process", &one, with(func(*processSample) {}), clocked(0.4), known(0.5)},
		{"one was waited for", &one, with(func(p *processSample) { p.pids, p.waited = []int{7}, time.Millisecond }), clocked(0.4), known(0.5)},
		{"no clock", &one, with(same), unread, known(0.5)},
		{"time is lost", with(same), &one, clocked(0.4), nil},
		{"gone", &one, nil, clocked(0.4), nil},
		{"neither clock nor request", &one, with(same), &loadgen.Result{Window: time.Second}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := usage{first: tt.first, last: tt.last}
			if diff := cmp.Diff(tt.want, u.serverCPUs(tt.result)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is not known is absent: of a server in several processes what the first says of
// itself, and system calls without requests to share them.
func TestUsageAbsent(t *testing.T) {
	n := int64(1)
	u := usage{first: &processSample{pids: []int{7, 8}}, last: &processSample{pids: []int{7, 8}}, syscalls: &n}
	u.before.figures, u.after.figures = &Figures{}, &Figures{}
	trial := results.Trial{Requests: 1, ThroughputRPS: 1}
	result := clocked(1)
	result.Warm = 0
	u.fill(&trial, result)
	if trial.ServerRuntime != nil || trial.ServerSyscalls != nil || trial.ServerIdle != nil {
		t.Errorf("%+v", trial.ServerUsage)
	}
	trial = results.Trial{Requests: 1, ThroughputRPS: 1}
	(&usage{first: &processSample{cpu: 2}, last: &processSample{cpu: 1}}).fill(&trial, clocked(1))
	if trial.ServerUsage != nil {
		t.Errorf("CPU time ran backwards: %+v", trial.ServerUsage)
	}
}

// A server that is not placed has all CPUs, not none.
func TestUsageNotPlaced(t *testing.T) {
	u := usage{first: &processSample{}, last: &processSample{}}
	trial := results.Trial{Requests: 1, ThroughputRPS: 1}
	u.fill(&trial, clocked(1))
	if want := 1 / float64(runtime.NumCPU()); trial.ServerUsage.ServerCPUFraction != want {
		t.Errorf("fraction %v, want %v", trial.ServerUsage.ServerCPUFraction, want)
	}
}

// The switches of a process that has ended meanwhile are lost, and no others turn
// negative for it.
func TestUsageSwitchesLost(t *testing.T) {
	u := usage{first: &processSample{voluntary: 5, involuntary: 5}, last: &processSample{voluntary: 3, involuntary: 9}}
	trial := results.Trial{Requests: 1, ThroughputRPS: 1}
	u.fill(&trial, clocked(1))
	if s := trial.ServerUsage; s.ServerVoluntary != 0 || s.ServerInvoluntary != 2 {
		t.Errorf("%+v", s)
	}
}

// TestNoise: two seconds in which CPU 0 of the server is busy all the time but for
// 0.2 s that were stolen, and CPU 1 of the client half of it.
func TestNoise(t *testing.T) {
	cpus := func(steal, idle, ticks time.Duration) []process.CPUTime {
		return []process.CPUTime{
			{CPU: 0, Busy: 3*time.Second + ticks, Steal: 5*time.Second + steal, Idle: 7 * time.Second},
			{CPU: 1, Busy: ticks, Idle: 9*time.Second + idle},
		}
	}
	tests := []struct {
		name           string
		placement      system.Placement
		server, client time.Duration // CPU time
		wait           time.Duration
		serverWait     float64
		serverOthers   float64
		clientOthers   float64
	}{
		{"alone", system.Placement{Server: []int{0}, Client: []int{1}}, 1800 * time.Millisecond, time.Second, 0, 0, 0, 0},
		{"a hog beside the server", system.Placement{Server: []int{0}, Client: []int{1}}, time.Second, time.Second, 800 * time.Millisecond, 0.4, 0.4, 0},
		{"one beside the client", system.Placement{Server: []int{0}, Client: []int{1}}, 1800 * time.Millisecond, 200 * time.Millisecond, 0, 0, 0, 0.4},
		{"own time counted late", system.Placement{Server: []int{0}, Client: []int{1}}, 1900 * time.Millisecond, 1100 * time.Millisecond, 0, 0, 0, 0},
		{"all on both", system.Placement{Server: []int{0, 1}, Client: []int{0, 1}}, time.Second, time.Second, 400 * time.Millisecond, 0.1, 0.2, 0.2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := usage{
				placement: tt.placement,
				before:    after(10, cpus(0, 0, 0)...),
				after:     after(12, cpus(200*time.Millisecond, time.Second, 2*time.Second)...),
				first:     &processSample{},
				last:      &processSample{wait: 2 * tt.wait}, // half of it in the window
			}
			result := clocked(tt.server.Seconds() / 2)
			result.Window, result.CPU = 2*time.Second, tt.client.Seconds()/2
			want := &results.Noise{
				CPUs:       []results.CPUNoise{{CPU: 0, StealFraction: 0.1, BusyFraction: 0.9}, {CPU: 1, BusyFraction: 0.5}},
				ServerWait: &tt.serverWait, ServerOthers: &tt.serverOthers, ClientOthers: &tt.clientOthers,
			}
			if diff := cmp.Diff(want, u.noise(result), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
				t.Error(diff)
			}
			trial := results.Trial{}
			u.fill(&trial, result)
			if math.Abs(*trial.StealFraction-0.05) > 1e-9 {
				t.Errorf("steal fraction %v", *trial.StealFraction)
			}
		})
	}
}

// TestNoiseOfManyRests: a CPU that rests in short moments is idle for longer than it says.
func TestNoiseOfManyRests(t *testing.T) {
	u := usage{
		placement: system.Placement{Server: []int{0}},
		before:    after(10, process.CPUTime{}),
		after:     after(12, process.CPUTime{Busy: 700 * time.Millisecond, Idle: 900 * time.Millisecond}),
		first:     &processSample{},
		last:      &processSample{},
	}
	if n := u.noise(clocked(0.4)); *n.ServerOthers != 0 || n.CPUs[0].BusyFraction != 0.35 {
		t.Errorf("others %v, %+v", *n.ServerOthers, n.CPUs)
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
