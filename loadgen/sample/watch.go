// Package sample sees what a load does to a server and to its machine: what /proc says
// of the server's processes and of the CPUs, the kernel's counters, and what a server of
// ours says of its own runtime.
//
// A [Watch] looks at the two ends of the measured window, and [Closely] at what comes
// before it too; [Watch.Fill] writes what it has seen into the trial. What costs time, to
// read what /proc says of each thread, is done before the load begins and after its last
// answer: in the window it would take that of the client, whose CPUs it is done on.
// The server's CPU time is read by the client, see [loadgen.Stages], where that is on the same host.
package sample

import (
	"cmp"
	"sync"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/process"
	"connbench/loadgen/system"
	"connbench/results"

	pprof "github.com/google/pprof/profile"
)

// Server is what is watched.
type Server interface {
	// PIDs are the numbers of its processes, without those that these have started.
	PIDs() []int
	// Address is where it listens.
	Address() string
	// Ask asks it for its figures, after a garbage collection if that is asked for; nil
	// from one that is not known to answer.
	Ask(collect bool) (*Figures, error)
	// Profile begins a CPU profile that the server takes of itself, or ends it and returns it. The
	// error wraps [errors.ErrUnsupported] for one that is not known to do so.
	Profile(begin bool) (*pprof.Profile, error)
	// Interpreted reports whether such a profile knows functions that nobody else sees.
	Interpreted() bool
}

// Depth is how much a Watch looks at.
type Depth int

const (
	Nothing  Depth = iota
	Window         // the two ends of the measured window
	Closely        // memory of idle connections, system calls and the kernel's counters too
	Profiled       // where its time goes, which costs some of it: what else it takes is not that of others
)

// Watch sees what a load does to a server and to its machine. What it looks at in
// the measured window costs the server nothing but the answer to two signals, one at
// either end.
type Watch struct {
	server  Server
	clients []int // their processes
	depth   Depth
	spec    loadgen.Spec
	usage   usage
	err     error // of asking the server

	kernel   *results.Kernel
	empty    *memory
	calls    callCounter
	profiler *profiler // nil unless profiled

	mu   sync.Mutex // the stages come from goroutines that may outlive the load
	over bool
}

// Begin watches a server that has just begun to listen and has no connection yet, under
// a load to come from client processes.
func Begin(s Server, clients []int, p system.Placement, spec loadgen.Spec, depth Depth) *Watch {
	w := &Watch{server: s, clients: clients, depth: depth, spec: spec, usage: usage{placement: p}}
	if depth == Profiled {
		w.profiler = &profiler{}
	}
	if depth != Closely {
		return w
	}
	w.kernel = sampleKernel()
	if spec.Clients >= minIdle && spec.Network != "udp" { // they are there, and nothing else is
		w.empty = w.memory()
	}
	return w
}

// See sees to a stage of the load, unless that is over. It returns the processes of the server
// when the clients are connected.
func (w *Watch) See(stage loadgen.Stage) (pids []int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over || w.depth == Nothing {
		return nil
	}
	switch stage {
	case loadgen.StageConnected:
		if w.connected(); w.usage.first != nil {
			return w.usage.first.pids
		}
	case loadgen.StageMeasuring:
		w.usage.syscalls = w.calls.stop()
		w.profile((*profiler).prepare)
		w.take(&w.usage.before)
		w.profile((*profiler).measuring)
	case loadgen.StageMeasured:
		w.profile((*profiler).measured)
		w.take(&w.usage.after)
	case loadgen.StageFinished:
		w.usage.last = w.walk()
		w.profile((*profiler).finished)
	}
	return nil
}

// profile has the profiler, if there is one, do its part, on the CPUs of the clients.
func (w *Watch) profile(do func(*profiler, Server) error) {
	if w.profiler == nil {
		return
	}
	w.err = cmp.Or(w.err, process.OnCPUs(w.usage.placement.Client, func() error { return do(w.profiler, w.server) }))
}

// take takes a snapshot, on the CPUs of the clients: the server has its own to itself.
func (w *Watch) take(s *snapshot) {
	w.err = cmp.Or(w.err, process.OnCPUs(w.usage.placement.Client, func() error {
		s.at = time.Now()
		s.cpus = process.CPUTimes(w.usage.placement.Used())
		if first := w.usage.first; w.usage.placement.Apart && first != nil {
			if used, err := cpu(first.pids); err == nil {
				s.server = &used
			}
		}
		return nil
	}))
	s.figures = w.ask(false)
}

// walk looks at each thread of the server, on the CPUs of the clients; it is nil where the
// server is gone. That takes 15 µs a thread, and is not done while requests are sent.
func (w *Watch) walk() (tree *processSample) {
	w.err = cmp.Or(w.err, process.OnCPUs(w.usage.placement.Client, func() error {
		tree = sampleTree(w.server.PIDs())
		return nil
	}))
	return tree
}

// ask asks the server for its figures; nil where it has none to give.
func (w *Watch) ask(collect bool) *Figures {
	f, err := w.server.Ask(collect)
	w.err = cmp.Or(w.err, err)
	return f
}

func (w *Watch) connected() {
	if w.empty != nil {
		if full := w.memory(); full != nil {
			w.usage.idle = idleMemory(w.empty, full, w.spec.Clients)
		}
	} else {
		w.settle() // so that all have their threads
	}
	tree := w.walk()
	if w.usage.first = tree; tree == nil || w.depth < Closely {
		return
	}
	if w.profiler != nil {
		w.profile((*profiler).connected)
		return
	}
	w.usage.parked = parked(tree.tids)
	if w.spec.Warmup > 0 {
		w.calls = countCalls(tree.tids)
	}
}

// End is called when the load is over, and returns what went wrong on the way.
func (w *Watch) End() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	w.calls.stop()
	if w.profiler != nil {
		w.profiler.end()
	}
	if w.kernel != nil {
		if now := sampleKernel(); now != nil {
			w.usage.kernel = gained(w.kernel, now)
		}
	}
	return w.err
}

// Fill writes what was seen, and what the server counted, into the trial that result
// was made into.
func (w *Watch) Fill(t *results.Trial, result *loadgen.Result, counters map[string]int64) {
	w.usage.counters = counters
	w.usage.fill(t, result)
	if w.profiler != nil {
		t.CPUProfile = w.profiler.of(result)
	}
}

// gained is what counters have gained; both are as [sampleKernel] returns them.
func gained(before, after *results.Kernel) *results.Kernel {
	syns := *after.SynRetransmits - *before.SynRetransmits
	return &results.Kernel{
		ListenOverflows: after.ListenOverflows - before.ListenOverflows,
		ListenDrops:     after.ListenDrops - before.ListenDrops,
		Retransmits:     after.Retransmits - before.Retransmits,
		UDPDrops:        after.UDPDrops - before.UDPDrops,
		SynRetransmits:  &syns,
	}
}
