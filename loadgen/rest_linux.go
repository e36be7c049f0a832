package loadgen

import (
	"cmp"
	"errors"
	"sync"
	"time"
)

// restPatience is how long a turn waits for answers before a rest.
const restPatience = 100 * time.Millisecond

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

func newRests(threads int) *rests {
	r := &rests{threads: threads}
	r.met = sync.NewCond(&r.mu)
	return r
}

// end lets all go that wait, and nobody wait any more.
func (r *rests) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err, r.threads = errRested, 0
	r.over++
	r.met.Broadcast()
}

// errRested is of a load that ended in a rest.
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
	start, since, err := rests.meet(w.clock())
	if err != nil {
		return start, err
	}
	w.epoch = since.Add(-start)
	w.rec.before += w.rec.to - w.rec.from
	w.rec.from = start + w.spec.lead()
	w.end = w.rec.from + w.spec.turn()
	w.rec.to = w.end
	if len(w.edges) > 0 { // it sees to them
		w.nextEdge = w.rec.from
	}
	return start, nil
}
