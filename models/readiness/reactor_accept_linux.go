package readiness

import (
	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

func (l *loop) accept() {
	for range acceptsPerEvent {
		if l.atOnce > 0 && l.live >= l.atOnce {
			l.full = true
			l.stopAccepting()
			return
		}
		fd, errno := kernel.Accept(l.listener)
		switch {
		case errno == 0:
			l.Pause.Reset()
			target := l.peers[l.next%len(l.peers)]
			l.next++
			target.give(fd, l)
		case errno == unix.EAGAIN:
			return
		case serving.OutOfResources(errno):
			l.PauseAccepting()
			l.stopAccepting()
			return
		}
	}
}

func (l *loop) stopAccepting() {
	l.server.Backoff.Add(1)
	l.poller.Modify(l.listener, 0)
}

func (l *loop) resume() {
	l.full = false
	l.Resume()
	if l.listener >= 0 {
		l.poller.Modify(l.listener, kernel.Readable)
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
	l.server.Accepted.Add(1)
	l.accepted.Add(1)
	err := l.server.options.ApplyRaw(l.server.cfg.Network, fd)
	if l.draining && err == nil {
		err = serving.ErrDrained
	}
	if err == nil {
		err = l.poller.Add(fd, kernel.Readable|l.edge)
	}
	if err != nil {
		l.server.Ended(err, false)
		unix.Close(fd)
		return
	}
	if fd >= len(l.conns) {
		l.conns = append(l.conns, make([]*reactorConn, fd+1-len(l.conns))...)
	}
	l.conns[fd] = &reactorConn{session: l.shared.Session(), active: l.Now}
	l.live++
}
