package loadgen

import (
	"math/bits"
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// ring is a worker's quicker way to its connections where the kernel has io_uring:
// what arrives is received, and requests of a closed loop are sent, many in one
// system call. Everything rare, connecting, waiting for room to write, slow
// clients, stays with the poller, which the ring watches.
type ring struct {
	*kernel.Ring
	buffers *kernel.Buffers
	arena   []byte // of requests that are queued, ringSend bytes each
	queued  int    // requests in it
}

const (
	ringEntries = 1024
	// ringSend is the longest request that is sent by the ring: one that surely
	// fits the empty send buffer of a client that has no other open.
	ringSend = 4 << 10
	// ringQueue bounds how many requests, written down as sent, wait to be handed
	// over. Their latency counts from then, so that the wait is in it.
	ringQueue = 64
	// ringMemory bounds the buffers to receive into, and ringBuffer each of them.
	ringMemory = 8 << 20
	ringBuffer = 64 << 10
)

// ringClients is for how many clients of a worker a ring is worth it: with few
// there is nothing to hand over together. Tests change it.
var ringClients = 8

// What a completion's tag says beside the client's slot and generation.
const (
	ringReceived = iota
	ringUnsent
	ringPolled
)

// openRing gives the worker its ring, on the thread that drives it. Without one,
// because there is none to have or nothing to gain, the poller does everything.
func (w *worker) openRing() {
	if w.spec.IO == EpollIO || w.spec.TLS || len(w.senders) < ringClients {
		return
	}
	g, err := newRing(max(4<<10, w.layout.answerSize()), len(w.conns))
	if err != nil {
		return
	}
	w.ring = g
	g.Watch(w.poller.FD(), ringPolled)
	for i := range w.conns {
		if c := &w.conns[i]; c.state >= up && w.rings(c) {
			w.poller.Remove(c.fd)
			w.hear(c)
		}
	}
}

// io is how the worker reaches most of its connections.
func (w *worker) io() IO {
	if w.ring != nil {
		return UringIO
	}
	return EpollIO
}

func newRing(longest, clients int) (*ring, error) {
	r, err := kernel.NewRing(ringEntries)
	if err != nil {
		return nil, err
	}
	size := min(longest, ringBuffer)
	count := 1 << (bits.Len(uint(min(max(ringEntries/4, clients), ringMemory/size))) - 1)
	g := &ring{Ring: r, arena: make([]byte, ringQueue*ringSend)}
	if err = r.Enable(); err == nil {
		g.buffers, err = r.NewBuffers(0, count, size)
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return g, nil
}

func (w *worker) rings(c *conn) bool {
	return w.ring != nil && c.role == active && c != w.sampler.conn && !w.datagrams && !w.spec.TLS
}

// hear has what arrives for c told of, from now on.
func (w *worker) hear(c *conn) {
	if w.rings(c) {
		w.ring.Receive(c.fd, w.ring.buffers, c.tag(ringReceived))
	}
}

// tag names this connection of c: completions of one that it had before are told
// apart.
func (c *conn) tag(kind uint64) uint64 {
	return uint64(c.slot)<<32 | uint64(c.generation&(1<<30-1))<<2 | kind
}

// await is [kernel.Poller.Poll] and Block in one.
func (g *ring) await(timeout time.Duration) error {
	g.queued = 0
	if timeout > 0 {
		return g.Block(timeout)
	}
	return g.Poll()
}

// forget ends what the ring does for c, which is about to be closed: what is queued
// must not meet the descriptor's next owner, and receiving holds the socket open.
func (w *worker) forget(c *conn) {
	if w.ring.Queued() > 0 {
		w.ring.await(0)
	}
	unix.Shutdown(c.fd, unix.SHUT_RDWR)
}

// sends reports whether requests of this load go out by the ring: those that are
// alone on their connection, and whose time is not fixed before.
func (w *worker) sends(c *conn) bool {
	return w.rings(c) && w.depth == 1 && !w.spec.Open() && w.spec.Think == 0 && w.layout.size() <= ringSend
}

// post queues c's request, which is open and unwritten.
func (w *worker) post(c *conn) {
	slot := w.ring.arena[w.ring.queued*ringSend:][:ringSend]
	out := w.layout.from(slot, c.client, c.wrote, 0)
	c.wrote++
	w.ring.SendNow(c.fd, out, c.tag(ringUnsent))
	if w.ring.queued++; w.ring.queued == ringQueue {
		w.ring.await(0)
	}
}

// unsent takes back a request that the socket had no room for, or refused.
func (w *worker) unsent(c *conn, done *kernel.Completion, now time.Duration) {
	errno := done.Errno()
	if errno != 0 && errno != unix.EAGAIN {
		w.fail(c, classOf(errno), now)
		return
	}
	c.wrote--
	c.offset = int(max(0, done.Result))
	w.block(c)
}

// complete takes what the ring has to tell, some of it if that does not end.
func (w *worker) complete() error {
	for range eventsPerWait {
		done := w.ring.Next()
		if done == nil {
			break
		}
		if done.Tag == ringPolled {
			if err := w.polled(done); err != nil {
				return err
			}
		} else {
			w.completed(done)
		}
		w.arrive(w.now)
	}
	return nil
}

// polled takes the poller's events: all that are there, since the ring tells of each
// once, and none that come while it does so. They are all edge-triggered: an epoll
// does not tell its watchers of what it had to report before.
func (w *worker) polled(done *kernel.Completion) error {
	if !done.More() {
		w.ring.Watch(w.poller.FD(), ringPolled)
	}
	for {
		n, err := w.poller.Poll(w.events)
		if err != nil {
			return err
		}
		w.handleAll(n)
		if n < len(w.events) {
			return nil
		}
	}
}

// completed takes what has arrived, or a request that could not be written.
func (w *worker) completed(done *kernel.Completion) {
	kind := done.Tag & 3
	c := &w.conns[done.Tag>>32]
	current := c.state >= up && c.tag(kind) == done.Tag
	now := w.clock()
	switch buffer := done.Buffer(); {
	case kind == ringUnsent:
		if current {
			w.unsent(c, done, now)
		}
		return
	case buffer >= 0:
		if !current && c.parted == uint32(done.Tag>>2)&(1<<30-1) && done.Result > 0 {
			w.rec.mismatched(now)
		}
		if current && done.Result > 0 {
			if current = w.take(c, w.ring.buffers.Get(buffer, int(done.Result)), now); current {
				w.follow(c, now)
			}
		}
		w.ring.buffers.Return(buffer)
	}
	switch errno := done.Errno(); {
	case !current || c.state < up:
	case errno != 0 && errno != unix.ENOBUFS:
		w.fail(c, classOf(errno), now)
	case done.Result == 0:
		w.ended(c, now)
	case !done.More():
		w.hear(c)
	}
}
