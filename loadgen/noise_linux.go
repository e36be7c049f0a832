package loadgen

import (
	"time"

	"connbench/loadgen/process"

	"github.com/prometheus/procfs"
)

// threadWait is how long a thread of this process has been ready to run without
// running, nil where the kernel keeps no such account.
func threadWait(tid int) *time.Duration {
	fs, err := procfs.NewFS("/proc/self/task")
	if err != nil {
		return nil
	}
	thread, err := fs.Proc(tid)
	if err != nil {
		return nil
	}
	s, err := thread.Schedstat()
	if err != nil {
		return nil
	}
	wait := time.Duration(s.WaitingNanoseconds)
	return &wait
}

// edge is what CPU clocks say at one end of the window.
type edge struct {
	at      time.Duration   // since the run's epoch
	client  time.Duration   // of this process
	servers []time.Duration // of each process of the server, nil where one cannot be read
}

// mark reads the clocks at the end of the window that has come, on the thread that counts
// its requests, and says when the other one comes.
func (w *worker) mark() {
	e := edge{at: w.clock()}
	e.client, _ = process.CPU(0)
	for _, pid := range w.servers {
		cpu, err := process.CPU(pid)
		if err != nil {
			e.servers = nil
			break
		}
		e.servers = append(e.servers, cpu)
	}
	w.nextEdge = never
	if w.edges = append(w.edges, e); len(w.edges) == 1 {
		w.nextEdge = w.end
	}
}

// fill notes what was used from before to e, as CPUs that are busy all the time. The
// server's is left out if the thread has come so late to the window's beginning that the
// two are not of the window.
func (e *edge) fill(result *Result, before *edge) {
	elapsed := float64(max(1, e.at-before.at))
	result.CPU = float64(e.client-before.client) / elapsed
	if len(e.servers) == 0 || len(before.servers) == 0 || e.at-before.at < result.Window/2 {
		return
	}
	var all time.Duration
	for i := range e.servers {
		all += e.servers[i] - before.servers[i]
	}
	cpus := float64(all) / elapsed
	result.ServerCPU = &cpus
}

// usage is what this process has used of the machine, and what others have.
type usage struct {
	at    time.Time
	steal *time.Duration
	wait  []*time.Duration // of each worker
}

func (r *run) usage() usage {
	u := usage{at: time.Now(), steal: process.Stolen(r.cpus)}
	for _, w := range r.workers {
		u.wait = append(u.wait, threadWait(int(w.tid.Load())))
	}
	return u
}

func (u usage) fill(result *Result, before usage, cpus int) {
	elapsed := u.at.Sub(before.at)
	result.StartedAt = before.at
	if u.steal != nil && before.steal != nil && cpus > 0 {
		steal := float64(*u.steal-*before.steal) / float64(elapsed) / float64(cpus)
		result.Steal = &steal
	}
	for i := range u.wait {
		if a, b := u.wait[i], before.wait[i]; a != nil && b != nil {
			result.Wait = max(result.Wait, float64(*a-*b)/float64(elapsed))
		}
	}
}
