package loadgen

import "time"

// A thread stops sleeping before a request is due and watches the clock, by as much
// as this CPU takes to wake up. That is learnt: it doubles after each sleep that ended
// too late, and shrinks by a part in spinMemory after the others, which comes to one
// request in about 1,500 that a sleep makes late.
const (
	minSpin    = 60 * time.Microsecond
	maxSpin    = time.Millisecond
	spinMemory = 1024
)

// learn adjusts the spin after a sleep that was to end at a time and did so now, if
// nothing ended it before.
func (w *worker) learn(planned, now time.Duration) {
	switch late := now - planned; {
	case late > w.spin:
		w.spin = min(2*w.spin, maxSpin)
	case late >= 0:
		w.spin = max(minSpin, w.spin-w.spin/spinMemory)
	}
}

// due is a request, or a client's next turn, that comes at a time fixed before.
type due struct {
	at   time.Duration
	slot int32 // of the client
	next int32 // in its queue, -1 for none
}

// fifo is a queue of dues in a worker's slab, by their indices.
type fifo struct{ head, tail int32 }

var empty = fifo{-1, -1}

// slab holds the dues of all queues of a worker. It grows to the most that were
// ever queued at once and allocates nothing after that.
type slab struct {
	dues []due
	free int32 // the first unused one, -1 for none
}

func (s *slab) push(q *fifo, at time.Duration, slot int) {
	i := s.free
	if i < 0 {
		s.dues = append(s.dues, due{})
		i = int32(len(s.dues) - 1)
	} else {
		s.free = s.dues[i].next
	}
	s.dues[i] = due{at, int32(slot), -1}
	if q.tail < 0 {
		q.head = i
	} else {
		s.dues[q.tail].next = i
	}
	q.tail = i
}

func (s *slab) pop(q *fifo) due {
	i := q.head
	d := s.dues[i]
	s.dues[i].next = s.free
	s.free = i
	if q.head = d.next; q.head < 0 {
		q.tail = -1
	}
	return d
}

// startGap is how far apart the first datagrams of a closed loop are, on average: 50,000 a
// second is what the slowest servers take. All at once, more than 193 of 64 bytes would
// not fit the receive buffer that a server has by default.
const startGap = 20 * time.Microsecond

// stagger lets the clients of a closed loop on datagrams begin one by one, in the order of
// their numbers and as the seed has it: over no more than half of the warm-up, and up to
// 5 ms in any case.
func (w *worker) stagger(start time.Duration) {
	s := w.spec
	spread := min(time.Duration(s.Clients*s.depth())*startGap, max(s.Warmup/2, 5*time.Millisecond))
	each := float64(spread) / float64(s.Clients)
	for i := range w.conns {
		if c := &w.conns[i]; c.role == active {
			at := each * (float64(c.client) + w.patient.random.Float64())
			w.dues.push(&w.starting, start+time.Duration(at), i)
		}
	}
}

// begin makes the requests come that are sent of themselves: all at once in a
// closed loop on a stream, by the schedule in an open one. Times count from start.
func (w *worker) begin(start time.Duration) {
	w.started = true
	if w.schedule != nil {
		w.origin = start
		w.draw()
	}
	staggered := w.datagrams && w.schedule == nil
	if staggered {
		w.stagger(start)
	}
	now := w.clock()
	for i := range w.conns {
		c := &w.conns[i]
		if !staggered {
			w.start(c, now)
		}
		if c.state >= up && c.role != slow && !w.byRing(c) {
			w.receive(c, true) // what came unasked was told of before
		}
	}
}

func (w *worker) draw() {
	at, i := w.schedule.Next()
	w.nextDue, w.nextSlot = never, w.senders[i]
	if at < w.end-w.origin { // the sum of which may be too much
		w.nextDue = w.origin + at
	}
}

// arrivalsPerTurn is for how many requests of a schedule a thread sees to before it
// looks at what has arrived, and at whether it is to stop: a schedule may be faster
// than the thread.
const arrivalsPerTurn = 256

// maxQueued is how many requests of one thread may be due and wait for their clients, 64
// MiB of them; the server is hopelessly behind then. Tests change it.
var maxQueued = 4 << 20

// arrive sends what is due at now: requests of the schedule, and of clients that
// have thought long enough. One whose client cannot send waits in its queue, if that
// has room, and the schedule goes on.
func (w *worker) arrive(now time.Duration) {
	if now >= w.nextEdge {
		w.mark()
	}
	for n := 0; w.nextDue <= now && n < arrivalsPerTurn; n++ {
		c, at := &w.conns[w.nextSlot], w.nextDue
		w.rec.noticed(at, now)
		c.asked = c.asked || w.rec.due(at)
		w.draw()
		w.want(c, at, now)
		now = w.clock()
	}
	for w.starting.head >= 0 && w.dues.dues[w.starting.head].at <= now {
		w.start(&w.conns[w.dues.pop(&w.starting).slot], now)
	}
	for w.thinking.head >= 0 && w.dues.dues[w.thinking.head].at <= now {
		d := w.dues.pop(&w.thinking)
		c := &w.conns[d.slot]
		c.thinking = false
		if w.sending(now) {
			w.decide(c, d.at, now)
		}
	}
}

func (w *worker) start(c *conn, now time.Duration) {
	if w.spec.Think > 0 && c.role == active && c.state >= up && w.sending(now) {
		w.decide(c, now, now)
	}
	w.refill(c, now)
}

// decide has c send what it has thought about: a request, or as many as it may have
// unanswered.
func (w *worker) decide(c *conn, at, now time.Duration) {
	for range w.depth {
		w.want(c, at, now)
	}
}

// want has c send a request that is due, at once or as soon as it can. Where the server
// has just refused a connection the request fails.
func (w *worker) want(c *conn, at, now time.Duration) {
	if c.state == down && c.barred && now < c.retry {
		w.rec.failed(c.why, at, now)
		return
	}
	if w.queued == maxQueued {
		w.rec.failed(unsent, at, now)
		return
	}
	w.dues.push(&c.queue, at, c.slot)
	w.queued++
	if c.state == down && c.since < 0 {
		w.connect(c, now)
	}
	w.refill(c, now)
}

// nap is how long the thread may sleep at now; not more than zero if not at all.
func (w *worker) nap(now time.Duration) time.Duration {
	next := w.nextDue
	for _, q := range []fifo{w.thinking, w.starting} {
		if q.head >= 0 {
			next = min(next, w.dues.dues[q.head].at)
		}
	}
	return min(w.nextScan, w.nextEdge, next-w.spin) - now
}

// refill sends c's next requests, as far as there are any and its pipeline and its
// connection have room for them.
func (w *worker) refill(c *conn, now time.Duration) {
	if c.role == idle || c.state < up {
		return
	}
	scheduled := w.timed(c)
	depth := uint64(w.depth)
	if c.role == slow {
		depth = 1 // each request is slow by itself
	}
	for c.sent-c.read < depth && (w.spec.RequestsPerConn == 0 || c.issued < w.spec.RequestsPerConn) {
		at := now
		switch {
		case scheduled && c.queue.head < 0, !scheduled && !w.sending(now):
			w.flush(c, now)
			return
		case scheduled:
			at = w.dues.pop(&c.queue).at
			w.queued--
		}
		w.issue(c, at, now)
	}
	w.flush(c, now)
}

func (w *worker) timed(c *conn) bool {
	return (w.schedule != nil || w.spec.Think > 0) && c.role == active
}

// issue makes a request that was due at a time an open one, sent now.
func (w *worker) issue(c *conn, at, now time.Duration) {
	s := w.stamp(c, c.sent)
	if *s = (stamp{seq: c.sent, due: at, sent: now, open: true}); w.datagrams {
		s.again = now + w.patient.again(0)
	}
	if c.placed {
		c.offset = 0 // of the one before, which is alone on its connection
	}
	c.sent++
	c.issued++
	c.open++
	w.open++
}

// follow is what a client does after an answer: the next request, now or after
// thinking.
func (w *worker) follow(c *conn, now time.Duration) {
	if !w.started {
		return
	}
	if w.spec.Think > 0 && c.role == active && !c.thinking && c.open == 0 && c.queue.head < 0 && w.sending(now) {
		c.thinking = true
		w.dues.push(&w.thinking, now+w.spec.Think, c.slot)
	}
	w.refill(c, now)
}
