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
	e.servers = w.serverCPU()
	w.nextEdge = never
	if w.edges = append(w.edges, e); len(w.edges)%2 == 1 {
		w.nextEdge = w.end
	}
}

// serverCPU is what each process of the server has used, nil where one cannot be read.
func (w *worker) serverCPU() []time.Duration {
	var all []time.Duration
	for _, pid := range w.servers {
		cpu, err := process.CPU(pid)
		if err != nil {
			return nil
		}
		all = append(all, cpu)
	}
	return all
}

type atRest struct{ server, elapsed time.Duration }

func (a *atRest) add(before, after []time.Duration, elapsed time.Duration) {
	if len(before) == 0 || len(before) != len(after) {
		return
	}
	a.elapsed += elapsed
	for i := range before {
		a.server += after[i] - before[i]
	}
}

func (a *atRest) cpus() *float64 {
	if a.elapsed <= 0 {
		return nil
	}
	cpus := float64(a.server) / float64(a.elapsed)
	return &cpus
}

// fillEdges notes what was used between each two edges, as CPUs that are busy all the time. The
// server's is left out if the thread has come so late to the window's beginnings that these
// are not of the window.
func fillEdges(result *Result, edges []edge) {
	var elapsed, client, server time.Duration
	known := true
	for i := 0; i+1 < len(edges); i += 2 {
		from, to := &edges[i], &edges[i+1]
		elapsed += to.at - from.at
		client += to.client - from.client
		known = known && len(from.servers) > 0 && len(from.servers) == len(to.servers)
		for k := 0; known && k < len(to.servers); k++ {
			server += to.servers[k] - from.servers[k]
		}
	}
	result.CPU = float64(client) / float64(max(1, elapsed))
	if !known || elapsed < result.Window/2 {
		return
	}
	cpus := float64(server) / float64(max(1, elapsed))
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
	for i := range before.wait {
		if a, b := u.wait[i], before.wait[i]; a != nil && b != nil {
			result.Wait = max(result.Wait, float64(*a-*b)/float64(elapsed))
		}
	}
}
