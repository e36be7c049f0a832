package models

import (
	"net"
	"sync"
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

const (
	eventsPerWait   = 256
	acceptsPerEvent = 128 // then the connections have their turn
	readsPerEvent   = 16  // likewise; the rest is reported again
)

// loop serves its connections in one goroutine. All fields but the inbox are of
// that alone. It is not locked to a thread: the runtime's monitor interrupts what
// runs for more than 10 ms, and a locked thread comes back from that only after two
// others have had a turn.
type loop struct {
	server *reactorServer
	poller *kernel.Poller
	conns  []*reactorConn // by descriptor
	live   int
	buf    []byte
	start  time.Time
	now    time.Duration // since start, taken once a wait; only with an idle timeout

	next     int // the loop that gets the next connection; the acceptor's
	pause    backoff
	resumeAt time.Time // when accepting goes on; zero while it does
	expireAt time.Duration
	draining bool

	inboxMu sync.Mutex
	inbox   []int // descriptors that the acceptor has given to this loop
}

func newLoop(s *reactorServer) (*loop, error) {
	p, err := kernel.NewPoller()
	if err != nil {
		return nil, err
	}
	return &loop{server: s, poller: p, buf: make([]byte, s.cfg.ReadBuffer), start: time.Now()}, nil
}

// run serves until Shutdown has been told and the last connection is gone.
func (l *loop) run(acceptor bool) error {
	defer l.closeAll()
	if acceptor {
		if err := l.poller.Add(l.server.listener, kernel.Readable); err != nil {
			return err
		}
	}
	events := make([]unix.EpollEvent, eventsPerWait)
	for !l.draining || l.live > 0 {
		// After work there is often more work: look before sleeping, which
		// costs a turn of the Go scheduler.
		n, err := l.poller.Poll(events)
		if n == 0 && err == nil {
			n, err = l.poller.Wait(events, l.timeout())
		}
		if err != nil {
			return err
		}
		if l.server.cfg.IdleTimeout > 0 {
			l.now = time.Since(l.start)
		}
		for i := range events[:n] {
			l.handle(&events[i], acceptor)
		}
		l.periodic()
	}
	return nil
}

func (l *loop) handle(e *unix.EpollEvent, acceptor bool) {
	fd := int(e.Fd)
	switch {
	case fd < len(l.conns) && l.conns[fd] != nil:
		l.ready(fd, l.conns[fd])
	case acceptor && fd == l.server.listener:
		l.accept()
	case l.poller.IsWake(e):
		l.woken(acceptor)
	}
}

// woken looks at everything that another thread may have wanted.
func (l *loop) woken(acceptor bool) {
	l.inboxMu.Lock()
	given := l.inbox
	l.inbox = nil
	l.inboxMu.Unlock()
	for _, fd := range given {
		l.adopt(fd)
	}
	if l.server.cutting.Load() {
		l.draining = true
		l.closeAll()
	}
	if l.server.stopping() && !l.draining {
		l.draining = true
		for fd, c := range l.conns {
			if c != nil && len(c.out) == 0 {
				l.read(fd, c) // answers what has arrived, and ends it if idle
			}
		}
	}
	if l.draining && acceptor {
		l.server.closeListener()
	}
}

// accept takes connections and gives them to the loops in turn.
func (l *loop) accept() {
	for range acceptsPerEvent {
		fd, errno := kernel.Accept(l.server.listener)
		switch {
		case errno == 0:
			l.pause.reset()
			target := l.server.loops[l.next%len(l.server.loops)]
			l.next++
			target.give(fd, l)
		case errno == unix.EAGAIN:
			return
		case outOfResources(errno):
			l.server.backoff.Add(1)
			l.resumeAt = time.Now().Add(l.pause.next())
			l.poller.Modify(l.server.listener, 0)
			return
		}
	}
}

// give hands a new connection to l; from is the loop that runs.
func (l *loop) give(fd int, from *loop) {
	if l == from {
		l.adopt(fd)
		return
	}
	l.inboxMu.Lock()
	l.inbox = append(l.inbox, fd)
	l.inboxMu.Unlock()
	l.poller.Wake()
}

func (l *loop) adopt(fd int) {
	l.server.accepted.Add(1)
	err := l.server.cfg.socketOptions().ApplyRaw(l.server.cfg.Network, fd)
	if err == nil {
		err = l.poller.Add(fd, kernel.Readable)
	}
	if l.draining && err == nil {
		err = errDrained
	}
	if err != nil {
		l.server.ended(err, false)
		unix.Close(fd)
		return
	}
	if fd >= len(l.conns) {
		l.conns = append(l.conns, make([]*reactorConn, fd+1-len(l.conns))...)
	}
	l.conns[fd] = &reactorConn{session: newSession(&l.server.cfg), active: l.now}
	l.live++
}

// end closes a connection for the reason given; see counters.ended.
func (l *loop) end(fd int, c *reactorConn, why error) {
	l.server.ended(why, c.session.partial())
	l.conns[fd] = nil
	l.live--
	unix.Close(fd)
}

func (l *loop) closeAll() {
	for fd, c := range l.conns {
		if c != nil {
			l.end(fd, c, net.ErrClosed)
		}
	}
}
