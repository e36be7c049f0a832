package engines

import (
	"sync"
	"sync/atomic"
	"time"

	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

const (
	// lookEvery is how often Shutdown looks at the connections that are left. One
	// with nothing to do at quietLooks in a row is ended: an engine may be on the way
	// from reading to calling back.
	lookEvery  = 5 * time.Millisecond
	quietLooks = 5
	// lateLooks is how many looks count for nothing because they come late: who was kept
	// from a CPU then may have been the engine too.
	lateLooks = 100
	// lastTurns is how often a connection that always has more is answered once
	// Shutdown has begun.
	lastTurns = 16
	// acceptAgain is how long an engine pauses for want of descriptors.
	acceptAgain = 50 * time.Millisecond
)

type group[C comparable] struct {
	mu   sync.Mutex
	open map[C]struct{}
}

func newGroup[C comparable]() group[C] { return group[C]{open: map[C]struct{}{}} }

func (g *group[C]) add(c C) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open[c] = struct{}{}
}

func (g *group[C]) remove(c C) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, there := g.open[c]
	delete(g.open, c)
	return there
}

func (g *group[C]) all() []C {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]C, 0, len(g.open))
	for c := range g.open {
		all = append(all, c)
	}
	return all
}

// drain calls look with each connection, again and again, until none is left or
// Shutdown's time is up; then it ends the rest.
func (g *group[C]) drain(e *base, look, cut func(C)) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	last, late := time.Now(), 0
	for {
		left := g.all()
		if len(left) == 0 {
			return
		}
		now := time.Now()
		if now.Sub(last) > 2*lookEvery && late < lateLooks {
			late++
		} else {
			for _, c := range left {
				look(c)
			}
		}
		last = now
		select {
		case <-tick.C:
		case <-e.cutting.C:
			g.end(cut)
			return
		}
	}
}

// end calls cut with each connection and waits until none is left.
func (g *group[C]) end(cut func(C)) {
	for {
		left := g.all()
		if len(left) == 0 {
			return
		}
		for _, c := range left {
			cut(c)
		}
		time.Sleep(lookEvery)
	}
}

// conn is what the adapters keep of a connection. It is served in turns, one at a
// time: what it has to do between begin and end.
type conn struct {
	session serving.Session
	last    error // why to end once all replies are out; nil to go on. Of the turn

	turns uint64        // so far
	state atomic.Uint64 // turns<<2, and which of these hold
	final int           // turns since Shutdown began

	seen  uint64 // state at the last look
	quiet int    // looks in a row at which nothing had happened
}

const (
	inTurn  = 1 << iota
	holding // inside a request, or with replies that wait for room
)

func (c *conn) begin() { c.state.Store(c.turns<<2 | inTurn) }

// end ends a turn; pending says whether replies wait for room.
func (c *conn) end(pending bool) {
	c.turns++
	state := c.turns << 2
	if pending || c.session.Partial() {
		state |= holding
	}
	c.state.Store(state)
}

// idle is for Shutdown's looks: it reports whether c had nothing to do at enough of
// them. waiting says that there is something for it that the engine has not seen.
func (c *conn) idle(waiting bool) bool {
	state := c.state.Load()
	if waiting || state&(inTurn|holding) != 0 || state != c.seen {
		c.quiet = 0
	}
	c.seen = state
	c.quiet++
	return c.quiet > quietLooks
}

// serving reports, in the goroutine of the turns, whether one is going on.
func (c *conn) serving() bool { return c.state.Load()&inTurn != 0 }

// enough reports, in a turn, whether c was answered often enough since Shutdown began.
func (c *conn) enough(e *base) bool {
	if !e.Stopping() {
		return false
	}
	c.final++
	return c.final > lastTurns
}

// arrived reports whether the socket has bytes that nobody has read.
func arrived(fd int) bool {
	n, err := unix.IoctlGetInt(fd, unix.SIOCINQ)
	return err == nil && n > 0
}
