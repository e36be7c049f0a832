package sweep

import (
	"cmp"
	"fmt"
	"sync"
	"time"

	"connbench/loadgen"

	"connbench/results"
)

// Watch sees what a load does to a server and to its machine. What it looks at in
// the measured window costs the server nothing but the answer to two signals, one at
// either end.
type Watch struct {
	server  *server
	clients []int // numbers of the processes
	spec    loadgen.Spec
	usage   usage
	err     error // of asking the server

	closely bool // memory of idle connections, system calls and the kernel's counters too
	kernel  *results.Kernel
	empty   *memory
	calls   callCounter

	mu   sync.Mutex // the stages come from goroutines that may outlive the load
	over bool
}

// watch watches a server that has just begun to listen and has no connection yet.
func (s *server) watch(p Placement, spec loadgen.Spec, closely bool) *Watch {
	w := &Watch{server: s, spec: spec, closely: closely, usage: usage{placement: p}}
	if !closely {
		return w
	}
	w.kernel = sampleKernel()
	if w.idles() {
		w.empty = w.memory()
	}
	return w
}

// stages are those of the load to be watched, by the given client processes.
func (w *Watch) stages(clients []int) loadgen.Stages {
	w.clients = clients
	stages := loadgen.Stages{
		Measuring: func() {
			w.during(func() {
				w.usage.syscalls = w.calls.stop()
				w.take(&w.usage.before)
			})
		},
		Measured: func() { w.during(func() { w.take(&w.usage.after) }) },
	}
	if w.closely {
		stages.Connected = func() error {
			w.during(w.connected)
			return nil
		}
	}
	return stages
}

// during does what belongs to a stage, unless the load is over.
func (w *Watch) during(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over {
		do()
	}
}

// take takes a snapshot, on the CPUs of the clients: the server has its own to itself.
func (w *Watch) take(s *snapshot) {
	w.err = cmp.Or(w.err, loadgen.OnCPUs(w.usage.placement.Client, func() error {
		s.at = time.Now()
		s.cpus = sampleCPUs(w.usage.placement.Used())
		s.server = sampleTree(w.server.process.PID())
		s.clients = sampleCPU(w.clients)
		return nil
	}))
	s.figures = w.ask(false)
}

// ask asks the server for its figures; nil where it has none to give.
func (w *Watch) ask(collect bool) *Figures {
	f, err := w.server.ask(collect)
	w.err = cmp.Or(w.err, err)
	return f
}

// connected looks when every client is, and nothing has been sent.
func (w *Watch) connected() {
	if w.empty != nil {
		if full := w.memory(); full != nil {
			w.usage.idle = idleMemory(w.empty, full, w.spec.Clients)
		}
	} else {
		w.settle() // so that all have their threads
	}
	tree := sampleTree(w.server.process.PID())
	if tree == nil {
		return
	}
	w.usage.parked = parked(tree.tids)
	if w.spec.Warmup > 0 {
		w.calls = countCalls(tree.tids)
	}
}

// ended is called when the load is over, and returns what went wrong on the way.
func (w *Watch) ended() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	w.calls.stop()
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
	w.usage.fill(t, result.Early)
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

// askTimeout is how long a server may take to answer for itself.
const askTimeout = 5 * time.Second

// ask asks the server for its figures, after a garbage collection if that is asked
// for; nil from a server that is not known to answer. A server that does not is ended.
func (s *server) ask(collect bool) (*Figures, error) {
	if !s.tells {
		return nil, nil
	}
	question := AskFigures
	if collect {
		question = AskCollected
	}
	var reply Answer
	heard := make(chan error, 1)
	if err := s.process.Signal(question); err != nil {
		return nil, nil // it has ended, which is noticed elsewhere
	}
	go func() { heard <- s.process.Hear(&reply) }()
	select {
	case err := <-heard:
		if err != nil {
			return nil, nil
		}
		return reply.Runtime, nil
	case <-time.After(askTimeout):
		s.process.Stop(0)
		return nil, fmt.Errorf("it did not answer %v within %v", question, askTimeout)
	}
}
