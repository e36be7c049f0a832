package loadgen

import (
	"runtime"
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

const (
	eventsPerWait = 256
	readsPerEvent = 16
	bufferSize    = 256 << 10 // for one read or write; the longest datagram fits
	// connectsAtOnce bounds the handshakes in flight of one thread, below the
	// backlog that servers usually have.
	connectsAtOnce = 64
	// checksPerTimeout is how finely a timeout is noticed.
	checksPerTimeout = 8
	maxCheckPause    = 50 * time.Millisecond
)

// worker drives its share of the clients on one locked thread. Nothing in it is
// shared while it runs.
type worker struct {
	spec      *Spec
	target    *kernel.Target
	layout    *layout
	datagrams bool
	epoch     time.Time
	poller    *kernel.Poller
	events    []unix.EpollEvent

	conns   []conn
	byFD    []*conn
	stamps  []stamp // the pipelines of all conns
	scratch []byte
	buf     []byte

	rec      recorder
	failures [classes]int64 // of connecting
	pending  int            // handshakes in flight
	open     int            // requests without an answer
	started  bool           // requests may be sent
	end      time.Duration  // when no further request is sent
	nextScan time.Duration
}

func (w *worker) clock() time.Duration { return time.Since(w.epoch) }

// sending reports whether requests are still sent.
func (w *worker) sending(now time.Duration) bool { return now < w.end }

// connectAll connects every client or finds out why it cannot.
func (w *worker) connectAll(stop <-chan struct{}) error {
	next := 0
	for next < len(w.conns) || w.pending > 0 || w.waiting() {
		select {
		case <-stop:
			return nil
		default:
		}
		now := w.clock()
		for ; next < len(w.conns) && w.pending < connectsAtOnce; next++ {
			w.connect(&w.conns[next], now)
		}
		if err := w.turn(time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// waiting reports whether a client waits for room in a Unix socket's backlog.
func (w *worker) waiting() bool {
	for i := range w.conns {
		if c := &w.conns[i]; c.state == down && c.since >= 0 {
			return true
		}
	}
	return false
}

// drive sends and receives until the last request is answered or given up.
func (w *worker) drive(stop <-chan struct{}) error {
	w.started = true
	now := w.clock()
	for i := range w.conns {
		if c := &w.conns[i]; c.state == up {
			w.refill(c, now)
		}
	}
	for now = w.clock(); w.sending(now) || w.open > 0; now = w.clock() {
		select {
		case <-stop:
			return nil
		default:
		}
		if err := w.turn(w.nextScan - now); err != nil {
			return err
		}
	}
	return nil
}

// turn serves one batch of events, sleeping for at most timeout if there are
// none, and does the periodic checks when they are due.
func (w *worker) turn(timeout time.Duration) error {
	n, err := w.poller.Poll(w.events)
	if n == 0 && err == nil {
		n, err = w.poller.Wait(w.events, max(0, timeout))
	}
	if err != nil {
		return err
	}
	for i := range w.events[:n] {
		w.handle(&w.events[i])
	}
	if now := w.clock(); now >= w.nextScan {
		w.nextScan = now + min(maxCheckPause, w.spec.Timeout/checksPerTimeout)
		for i := range w.conns {
			w.check(&w.conns[i], now)
		}
	}
	return nil
}

func (w *worker) handle(e *unix.EpollEvent) {
	c := w.byFD[e.Fd]
	switch {
	case c == nil: // dropped earlier in this batch, or a wake-up
		w.poller.IsWake(e)
	case c.state == connecting:
		w.connected(c, w.clock())
	default:
		if c.state == blocked && e.Events&(kernel.Writable|kernel.Broken) != 0 {
			w.flush(c, w.clock())
		}
		if c.state >= up && e.Events&(kernel.Readable|kernel.Broken) != 0 {
			w.receive(c)
		}
	}
}

func newWorker(spec *Spec, layout *layout, epoch time.Time) (*worker, error) {
	target, err := kernel.ResolveTarget(spec.Network, spec.Address)
	if err != nil {
		return nil, err
	}
	poller, err := kernel.NewPoller()
	if err != nil {
		return nil, err
	}
	return &worker{
		spec:      spec,
		target:    target,
		layout:    layout,
		datagrams: spec.Network == "udp",
		epoch:     epoch,
		poller:    poller,
		events:    make([]unix.EpollEvent, eventsPerWait),
		rec:       newRecorder(),
		scratch:   make([]byte, bufferSize),
		buf:       make([]byte, bufferSize),
	}, nil
}

// addClients gives the worker its clients, before it runs.
func (w *worker) addClients(clients []int) {
	w.conns = make([]conn, len(clients))
	w.stamps = make([]stamp, len(clients)*w.spec.Pipeline)
	for i, client := range clients {
		w.conns[i] = conn{fd: -1, slot: i, client: client, since: -1}
	}
}

// close releases the sockets and the poller.
func (w *worker) close() {
	for i := range w.conns {
		if fd := w.conns[i].fd; fd >= 0 {
			unix.Close(fd)
		}
	}
	w.poller.Close()
}

// locked runs f on an OS thread of its own and sends what it returns to done.
func locked(f func() error, done chan<- error) {
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done <- f()
	}()
}
