package completion

import (
	"runtime"
	"time"

	"connbench/models/kernel"
	"connbench/models/serving"
)

// stopPause is after how long accepts that have not ended are told to again.
const stopPause = 10 * time.Millisecond

// uringLoop serves all connections from the thread that owns the ring. It goes round
// in three steps: take the completions that a call has brought; settle, now that the
// call's sends are known to have written all or not, what waited for that; serve what
// has arrived, which queues the operations of the next call.
type uringLoop struct {
	server  *uringServer
	ring    *uringRing
	buffers *kernel.Buffers
	shared  *serving.Scratch
	conns   []*uringConn // by descriptor
	live    int

	arrived  []kernel.Completion // taken, to be served
	loans    []loan              // to be settled
	spare    []loan              // the memory of the loans before
	used     []int               // buffers in which loans lie
	starving []*uringConn        // receive again once buffers are given back
	given    int                 // buffers that the kernel has been given
	hurry    bool                // settling has something to go on with

	accepting int  // accepts under way
	full      bool // there is no place for another connection
	draining  bool
	quiet     bool // accepts no more
	cutting   bool
	failed    error // that ends the loop

	deadAt   time.Time // when to look for dead connections again
	deadNext int       // behind which slot

	serving.Alarms
}

// loan is replies that are sent from where they lie, so that the kernel may still read
// them.
type loan struct {
	conn    *uringConn
	replies []byte
	kept    []byte // the part of the scratch in which they lie, to be given back
}

// What an operation is, in its tag beside the descriptor. A descriptor is closed when
// its last operation has completed, so that the two name one connection.
const (
	uringAccepted = iota
	uringWoken
	uringReceived
	uringUnsent
	uringSent
	uringUncancelled
	uringAccepting // still, though it was cancelled
	uringIgnored

	uringKindBits = 3
)

func uringTag(fd int, kind uint64) uint64 { return uint64(fd)<<uringKindBits | kind }

func newUringLoop(s *uringServer, r *uringRing) *uringLoop {
	return &uringLoop{server: s, ring: r, buffers: r.buffers, shared: serving.NewScratch(&s.cfg), Alarms: serving.NewAlarms(&s.cfg)}
}

func (l *uringLoop) run() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := l.ring.Enable(); err != nil {
		return err
	}
	l.giveBuffers(uringFirstBuffers)
	l.watch()
	l.accept()
	for !l.draining || l.live > 0 || l.accepting > 0 {
		err := l.await()
		l.take()
		l.settle()
		l.serve()
		l.periodic()
		l.lookForDead()
		if err == nil {
			err = l.failed
		}
		if err != nil {
			l.abandon()
			return err
		}
	}
	return nil
}

// giveBuffers gives the kernel more buffers, as far as there are more, and returns how
// many those were.
func (l *uringLoop) giveBuffers(more int) (given int) {
	given = min(more, uringBuffers(l.server.cfg.ReadBuffer)-l.given)
	for range given {
		l.buffers.Return(l.given)
		l.given++
	}
	return given
}

// await hands over what is queued and waits for completions, unless there is
// something to go on with.
func (l *uringLoop) await() error {
	if l.hurry || len(l.arrived) > 0 {
		return l.ring.Poll()
	}
	wait := l.untilDead(l.Timeout(l.live))
	if l.draining && l.accepting > 0 {
		wait = stopPause
	}
	return l.ring.Wait(wait)
}

// take takes all completions. Sends come first, to be settled.
func (l *uringLoop) take() {
	for done := l.ring.Next(); done != nil; done = l.ring.Next() {
		if done.Tag&(1<<uringKindBits-1) == uringUnsent {
			l.unsent(l.conns[done.Tag>>uringKindBits], done)
		} else {
			l.arrived = append(l.arrived, *done)
		}
	}
	l.Look()
}

// settle gives back what sends have read from, and goes on with their connections.
func (l *uringLoop) settle() {
	if !l.ring.Settled() {
		return
	}
	for _, i := range l.used {
		l.buffers.Return(i)
	}
	l.used, l.hurry = l.used[:0], false
	settled := l.loans
	l.loans = l.spare[:0]
	for i := range settled {
		p := &settled[i]
		l.shared.Frames.GiveBack(p.kept)
		p.conn.loan = -1
		l.proceed(p.conn)
	}
	l.spare = settled
	l.feed()
}

// feed has connections that found no buffer receive again, as many as there are buffers:
// more would find none again, each with two steps of the ring, and where thousands starve
// none would get on. Nor would any before buffers are given back: the ring would never be
// settled.
func (l *uringLoop) feed() {
	n := min(len(l.starving), l.given)
	for _, c := range l.starving[:n] {
		if l.conns[c.fd] == c && c.loan < 0 {
			l.proceed(c)
		}
	}
	l.starving = l.starving[n:]
	l.hurry = l.hurry || len(l.starving) > 0
}

// serve goes on with what has completed. What is about a connection whose replies
// are not settled is put off to the next round.
func (l *uringLoop) serve() {
	late := 0
	for i := range l.arrived {
		done := &l.arrived[i]
		fd := int(done.Tag >> uringKindBits)
		var c *uringConn
		if fd < len(l.conns) {
			c = l.conns[fd]
		}
		if c != nil && c.loan >= 0 {
			l.arrived[late] = *done
			late++
			continue
		}
		switch done.Tag & (1<<uringKindBits - 1) {
		case uringReceived:
			l.received(c, done)
		case uringSent:
			l.sent(c, done)
		case uringAccepted:
			l.accepted(done)
		case uringWoken:
			l.woken(done)
		case uringUncancelled:
			l.uncancelled(c)
		case uringAccepting:
			l.stopAccepting()
		}
	}
	l.arrived = l.arrived[:late]
}
