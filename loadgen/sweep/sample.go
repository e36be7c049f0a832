package sweep

import (
	"cmp"
	"runtime"
	"time"

	"connbench/results"
)

// snapshot is what the system says of a server's process and of the CPUs at one
// moment. What it does not say is nil.
type snapshot struct {
	at      time.Time
	process *processSample
	steal   *time.Duration // over the CPUs used
	cpus    int            // their number
}

// processSample is the use of resources of a process with all that it has started.
type processSample struct {
	cpu                    time.Duration
	rss                    int64 // bytes; what processes share is in the sum of each
	threads                int
	voluntary, involuntary int64 // context switches
}

func (p *processSample) add(q processSample) {
	p.cpu += q.cpu
	p.rss += q.rss
	p.threads += q.threads
	p.voluntary += q.voluntary
	p.involuntary += q.involuntary
}

// usage is what happened to a server between two snapshots.
type usage struct {
	before, after snapshot
	counters      map[string]int64
	serverCPUs    int // that the server may use; 0 for all
}

// fill writes what is known into t, which has the client's figures.
func (u *usage) fill(t *results.Trial) {
	elapsed := u.after.at.Sub(u.before.at)
	if b, a := u.before.steal, u.after.steal; b != nil && a != nil && elapsed > 0 && u.after.cpus > 0 {
		fraction := min(1, max(0, float64(*a-*b)/float64(elapsed)/float64(u.after.cpus)))
		t.StealFraction = &fraction
	}
	b, a := u.before.process, u.after.process
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
		ServerCPUFraction:   cpus / float64(cmp.Or(u.serverCPUs, runtime.NumCPU())),
		ServerRSSBytes:      a.rss,
		ServerThreads:       a.threads,
		ServerVoluntary:     max(0, a.voluntary-b.voluntary), // those of an ended process are lost
		ServerInvoluntary:   max(0, a.involuntary-b.involuntary),
		ServerCounters:      u.counters,
	}
}
