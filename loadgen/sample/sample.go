package sample

import (
	"time"

	"connbench/loadgen/process"
)

// snapshot is what the system says of the CPUs of a trial, and a server of itself, at one
// moment. What is not said is nil.
type snapshot struct {
	at      time.Time
	cpus    []process.CPUTime // of those used, in the same order each time
	server  *time.Duration    // CPU time of the server's processes, where no client reads it
	figures *Figures
}

// Tree lists a process and all that have come from it and live, none where it is gone.
func Tree(root int) []int {
	if tree := sampleTree([]int{root}); tree != nil {
		return tree.pids
	}
	return nil
}

// processSample is the use of resources of a process with all that it has started.
type processSample struct {
	pids                   []int
	cpu                    time.Duration // with that of the children that were waited for
	user, system           time.Duration // likewise, in ticks
	faults                 int64         // likewise
	waited                 time.Duration // the part of it that is theirs
	rss, peak              int64         // bytes; what processes share is in the sum of each
	threads                int
	tids                   []int
	voluntary, involuntary int64         // context switches
	wait                   time.Duration // of its threads, ready and without a CPU
}

func (p *processSample) add(q processSample) {
	p.pids = append(p.pids, q.pids...)
	p.cpu += q.cpu
	p.user += q.user
	p.system += q.system
	p.faults += q.faults
	p.waited += q.waited
	p.rss += q.rss
	p.peak += q.peak
	p.threads += q.threads
	p.tids = append(p.tids, q.tids...)
	p.voluntary += q.voluntary
	p.involuntary += q.involuntary
	p.wait += q.wait
}
