package loadgen

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// Where a process has more clients than it may have descriptors, it keeps them as direct
// descriptors in the tables of several rings, each of which has a place for as many as the
// process has descriptors. A client connects as any other does. When its connection stands
// the socket moves from the process's descriptors to a table. The poller hears of a ring that
// has something to tell. Only the sampled client of a thread keeps its descriptor.

// tableBuffers and tableBuffer are the buffers of a table to receive into: what arrives at
// once for some 20,000 clients is less than for as many rings.
const (
	tableBuffers = 256
	tableBuffer  = 1 << 10
)

// tablePlaces is how many clients a table has places for at the most. Tests change it.
var tablePlaces = 1 << 20

var hasTables = sync.OnceValue(func() bool {
	r, err := kernel.NewRing(8)
	if err != nil {
		return false
	}
	defer r.Close()
	_, err = r.ReserveFiles(1)
	return err == nil
})

func (w *worker) openTables() error {
	for len(w.rings)*w.places < len(w.conns) {
		g, err := newRing(tableBuffers, tableBuffer)
		if err != nil {
			return fmt.Errorf("a table for clients beyond the limit of descriptors: %w", err)
		}
		w.rings = append(w.rings, g)
		if w.places, err = g.ReserveFiles(min(tablePlaces, len(w.conns))); err != nil {
			return err
		}
		if g.wake, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
			return os.NewSyscallError("eventfd", err)
		}
		if err := errors.Join(g.Tell(g.wake), w.poller.Add(g.wake, kernel.Readable|kernel.Edge)); err != nil {
			return err
		}
	}
	return nil
}

// place moves c, whose connection stands, to its table.
func (w *worker) place(c *conn) error {
	at := c.slot % w.places
	w.poller.Remove(c.fd)
	if err := w.ringOf(c).PutFile(at, c.fd); err != nil {
		return err
	}
	w.release(c)
	c.fd, c.placed = at, true
	return nil
}

func (w *worker) visitSoon(g *ring) {
	if !g.due {
		g.due = true
		w.due = append(w.due, g)
	}
}

// visit hands over what is queued in the rings that are due, and takes what they have to tell.
func (w *worker) visit() error {
	visiting := w.due
	w.due, w.visited = w.visited[:0], visiting
	for _, g := range visiting {
		g.due = false
		if err := g.await(0); err != nil {
			return err
		}
		all, err := w.complete(g)
		if err != nil {
			return err
		}
		if !all {
			w.visitSoon(g)
		}
	}
	return nil
}

// ringAt is the ring that asks by a descriptor, nil for none.
func (w *worker) ringAt(fd int32) *ring {
	if w.places > 0 {
		for _, g := range w.rings {
			if g.wake == int(fd) {
				return g
			}
		}
	}
	return nil
}
