package loadgen

import (
	"crypto/tls"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"connbench/loadgen/message"
	"connbench/loadgen/pace"
	"connbench/models/kernel"
	"connbench/results"

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
	layouts   *message.Layouts
	datagrams bool
	epoch     time.Time
	now       time.Duration // when the clock was last looked at
	poller    *kernel.Poller
	events    []unix.EpollEvent
	tasks     chan func()  // of its thread, one after the other
	tid       atomic.Int32 // of its thread, once it drives

	rings        []*ring // one, or as many as there are tables; none where the poller does everything
	places       int     // of each ring's table, 0 where there are none
	due, visited []*ring // rings to be visited; the memory of those before

	connecting atomic.Int32 // joined, while it connects

	conns   []conn
	byFD    []*conn
	stamps  []stamp // the pipelines of all conns
	scratch []byte
	buf     []byte
	pieced  []byte // of an answer's part that came in two reads, and what follows it

	secure   *tls.Config
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
	scanNext int // its first client

	schedule *pace.Schedule //  of an open loop, nil in a closed one
	senders  []int          // its clients, by slot
	origin   time.Duration  // when it begins
	nextDue  time.Duration  // its next request, never if there is none
	nextSlot int            // of its client
	spin     time.Duration  // before it; see learn

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

func newWorker(spec *Spec, layouts *message.Layouts, epoch time.Time, clients []int, ranks []int32) (*worker, error) {
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
		layouts:   layouts,
		datagrams: spec.Network == "udp",
		epoch:     epoch,
		poller:    poller,
		events:    make([]unix.EpollEvent, eventsPerWait),
		tasks:     make(chan func()),
		conns:     make([]conn, len(clients)),
		stamps:    make([]stamp, len(clients)*spec.depth()),
		secure:    spec.tlsConfig(),
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
	if spec.shortest() >= resendPayload {
		w.patient.first = spec.Resend
	}
	w.cast(clients, ranks)
	w.sampler.choose(w)
	go w.work()
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
	scheduled := results.Map(w.senders, rank)
	if w.spec.Open() && len(scheduled) > 0 {
		w.schedule = w.spec.Schedule(quick, scheduled)
	}
}

func (w *worker) clock() time.Duration {
	w.now = time.Since(w.epoch)
	return w.now
}

func (w *worker) sending(now time.Duration) bool { return now < w.end }

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
	if w.places > 0 {
		if err := w.visit(); err != nil {
			return err
		}
		if len(w.due) > 0 {
			timeout = 0
		}
	} else if len(w.rings) > 0 {
		if err := w.rings[0].await(timeout); err != nil {
			return err
		}
		if timeout > 0 {
			w.learn(planned, w.clock())
		}
		_, err := w.complete(w.rings[0])
		return err
	}
	if c := w.alone(); c != nil && timeout > 0 {
		w.linger(c)
		return nil
	}
	n, err := w.poller.Poll(w.events)
	if n == 0 && err == nil && timeout > 0 {
		n, err = w.poller.Block(w.events, timeout)
		w.learn(planned, w.clock())
	}
	w.handleAll(n)
	if w.places > 0 && err == nil {
		err = w.visit()
	}
	return err
}

func (w *worker) handleAll(n int) {
	for i := range w.events[:n] {
		w.handle(&w.events[i])
		w.arrive(w.now)
	}
}

// scanned is how many clients are looked at in a scan, of which the next has the others: a
// look at a million would be a pause that the requests see.
const scanned = 32 << 10

func (w *worker) scan(now time.Duration) {
	pause := min(maxScanPause, w.spec.Timeout/scansPerTimeout)
	if w.spec.Slow > 0 {
		pause = min(pause, slowStep)
	}
	if w.datagrams && w.patient.first > 0 {
		pause = min(pause, max(w.patient.timeout()/4, time.Duration(len(w.conns))*time.Microsecond)) // so that it takes next to nothing
	}
	w.nextScan = now + pause
	for range min(scanned, len(w.conns)) {
		w.check(&w.conns[w.scanNext], now)
		w.scanNext = (w.scanNext + 1) % len(w.conns)
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
	case c == nil: // dropped earlier in this batch, a ring, or a wake-up
		if g := w.ringAt(e.Fd); g != nil {
			w.visitSoon(g)
		} else if w.poller.IsWake(e) {
			w.takeShaken()
		}
	case c.state == connecting:
		w.connected(c, w.clock())
	case !w.started: // begin looks
	default:
		if c.state == blocked && e.Events&(kernel.Writable|kernel.Broken) != 0 {
			w.flush(c, w.clock())
		}
		if c.state >= up && !w.byRing(c) {
			w.receive(c, e.Events&kernel.Ended != 0)
		}
	}
}

func (w *worker) close() {
	for i := range w.conns {
		if c := &w.conns[i]; c.fd >= 0 && !c.placed { // those end with their table
			w.hangUp(c)
		}
	}
	close(w.tasks)
	w.shakes.running.Wait()
	for _, g := range w.rings {
		g.close()
	}
	w.poller.Close()
}

// work is the life of a worker's thread, whose own its rings are.
func (w *worker) work() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for task := range w.tasks {
		task()
	}
}
