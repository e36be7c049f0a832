package readiness

import (
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

const (
	eventsPerWait   = 256
	acceptsPerEvent = 128 // then the connections have their turn
	readsPerEvent   = 16  // likewise; then the others have theirs
)

// loop serves its connections in one goroutine. All fields but the inbox are of
// that alone. It is not locked to a thread: the runtime's monitor interrupts what
// runs for more than 10 ms, and a locked thread comes back from that only after two
// others have had a turn.
type loop struct {
	server *reactorServer
	poller notifier
	edge   uint32 // [kernel.Edge], or 0 for level-triggered
	pool   *reactorPool
	conns  []*reactorConn // by descriptor
	live   int
	again  []int // descriptors to read on from, though nothing reports them
	listed []int // the memory of those before
	buf    []byte
	shared *serving.Scratch
	serving.Alarms

	listener int     // -1 where another loop accepts, and when closed
	peers    []*loop // that get what this one accepts, in turn
	next     int
	atOnce   int  // connections; 0 for all
	full     bool // accepting waits for the end of a connection
	draining bool

	accepted atomic.Int64 // connections given to this loop

	inboxMu sync.Mutex
	inbox   []int // descriptors that another loop has given to this one
}

func newLoop(s *reactorServer, kind reactorKind) (*loop, error) {
	p, err := kind.notifier()
	if err != nil {
		return nil, err
	}
	l := &loop{
		server:   s,
		poller:   p,
		atOnce:   kind.atOnce,
		listener: -1,
		buf:      make([]byte, s.cfg.ReadBuffer),
		shared:   serving.NewScratch(&s.cfg),
		Alarms:   serving.NewAlarms(&s.cfg),
	}
	if kind.edge {
		l.edge = kernel.Edge
	}
	if kind.workers > 0 {
		l.pool = newReactorPool(l, kind.workers)
	}
	return l, nil
}

// run serves until Shutdown has been told and the last connection is gone.
func (l *loop) run() error {
	defer l.closeAll()
	if l.pool != nil {
		for range l.pool.count {
			l.pool.workers.Go(l.pool.work)
		}
		defer l.pool.stop()
	}
	events := make([]unix.EpollEvent, eventsPerWait)
	for !l.draining || l.live > 0 {
		n, err := l.await(events)
		if err != nil {
			return err
		}
		l.Look()
		if len(l.again) > 0 {
			l.again, l.listed = l.listed[:0], l.again
			l.readListed(l.listed)
		}
		for i := range events[:n] {
			l.handle(&events[i])
		}
		if l.pool != nil {
			l.pool.readOn()
		}
		l.periodic()
	}
	return nil
}

// await takes events. After work there is often more work: it looks before sleeping,
// which costs a turn of the Go scheduler.
func (l *loop) await(events []unix.EpollEvent) (int, error) {
	n, err := l.poller.Poll(events)
	if n > 0 || err != nil || len(l.again) > 0 {
		return n, err
	}
	if l.pool != nil && l.pool.handed {
		// Sleeping keeps the thread's processor for a while. Where there is no
		// other, the workers would wait that long.
		l.pool.handed = false
		runtime.Gosched()
	}
	return l.poller.Wait(events, l.Timeout(l.live))
}

func (l *loop) handle(e *unix.EpollEvent) {
	fd := int(e.Fd)
	switch {
	case fd < len(l.conns) && l.conns[fd] != nil:
		l.ready(fd, l.conns[fd], e.Events&kernel.Ended != 0)
	case fd == l.listener:
		l.accept()
	case l.poller.IsWake(e):
		l.woken()
	}
}

// woken looks at everything that another thread may have wanted.
func (l *loop) woken() {
	l.inboxMu.Lock()
	given := l.inbox
	l.inbox = nil
	l.inboxMu.Unlock()
	for _, fd := range given {
		l.adopt(fd)
	}
	if l.pool != nil {
		l.pool.takeBack()
	}
	if l.server.cutting.Load() {
		l.draining = true
		l.closeAll()
	}
	if l.server.Stopping() && !l.draining {
		l.draining = true
		for fd, c := range l.conns {
			if c != nil {
				l.drain(fd, c)
			}
		}
	}
	if l.draining {
		l.closeListener()
	}
}

// end closes a connection for the reason given; see [serving.Tally.Ended].
func (l *loop) end(fd int, c *reactorConn, why error) {
	l.server.Ended(why, c.session.Partial())
	l.conns[fd] = nil
	l.live--
	l.poller.Remove(fd)
	unix.Close(fd)
	if l.full {
		l.resume()
	}
}

// closeAll closes all connections, those that a worker has as soon as it gives them back.
func (l *loop) closeAll() {
	for fd, c := range l.conns {
		switch {
		case c == nil:
		case l.pool != nil && !l.pool.claim(c):
			unix.Shutdown(fd, unix.SHUT_RDWR)
		default:
			l.end(fd, c, net.ErrClosed)
		}
	}
}

func (l *loop) periodic() {
	if l.Resumes() {
		l.resume()
	}
	if !l.Expires() {
		return
	}
	for fd, c := range l.conns {
		if c != nil && c.state.Load() == connIdle && !c.again && l.Idle(c.active) {
			l.end(fd, c, os.ErrDeadlineExceeded)
		}
	}
}
