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
// clients, stays with the poller, which the ring watches. See tables_linux.go for the
// other use of rings.
type ring struct {
	*kernel.Ring
	buffers *kernel.Buffers
	arena   []byte // of requests that are queued, ringSend bytes each
	queued  int    // requests in it

	wake int  // of a table, an eventfd by which it asks for a visit; -1 for none
	due  bool // it has asked, or there is something to hand over
}

const (
	ringEntries = 1024
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
	ringWritable
)

// openRing gives the worker its ring, on the thread that drives it, or as many as its
// clients need for tables. Without one, because there is none to have or nothing to gain,
// the poller does everything.
func (w *worker) openRing() error {
	if w.spec.tabled() {
		return w.openTables()
	}
	if w.spec.IO == EpollIO || w.spec.TLS || len(w.senders) < ringClients {
		return nil
	}
	size := min(max(4<<10, w.layouts.AnswerSize()), ringBuffer)
	g, err := newRing(min(max(ringEntries/4, len(w.conns)), ringMemory/size), size)
	if err == nil {
		w.rings = []*ring{g}
		g.Watch(w.poller.FD(), ringPolled)
	}
	return nil
}

// io is how the worker reaches most of its connections.
func (w *worker) io() IO {
	if len(w.rings) > 0 {
		return UringIO
	}
	return EpollIO
}

// newRing opens a ring with up to so many buffers of size bytes, for the calling thread.
func newRing(buffers, size int) (*ring, error) {
	r, err := kernel.NewRing(ringEntries)
	if err != nil {
		return nil, err
	}
	count := 1 << (bits.Len(uint(buffers)) - 1)
	g := &ring{Ring: r, arena: make([]byte, ringQueue*ringSend), wake: -1}
	if err = r.Enable(); err == nil {
		g.buffers, err = r.NewBuffers(0, count, size)
	}
	if err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

func (w *worker) byRing(c *conn) bool {
	return len(w.rings) > 0 && (c.role == active || w.places > 0) && c != w.sampler.conn && !w.datagrams && !w.spec.TLS
}

// ringOf is the ring of a client that has one, which is about to be told something.
func (w *worker) ringOf(c *conn) *ring {
	if w.places == 0 {
		return w.rings[0]
	}
	g := w.rings[c.slot/w.places]
	w.visitSoon(g)
	return g
}

// hear has what arrives for c told of, from now on.
func (w *worker) hear(c *conn) {
	if w.byRing(c) {
		g := w.ringOf(c)
		g.Receive(c.fd, g.buffers, c.tag(ringReceived))
	}
}

// tag names this connection of c: completions of one that it had before are told
// apart.
func (c *conn) tag(kind uint64) uint64 {
	return uint64(c.slot)<<32 | uint64(c.generation&(1<<30-1))<<2 | kind
}

func (g *ring) close() {
	g.Close()
	if g.wake >= 0 {
		unix.Close(g.wake)
	}
}

// await is [kernel.Poller.Poll] and Block in one.
func (g *ring) await(timeout time.Duration) error {
	var err error
	if timeout > 0 {
		err = g.Block(timeout)
	} else {
		err = g.Poll()
	}
	if g.Queued() == 0 { // else the kernel has yet to read them
		g.queued = 0
	}
	return err
}

// forget ends what the ring does for c, which is about to be closed: what is queued
// must not meet the descriptor's next owner, and receiving holds the socket open.
func (w *worker) forget(c *conn) {
	g := w.ringOf(c)
	if c.placed {
		g.Cancel(c.tag(ringReceived), c.tag(ringUnsent)) // of which nobody wants to hear
		if c.state == blocked {
			g.Cancel(c.tag(ringWritable), c.tag(ringUnsent))
		}
		g.CloseFile(c.fd, c.tag(ringUnsent))
	}
	if g.Queued() > 0 {
		g.await(0)
	}
	if !c.placed {
		unix.Shutdown(c.fd, unix.SHUT_RDWR)
	}
}

// sends reports whether the request that c writes next goes out by the ring: one that is
// alone on its connection, and whose time is not fixed before.
func (w *worker) sends(c *conn) bool {
	return w.byRing(c) && w.depth == 1 && !w.spec.Open() && w.spec.Think == 0 && w.writing(c).Size() <= ringSend
}

// post queues c's request, which is open and unwritten.
func (w *worker) post(c *conn) {
	g := w.ringOf(c)
	if g.queued == ringQueue { // the kernel takes no more before its completions are taken
		w.block(c)
		return
	}
	slot := g.arena[g.queued*ringSend:][:ringSend]
	out := w.writing(c).From(slot, c.client, c.wrote, c.offset)
	c.wrote++
	g.SendNow(c.fd, out, c.tag(ringUnsent))
	if g.queued++; g.queued == ringQueue {
		g.await(0)
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
	c.offset += int(max(0, done.Result))
	w.block(c)
}

// complete takes what a ring has to tell, some of it if that does not end, and reports
// whether it did.
func (w *worker) complete(g *ring) (all bool, err error) {
	for range eventsPerWait {
		done := g.Next()
		if done == nil {
			return true, nil
		}
		if done.Tag == ringPolled && w.places == 0 {
			if err := w.polled(done); err != nil {
				return false, err
			}
		} else {
			w.completed(g, done)
		}
		w.arrive(w.now)
	}
	return false, nil
}

// polled takes the poller's events: all that are there, since the ring tells of each
// once, and none that come while it does so. They are all edge-triggered: an epoll
// does not tell its watchers of what it had to report before.
func (w *worker) polled(done *kernel.Completion) error {
	if !done.More() {
		w.rings[0].Watch(w.poller.FD(), ringPolled)
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

// completed takes what has arrived, or a request that could not be written, or that it can
// be now.
func (w *worker) completed(g *ring, done *kernel.Completion) {
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
	case kind == ringWritable:
		if current {
			c.state = up
			w.flush(c, now)
		}
		return
	case buffer >= 0:
		if !current && c.parted > 0 && (c.parted-1)&(1<<30-1) == uint32(done.Tag>>2)&(1<<30-1) && done.Result > 0 {
			w.rec.mismatched(now)
		}
		if current && done.Result > 0 {
			if current = w.take(c, g.buffers.Get(buffer, int(done.Result)), now); current {
				w.follow(c, now)
			}
		}
		g.buffers.Return(buffer)
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
