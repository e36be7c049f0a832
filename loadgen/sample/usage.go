package sample

import (
	"cmp"
	"runtime"
	"slices"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/system"
	"connbench/results"
)

type usage struct {
	placement     system.Placement
	first, last   *processSample // of the server, before the first request and after the last answer
	before, after snapshot       // at the window's two ends
	counters      map[string]int64
	kernel        *results.Kernel
	idle          *results.IdleMemory
	parked        results.Parked
	syscalls      *int64 // before the window, from when the clients were connected on
}

func (u *usage) fill(t *results.Trial, result *loadgen.Result) {
	t.Kernel = u.kernel
	t.Noise = u.noise(result)
	if t.Noise != nil {
		steal := 0.0
		for _, c := range t.Noise.CPUs {
			steal += c.StealFraction / float64(len(t.Noise.CPUs))
		}
		t.StealFraction = &steal
	}
	cpus := u.serverCPUs(result)
	if cpus == nil || t.Requests == 0 {
		return
	}
	b, a := u.first, u.last
	t.ServerUsage = &results.ServerUsage{
		ServerCPUPerRequest: *cpus * 1e9 / t.ThroughputRPS,
		ServerCPUFraction:   *cpus / float64(cmp.Or(len(u.placement.Server), runtime.NumCPU())),
		ServerRSSBytes:      a.rss,
		ServerPeakRSSBytes:  a.peak,
		ServerThreads:       a.threads,
		ServerVoluntary:     windowed(result, a.voluntary-b.voluntary),
		ServerInvoluntary:   windowed(result, a.involuntary-b.involuntary),
		ServerRuntime:       u.runtime(),
		ServerIdle:          u.idle,
		ServerParked:        u.parked,
		ServerRestCPUs:      result.RestCPU,
		ServerCounters:      u.counters,
	}
	if u.syscalls != nil && result.Warm > 0 {
		each := float64(*u.syscalls) / float64(result.Warm)
		t.ServerSyscalls = &each
	}
}

// windowed is the measured window's part of what a whole load has come to, by the
// requests. It is not negative: what a process that has ended had counted is lost.
func windowed[N ~int64](result *loadgen.Result, whole N) N {
	answers := result.Early + result.Completed + result.Late
	return N(float64(max(0, whole)) * float64(result.Requests) / float64(max(1, answers, result.Requests)))
}

// serverCPUs is how many CPUs the server used in the window: by the clocks of its
// processes, read at the window's ends. Where processes have come or gone under the load
// it is the window's part of what the load took, of which the time of processes that
// nobody waited for is lost. It is nil where neither is known.
func (u *usage) serverCPUs(result *loadgen.Result) *float64 {
	b, a := u.first, u.last
	if b == nil || a == nil || a.cpu < b.cpu {
		return nil
	}
	if at := u.apart(); at != nil {
		result.ServerCPU = at
	}
	if result.ServerCPU != nil && a.waited == b.waited && slices.Equal(slices.Sorted(slices.Values(a.pids)), slices.Sorted(slices.Values(b.pids))) {
		return result.ServerCPU
	}
	if result.Requests == 0 || result.Window <= 0 {
		return nil
	}
	cpus := float64(windowed(result, a.cpu-b.cpu)) / float64(result.Window)
	return &cpus
}

// apart is how many CPUs the server used between the two looks at it, by this host's clock: a word
// that is late at both ends moves the window and not the figure. It is nil where the client looks.
func (u *usage) apart() *float64 {
	elapsed := u.after.at.Sub(u.before.at)
	if !u.placement.Apart || u.before.server == nil || u.after.server == nil || elapsed <= 0 {
		return nil
	}
	cpus := float64(*u.after.server-*u.before.server) / float64(elapsed)
	return &cpus
}

// runtime is what the server said of itself. One that works in several processes
// speaks for the first alone, which is not the server.
func (u *usage) runtime() *results.Runtime {
	b, a := u.before.figures, u.after.figures
	if b == nil || a == nil || u.last == nil || len(u.last.pids) != 1 {
		return nil
	}
	return &results.Runtime{
		GOMAXPROCS: a.GOMAXPROCS,
		Goroutines: a.Goroutines,
		GCCycles:   a.GCCycles - b.GCCycles,
		GCPauseNS:  a.GCPauseNS - b.GCPauseNS,
	}
}

// noise is what others did on the CPUs, nil where the system does not say.
func (u *usage) noise(result *loadgen.Result) *results.Noise {
	elapsed := u.after.at.Sub(u.before.at)
	if len(u.after.cpus) == 0 || len(u.before.cpus) != len(u.after.cpus) || elapsed <= 0 {
		return nil
	}
	n := &results.Noise{}
	for i, after := range u.after.cpus {
		before := u.before.cpus[i]
		steal := share(after.Steal-before.Steal, elapsed)
		// A CPU that rests many thousand times a second does not count all of it as idle, and
		// few ticks fall on the work between: busy is what both counts agree on.
		notIdle := max(0, 1-steal-share(after.Idle-before.Idle, elapsed))
		n.CPUs = append(n.CPUs, results.CPUNoise{
			CPU:           after.CPU,
			StealFraction: steal,
			BusyFraction:  min(notIdle, share(after.Busy-before.Busy, elapsed)),
		})
	}
	server := u.serverCPUs(result)
	if server == nil {
		return n
	}
	if cpus := len(u.placement.Server); cpus > 0 && result.Requests > 0 {
		wait := float64(windowed(result, u.last.wait-u.first.wait)) / float64(result.Window) / float64(cpus)
		n.ServerWait = &wait
	}
	if u.placement.Shared() {
		n.ServerOthers = others(n, u.placement.Used(), *server+result.CPU)
		n.ClientOthers = n.ServerOthers
		return n
	}
	n.ServerOthers = others(n, u.placement.Server, *server)
	if u.placement.Apart {
		return n
	}
	n.ClientOthers = others(n, u.placement.Client, result.CPU)
	return n
}

func share(part, whole time.Duration) float64 {
	return min(1, max(0, float64(part)/float64(whole)))
}

// others is the share of the time of cpus in which they were busy and not with what
// used own of them.
func others(n *results.Noise, cpus []int, own float64) *float64 {
	busy := 0.0
	for _, c := range n.CPUs {
		if slices.Contains(cpus, c.CPU) {
			busy += c.BusyFraction
		}
	}
	fraction := max(0, busy-own) / float64(max(1, len(cpus)))
	return &fraction
}
