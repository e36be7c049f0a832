package loadgen

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

const (
	eventsPerWait = 256
	bufferSize    = 256 << 10 // for one read or write; the longest datagram fits
	// scansPerTimeout is how finely a timeout is noticed.
	scansPerTimeout = 8
	maxScanPause    = 50 * time.Millisecond
	// lastWords is how long answers are waited for after an interrupted window.
	lastWords = time.Second
)

// worker drives its share of the clients on one locked thread. Nothing in it is
// shared while it runs.
type worker struct {
	spec      *Spec
	depth     int // of each client's pipeline
	target    *kernel.Target
	layout    *layout
	datagrams bool
	epoch     time.Time
	now       time.Duration // when the clock was last looked at
	poller    *kernel.Poller
	events    []unix.EpollEvent
	ring      *ring        // nil where the poller does everything
	tid       atomic.Int32 // of its thread, once it drives

	connecting atomic.Int32 // joined, while it connects

	conns   []conn
	byFD    []*conn
	stamps  []stamp // the pipelines of all conns
	scratch []byte
	buf     []byte

	shakes   shakes
	rec      recorder
	sampler  sampler
	failures [counted]int64 // of connecting
	pending  int            // handshakes in flight
	joined   int            // connections that stood
	open     int            // requests without an answer
	started  bool           // requests may be sent
	turns    int            // that are left, this one with them
	end      time.Duration  // of it, when no further request is sent
	patience time.Duration  // after that, for answers
	nextScan time.Duration

	schedule *Schedule     // of an open loop, nil in a closed one
	senders  []int         // its clients, by slot
	origin   time.Duration // when it begins
	nextDue  time.Duration // its next request, never if there is none
	nextSlot int           // of its client
	spin     time.Duration // before it; see learn

	nextEdge time.Duration // of the window, never where another thread sees to it
	edges    []edge
	servers  []int // processes of the server, whose clocks are read there
	rested   atRest

	dues     slab
	queued   int  // requests that are due and not sent
	thinking fifo // clients, by the time of their next request
	starting fifo // clients, by the time of their first

	patient    patient       // on datagrams
	straggling time.Duration // until when further answers may come to what was sent again
}

func newWorker(spec *Spec, layout *layout, epoch time.Time, clients []int, ranks []int32) (*worker, error) {
	target, err := kernel.ResolveTarget(spec.Network, spec.Address)
	if err != nil {
		return nil, err
	}
	poller, err := kernel.NewPoller()
	if err != nil {
		return nil, err
	}
	w := &worker{
		spec:      spec,
		depth:     spec.depth(),
		target:    target,
		layout:    layout,
		datagrams: spec.Network == "udp",
		epoch:     epoch,
		poller:    poller,
		events:    make([]unix.EpollEvent, eventsPerWait),
		conns:     make([]conn, len(clients)),
		stamps:    make([]stamp, len(clients)*spec.depth()),
		scratch:   make([]byte, bufferSize),
		buf:       make([]byte, bufferSize),
		rec:       newRecorder(spec),
		nextDue:   never,
		nextEdge:  never,
		spin:      minSpin,
		dues:      slab{free: -1},
		thinking:  empty,
		starting:  empty,
		patient:   patient{random: rand.New(rand.NewPCG(spec.Seed, ^uint64(clients[0])))},
	}
	if spec.PayloadBytes >= resendPayload {
		w.patient.first = spec.Resend
	}
	w.cast(clients, ranks)
	w.sampler.choose(w)
	return w, nil
}

// cast gives each client its role, and those that follow a schedule theirs.
func (w *worker) cast(clients []int, ranks []int32) {
	rank := func(slot int) int {
		if ranks == nil {
			return clients[slot]
		}
		return int(ranks[clients[slot]])
	}
	quick := w.spec.active() - w.spec.slow()
	for i, client := range clients {
		c := &w.conns[i]
		*c = conn{fd: -1, slot: i, client: client, since: -1, retry: never, queue: empty} // connectAll is first to try
		switch place := rank(i); {
		case place >= w.spec.active():
			c.role = idle
		case place >= quick:
			c.role = slow
		default:
			w.senders = append(w.senders, i)
		}
	}
	slices.SortFunc(w.senders, func(a, b int) int { return rank(a) - rank(b) })
	var scheduled []int
	for _, slot := range w.senders {
		scheduled = append(scheduled, rank(slot))
	}
	if w.spec.Open() && len(scheduled) > 0 {
		w.schedule = NewSchedule(w.spec.Arrivals, w.spec.Rate, quick, scheduled, w.spec.Seed)
	}
}

func (w *worker) clock() time.Duration {
	w.now = time.Since(w.epoch)
	return w.now
}

func (w *worker) sending(now time.Duration) bool { return now < w.end }

// connectAll connects every client or finds out why it cannot. Those that have no
// connection when the time for it is over have run into the timeout, and so have all
// that are left when of the last ones, as many as are tried at once, nobody got one.
func (w *worker) connectAll(stop <-chan struct{}) error {
	begin, next := w.clock(), 0
	end := begin + w.spec.connecting()
	joined, vain := 0, int64(0) // clients, and timeouts before the last of them
	for (next < len(w.conns) || w.pending > 0 || w.waiting()) && !stopped(stop) {
		now := w.clock()
		if w.joined > joined {
			joined, vain = w.joined, w.failures[connectTimeout]
			w.connecting.Store(int32(joined))
		}
		if now >= end || w.failures[connectTimeout]-vain >= connectsAtOnce {
			w.giveUp(next, now)
			return nil
		}
		for ; next < len(w.conns) && w.pending < connectsAtOnce && now >= begin+w.ramp(next) && !stopped(stop); next++ {
			w.connect(&w.conns[next], now)
			// At once, so that a handshake's end is seen when it comes.
			if err := w.turn(0); err != nil {
				return err
			}
			now = w.now
		}
		if err := w.turn(time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// giveUp gives up the clients that wait for a connection, and those from next on.
func (w *worker) giveUp(next int, now time.Duration) {
	for i := range w.conns {
		if c := &w.conns[i]; c.state == connecting || c.state == down && (c.since >= 0 || i >= next) {
			w.unconnected(c, connectTimeout, now)
		}
	}
}

func stopped(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

// ramp is when client number i of this worker connects, counted from the first.
func (w *worker) ramp(i int) time.Duration {
	if w.spec.ConnectRate == 0 {
		return 0
	}
	return seconds(float64(w.conns[i].client) / w.spec.ConnectRate)
}

func (w *worker) waiting() bool {
	for i := range w.conns {
		if c := &w.conns[i]; c.state == down && c.since >= 0 {
			return true
		}
	}
	return false
}

// callIdle has each idle client on a stream ask once, when the load is over: it counts
// those that nobody answers, up to the time that any request has, or that have no
// connection any more. A connection in a server's backlog stands and is not served. None of
// this is in any other figure.
func (w *worker) callIdle(stop <-chan struct{}) error {
	if w.datagrams || w.spec.active() == w.spec.Clients {
		return nil
	}
	kept, now := w.rec, w.clock()
	w.nextDue = never
	for i := range w.conns {
		if c := &w.conns[i]; c.role == idle && c.state >= up {
			w.issue(c, now, now)
			w.flush(c, now)
		}
	}
	var err error
	for end := now + w.patience; err == nil && w.unserved(true) > 0 && w.clock() < end && !stopped(stop); {
		err = w.turn(min(end-w.now, maxScanPause))
	}
	w.rec = kept
	w.rec.errors[idleUnserved] += w.unserved(false)
	return err
}

// unserved counts the idle clients that wait for an answer, and unless only those are
// meant, those too that have lost their connection.
func (w *worker) unserved(waiting bool) int64 {
	n := int64(0)
	for i := range w.conns {
		if c := &w.conns[i]; c.role == idle && (c.open > 0 || !waiting && c.state < up) {
			n++
		}
	}
	return n
}

// turn serves one batch of events, sleeping for at most timeout if there are
// none, and does what is due.
func (w *worker) turn(timeout time.Duration) error {
	if err := w.await(timeout); err != nil {
		return err
	}
	now := w.clock()
	w.arrive(now)
	if now >= w.nextScan {
		w.scan(now)
	}
	return nil
}

// await handles one batch of events, sleeping for at most timeout if there are none.
func (w *worker) await(timeout time.Duration) error {
	planned := w.now + timeout
	if w.ring != nil {
		if err := w.ring.await(timeout); err != nil {
			return err
		}
		if timeout > 0 {
			w.learn(planned, w.clock())
		}
		return w.complete()
	}
	n, err := w.poller.Poll(w.events)
	if n == 0 && err == nil && timeout > 0 {
		n, err = w.poller.Block(w.events, timeout)
		w.learn(planned, w.clock())
	}
	w.handleAll(n)
	return err
}

func (w *worker) handleAll(n int) {
	for i := range w.events[:n] {
		w.handle(&w.events[i])
		w.arrive(w.now)
	}
}

// scan looks at every client for what no event tells of.
func (w *worker) scan(now time.Duration) {
	pause := min(maxScanPause, w.spec.Timeout/scansPerTimeout)
	if w.spec.Slow > 0 {
		pause = min(pause, slowStep)
	}
	if w.datagrams && w.patient.first > 0 {
		pause = min(pause, max(w.patient.timeout()/4, time.Duration(len(w.conns))*time.Microsecond)) // so that it takes next to nothing
	}
	w.nextScan = now + pause
	for i := range w.conns {
		w.check(&w.conns[i], now)
	}
	if w.rec.live != nil {
		w.rec.live.turn(now)
	}
}

func (w *worker) handle(e *unix.EpollEvent) {
	var c *conn
	if int(e.Fd) < len(w.byFD) { // the wake-up's may be higher
		c = w.byFD[e.Fd]
	}
	switch {
	case c == nil: // dropped earlier in this batch, or a wake-up
		if w.poller.IsWake(e) {
			w.takeShaken()
		}
	case c.state == connecting:
		w.connected(c, w.clock())
	case !w.started: // begin looks
	default:
		if c.state == blocked && e.Events&(kernel.Writable|kernel.Broken) != 0 {
			w.flush(c, w.clock())
		}
		if c.state >= up && !w.rings(c) {
			w.receive(c, e.Events&kernel.Ended != 0)
		}
	}
}

func (w *worker) close() {
	for i := range w.conns {
		if c := &w.conns[i]; c.fd >= 0 {
			w.hangUp(c)
		}
	}
	w.shakes.running.Wait()
	if w.ring != nil {
		w.ring.Close()
	}
	w.poller.Close()
}

func locked(f func() error, done chan<- error) {
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done <- f()
	}()
}
