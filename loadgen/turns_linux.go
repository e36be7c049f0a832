package loadgen

import (
	"cmp"
	"errors"
	"sync"
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// restPatience is how long a turn waits before a rest for answers to clients that have had none.
const restPatience = 100 * time.Millisecond

// drive sends and receives until the last request is answered or given up, turn after turn.
// When early is closed the window ends at cut.
func (w *worker) drive(start time.Duration, early, stop <-chan struct{}, cut *time.Duration, rests *rests) error {
	w.tid.Store(int32(unix.Gettid()))
	kernel.PreciseSleep()
	if w.rec.live != nil {
		w.rec.live.begin(start)
	}
	for {
		w.begin(start)
		if err := w.takeTurn(early, stop, cut); err != nil || stopped(stop) {
			return err
		}
		for w.nextEdge < never { // and nothing has happened since
			w.mark()
		}
		if w.turns--; w.turns <= 0 {
			break
		}
		var err error
		switch start, err = w.rest(rests); {
		case stopped(stop):
			return nil
		case err != nil:
			return err
		}
		w.rec.again = true
	}
	w.abandon()
	return nil
}

// takeTurn is a turn: what is unanswered in its end is waited for, for as long as any request is
// or, before a rest, for a moment where nobody waits who has been answered before: the longest
// latencies of all would else be in no slice.
func (w *worker) takeTurn(early, stop <-chan struct{}, cut *time.Duration) error {
	patience := w.patience
	if w.turns > 1 {
		patience = min(patience, restPatience)
	}
	for now := w.clock(); w.sending(now) || (w.owes() || now < w.straggling) && (now < w.end+patience || now < w.end+w.patience && w.stalled()); now = w.clock() {
		if stopped(early) {
			if stopped(stop) {
				return nil
			}
			early = stop
			w.shorten(*cut)
			patience = w.patience
		}
		if err := w.turn(w.nap(now)); err != nil {
			return err
		}
	}
	return nil
}

// owes reports whether a request is open, or due and not sent.
func (w *worker) owes() bool { return w.open+w.queued > 0 || w.nextDue < never }

// stalled reports whether a client waits on a connection on which it was answered before.
func (w *worker) stalled() bool {
	for i := range w.conns {
		if c := &w.conns[i]; c.served && c.open > 0 {
			return true
		}
	}
	return false
}

func (w *worker) shorten(end time.Duration) {
	w.end, w.rec.to, w.patience = end, end, min(w.patience, lastWords)
	if w.nextDue >= end {
		w.nextDue = never
	}
	if len(w.edges) == 1 {
		w.nextEdge = min(w.nextEdge, end)
	}
}

func (w *worker) abandon() {
	why := readTimeout
	if w.datagrams {
		why = lost
	}
	now := w.clock()
	for i := range w.conns {
		c := &w.conns[i]
		w.failOpen(c, why, now)
		w.discard(c, why, now)
	}
	if w.nextDue < never { // the schedule was ahead of this thread up to the end
		w.rec.neverSent(w.nextDue, func(from, until time.Duration) int64 { return w.schedule.Left(from-w.origin, until-w.origin) })
	}
}

// rests are where the threads of a load meet between its turns. Their clocks stand still
// meanwhile, so that no request of theirs waits.
type rests struct {
	rest func() error

	mu      sync.Mutex
	met     *sync.Cond
	threads int
	waiting int
	latest  time.Duration // clock of those that wait
	over    int           // rests
	at      time.Duration // the clocks' in the end of the last rest, which was at resumed
	resumed time.Time
	err     error
}

// end lets all go that wait, and nobody wait any more.
func (r *rests) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err, r.threads = errRested, 0
	r.over++
	r.met.Broadcast()
}

var errRested = errors.New("the load was ended")

// meet waits until all threads are here and the rest is over. It returns what all their clocks
// then stand at, and since when.
func (r *rests) meet(at time.Duration) (clock time.Duration, since time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.latest = max(r.latest, at)
	if r.waiting++; r.waiting < r.threads {
		for this := r.over; this == r.over; {
			r.met.Wait()
		}
		return r.at, r.resumed, r.err
	}
	if r.rest != nil && r.err == nil {
		r.mu.Unlock() // end may come
		err := r.rest()
		r.mu.Lock()
		r.err = cmp.Or(r.err, err)
	}
	r.at, r.resumed = r.latest, time.Now()
	r.waiting, r.latest = 0, 0
	r.over++
	r.met.Broadcast()
	return r.at, r.resumed, r.err
}

// rest is between two turns. It returns when the next begins.
func (w *worker) rest(rests *rests) (start time.Duration, err error) {
	before, began := w.serverCPU(), time.Now()
	start, since, err := rests.meet(w.clock())
	if err != nil {
		return start, err
	}
	w.rested.add(before, w.serverCPU(), time.Since(began))
	w.epoch = since.Add(-start)
	w.rec.before += w.rec.to - w.rec.from
	w.rec.from = start + w.spec.lead()
	w.end = w.rec.from + w.spec.turn()
	w.rec.to = w.end
	if len(w.edges) > 0 { // it sees to them
		w.nextEdge = w.rec.from
	}
	return start, w.lookBack()
}

// lookBack takes what has happened to connections in a rest, before a request is on them again
// whose failure would be one of the moment that is discarded; on a busy machine that may be over.
func (w *worker) lookBack() error {
	w.rec.rested = true
	defer func() { w.rec.rested = false }()
	const eachTime = 16 // at the least: io_uring's kernel hands over up to 20 to who does not wait
	const events = 3    // of a connection: bytes, its end, and that of the receive
	for range events*len(w.conns)/eachTime + 1 {
		if err := w.turn(0); err != nil {
			return err
		}
	}
	return nil
}
