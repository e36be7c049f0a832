package sample

import (
	"time"

	"connbench/loadgen/process"
)

// snapshot is what the system says of a trial's processes and of their CPUs at one
// moment. What it does not say is nil.
type snapshot struct {
	at      time.Time
	server  *processSample
	clients *processSample    // only its CPU time
	cpus    []process.CPUTime // of those used, in the same order each time
	figures *Figures
}

// processSample is the use of resources of a process with all that it has started.
type processSample struct {
	processes              int
	cpu                    time.Duration
	rss, peak              int64 // bytes; what processes share is in the sum of each
	threads                int
	tids                   []int
	voluntary, involuntary int64         // context switches
	wait                   time.Duration // of its threads, ready and without a CPU
}

func (p *processSample) add(q processSample) {
	p.processes += q.processes
	p.cpu += q.cpu
	p.rss += q.rss
	p.peak += q.peak
	p.threads += q.threads
	p.tids = append(p.tids, q.tids...)
	p.voluntary += q.voluntary
	p.involuntary += q.involuntary
	p.wait += q.wait
}
