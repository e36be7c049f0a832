package sample

import (
	"time"

	"connbench/loadgen/process"
	"connbench/results"
)

// minIdle is from how many connections on the memory of one can be told: what a runtime
// takes and gives back at a time is some 100 KB, whatever the connections do.
const minIdle = 256

// minHost is from how many connections on the memory of the whole host says what one takes: the
// kernel keeps some fifty megabytes of sockets that have gone, for those to come.
const minHost = 100_000

// memory is what a server holds at one moment, when it has nothing to do, and its clients and
// the host.
type memory struct {
	rss         int64
	clients     int64
	available   *int64 // of the host; nil where it does not say
	processes   int
	figures     *Figures
	socketBytes *int64   // of one socket of its kind
	buffers     *float64 // of the kernel, a connection
}

// memory looks when the server has done with what has come; nil where that cannot be.
func (w *Watch) memory() *memory {
	w.settle()
	figures := w.ask(true)
	tree := sampleTree(w.server.PIDs())
	if tree == nil {
		return nil
	}
	m := &memory{rss: tree.rss, processes: len(tree.pids), figures: figures}
	if tree := sampleTree(w.clients); tree != nil && !w.usage.placement.Apart {
		m.clients, m.available = tree.rss, available()
	}
	m.socketBytes, m.buffers = kernelMemory(w.spec.Network, w.server.Address())
	return m
}

// A server has settled when its processes, with those that these have started, have used next to
// no CPU for a moment. One that never rests is looked at as it is.
const (
	settlePause = 10 * time.Millisecond
	settleTries = 50
	settleUse   = settlePause / 50
)

func (w *Watch) settle() {
	time.Sleep(settlePause) // a server that listens may have yet to start those that serve
	var pids []int
	for _, root := range w.server.PIDs() {
		pids = append(pids, Tree(root)...)
	}
	last, _ := cpu(pids)
	for range settleTries {
		time.Sleep(settlePause)
		now, err := cpu(pids)
		if err != nil || now-last < settleUse {
			return
		}
		last = now
	}
}

func cpu(pids []int) (sum time.Duration, err error) {
	for _, pid := range pids {
		one, err := process.CPU(pid)
		if err != nil {
			return 0, err
		}
		sum += one
	}
	return sum, nil
}

func idleMemory(empty, full *memory, connections int) *results.IdleMemory {
	each := func(before, after int64) float64 { return float64(after-before) / float64(connections) }
	m := &results.IdleMemory{Connections: connections, ResidentBytes: each(empty.rss, full.rss)}
	if b, a := empty.figures, full.figures; b != nil && a != nil && full.processes == 1 {
		heap, stacks := each(b.HeapBytes, a.HeapBytes), each(b.StackBytes, a.StackBytes)
		m.HeapBytes, m.StackBytes = &heap, &stacks
	}
	if connections >= minHost && empty.available != nil && full.available != nil {
		client, host := each(empty.clients, full.clients), each(*full.available, *empty.available)
		m.ClientBytes, m.HostBytes = &client, &host
	}
	if full.socketBytes != nil {
		socket := float64(*full.socketBytes)
		m.SocketBytes = &socket
		if full.buffers != nil {
			all := socket + *full.buffers
			m.KernelBytes = &all
		}
	}
	return m
}
