package loadgen

import (
	"fmt"
	"slices"
	"time"

	"connbench/loadgen/pace"
)

// connect connects every client or finds out why it cannot; connecting, unless nil,
// is told each second how many are.
func (r *run) connect(connecting func(connected int)) error {
	if connecting != nil {
		defer every(time.Second, time.Second, func() {
			connected := 0
			for _, w := range r.workers {
				connected += int(w.connecting.Load())
			}
			connecting(connected)
		})()
	}
	begin := time.Now()
	defer func() { r.connecting = time.Since(begin) }()
	return r.each(func(w *worker) error { return w.connectAll(r.stop) })
}

// anybody returns an error if no client is connected: why, as most of them found.
func (r *run) anybody() error {
	var failures [counted]int64
	for _, w := range r.workers {
		for i := range w.conns {
			if w.conns[i].state >= up {
				return nil
			}
		}
		for c, n := range w.failures {
			failures[c] += n
		}
	}
	worst := class(0)
	for c, n := range failures {
		if n > failures[worst] {
			worst = class(c)
		}
	}
	advice := worst.advice()
	if r.spec.TLS && (worst == closed || worst == reset) {
		advice += "; does it speak TLS?"
	}
	return fmt.Errorf("%s %s: %w: %s: %s", r.spec.Network, r.asked, errNobody, worst, advice)
}

// connectAll connects every client or finds out why it cannot. Those that have no
// connection when the time for it is over have run into the timeout, and so have all
// that are left when of the last ones, as many as are tried at once, nobody got one.
func (w *worker) connectAll(stop <-chan struct{}) error {
	if err := w.openRing(); err != nil {
		return err
	}
	begin, next := w.clock(), 0
	end := begin + w.spec.connecting()
	joined, vain := 0, int64(0) // clients, and timeouts before the last of them
	for (next < len(w.conns) || w.pending > 0 || w.waiting()) && !stopped(stop) {
		now := w.clock()
		if w.joined > joined {
			joined, vain = w.joined, w.failures[connectTimeout]
		}
		if now >= end || w.failures[connectTimeout]-vain >= connectsAtOnce {
			w.giveUp(next, now)
			return nil
		}
		for ; next < len(w.conns) && w.pending < connectsAtOnce && now >= begin+w.ramp(next) && now < end && !stopped(stop); next++ {
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

// ramp is when client number i of this worker connects, counted from the first.
func (w *worker) ramp(i int) time.Duration {
	if w.spec.ConnectRate == 0 {
		return 0
	}
	return pace.Seconds(float64(w.conns[i].client) / w.spec.ConnectRate)
}

func (w *worker) waiting() bool {
	for i := range w.conns {
		if c := &w.conns[i]; c.state == down && c.since >= 0 {
			return true
		}
	}
	return false
}

const callsAtOnce = 4096

// callIdle has each idle client on a stream ask once, when the load is over: it counts
// those that nobody answers, up to the time that any request has, or that have no
// connection any more. A connection in a server's backlog stands and is not served. None of
// this is in any other figure.
func (w *worker) callIdle(stop <-chan struct{}) error {
	if w.datagrams || w.spec.active() == w.spec.Clients {
		return nil
	}
	kept := w.rec
	w.nextDue = never
	var err error
	var calling []*conn
	end := w.clock() + w.spec.calling()
	for next := 0; err == nil && (next < len(w.conns) || len(calling) > 0) && w.now < end && !stopped(stop); {
		for ; next < len(w.conns) && len(calling) < callsAtOnce; next++ {
			if c := &w.conns[next]; c.role == idle && c.state >= up {
				w.issue(c, w.now, w.now)
				w.flush(c, w.now)
				calling = append(calling, c)
			}
		}
		err = w.turn(min(end-w.now, maxScanPause))
		calling = slices.DeleteFunc(calling, func(c *conn) bool { return c.open == 0 })
	}
	w.rec = kept
	for i := range w.conns {
		if c := &w.conns[i]; c.role == idle && (c.state < up || c.open > 0 || !c.served) {
			w.rec.errors[idleUnserved]++
		}
	}
	return err
}

func stopped(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}
