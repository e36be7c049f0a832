package sweep

import (
	"cmp"
	"runtime"
	"slices"
	"time"

	"connbench/results"
)

// usage is what happened to a server and its machine between two snapshots.
type usage struct {
	placement     Placement
	before, after snapshot
	counters      map[string]int64
	kernel        *results.Kernel
	idle          *results.IdleMemory
	parked        results.Parked
	syscalls      *int64 // before the window, from when the clients were connected on
}

// fill writes what is known into t, which has the client's figures; early is how
// many answers the clients had before the window.
func (u *usage) fill(t *results.Trial, early int64) {
	t.Kernel = u.kernel
	t.Noise = u.noise()
	if t.Noise != nil {
		steal := 0.0
		for _, c := range t.Noise.CPUs {
			steal += c.StealFraction / float64(len(t.Noise.CPUs))
		}
		t.StealFraction = &steal
	}
	elapsed := u.after.at.Sub(u.before.at)
	b, a := u.before.server, u.after.server
	if b == nil || a == nil || t.Requests == 0 {
		return
	}
	if a.cpu < b.cpu {
		return // a process has ended that nobody waited for, and its time is lost
	}
	// The two snapshots lie a little off the window's ends, so the CPU time is
	// taken as a rate over their own distance.
	cpus := float64(a.cpu-b.cpu) / float64(elapsed)
	t.ServerUsage = &results.ServerUsage{
		ServerCPUPerRequest: cpus * 1e9 / t.ThroughputRPS,
		ServerCPUFraction:   cpus / float64(cmp.Or(len(u.placement.Server), runtime.NumCPU())),
		ServerRSSBytes:      a.rss,
		ServerPeakRSSBytes:  a.peak,
		ServerThreads:       a.threads,
		ServerVoluntary:     max(0, a.voluntary-b.voluntary), // those of an ended process are lost
		ServerInvoluntary:   max(0, a.involuntary-b.involuntary),
		ServerRuntime:       u.runtime(),
		ServerIdle:          u.idle,
		ServerParked:        u.parked,
		ServerCounters:      u.counters,
	}
	if u.syscalls != nil && early > 0 {
		each := float64(*u.syscalls) / float64(early)
		t.ServerSyscalls = &each
	}
}

// runtime is what the server said of itself. One that works in several processes
// speaks for the first alone, which is not the server.
func (u *usage) runtime() *results.Runtime {
	b, a := u.before.figures, u.after.figures
	if b == nil || a == nil || u.after.server.processes != 1 {
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
func (u *usage) noise() *results.Noise {
	elapsed := u.after.at.Sub(u.before.at)
	if len(u.after.cpus) == 0 || len(u.before.cpus) != len(u.after.cpus) || elapsed <= 0 {
		return nil
	}
	n := &results.Noise{}
	for i, after := range u.after.cpus {
		before := u.before.cpus[i]
		steal := share(after.steal-before.steal, elapsed)
		n.CPUs = append(n.CPUs, results.CPUNoise{
			CPU:           after.cpu,
			StealFraction: steal,
			BusyFraction:  max(0, 1-steal-share(after.idle-before.idle, elapsed)),
		})
	}
	server, client := spent(u.before.server, u.after.server), spent(u.before.clients, u.after.clients)
	if server == nil {
		return n
	}
	if cpus := len(u.placement.Server); cpus > 0 {
		wait := float64(max(0, u.after.server.wait-u.before.server.wait)) / float64(elapsed) / float64(cpus)
		n.ServerWait = &wait
	}
	if client == nil {
		return n
	}
	if u.placement.Shared() {
		n.ServerOthers = u.others(n, u.placement.Used(), *server+*client)
		n.ClientOthers = n.ServerOthers
		return n
	}
	n.ServerOthers = u.others(n, u.placement.Server, *server)
	n.ClientOthers = u.others(n, u.placement.Client, *client)
	return n
}

// share is a time as a share of another.
func share(part, whole time.Duration) float64 {
	return min(1, max(0, float64(part)/float64(whole)))
}

// spent is the CPU time between two samples, nil where it is not known.
func spent(before, after *processSample) *time.Duration {
	if before == nil || after == nil || after.cpu < before.cpu {
		return nil
	}
	d := after.cpu - before.cpu
	return &d
}

// others is the share of the time of cpus in which they were busy and not with what
// took own of it.
func (u *usage) others(n *results.Noise, cpus []int, own time.Duration) *float64 {
	busy := 0.0
	for _, c := range n.CPUs {
		if slices.Contains(cpus, c.CPU) {
			busy += c.BusyFraction
		}
	}
	elapsed := u.after.at.Sub(u.before.at)
	fraction := max(0, busy-float64(own)/float64(elapsed)) / float64(max(1, len(cpus)))
	return &fraction
}
