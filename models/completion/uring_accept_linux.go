package completion

import (
	"net"
	"os"

	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

// accept takes connections from now on.
func (l *uringLoop) accept() {
	l.ring.Accept(l.server.listener, uringTag(l.server.listener, uringAccepted))
	l.accepting = true
}

// accepted takes a connection, or the end of accepting: for want of descriptors, until
// a pause is over; because a connection was gone again, not at all; or by Shutdown.
func (l *uringLoop) accepted(done *kernel.Completion) {
	l.accepting = done.More()
	switch errno := done.Errno(); {
	case errno == 0:
		l.Pause.Reset()
		l.adopt(int(done.Result))
	case errno == unix.ECANCELED, errno == unix.ECONNABORTED:
	case serving.OutOfResources(errno):
		l.server.Backoff.Add(1)
		l.PauseAccepting()
	default:
		l.failed = os.NewSyscallError("accept", errno)
	}
	switch {
	case l.accepting:
	case l.draining:
		l.server.closeListener()
	case !l.Paused():
		l.accept()
	}
}

func (l *uringLoop) adopt(fd int) {
	l.server.Accepted.Add(1)
	if err := l.server.options.ApplyRaw(l.server.cfg.Network, fd); err != nil {
		l.server.Ended(err, false)
		unix.Close(fd)
		return
	}
	if fd >= len(l.conns) {
		l.conns = append(l.conns, make([]*uringConn, fd+1-len(l.conns))...)
	}
	c := &uringConn{fd: fd, session: l.shared.Session(), loan: -1, active: l.Now}
	l.conns[fd] = c
	l.live++
	l.proceed(c)
}

// watch has the ring tell of wake-ups.
func (l *uringLoop) watch() {
	fd := l.server.poller.FD()
	l.ring.Watch(fd, uringTag(fd, uringWoken))
}

// woken looks at what Shutdown may have wanted.
func (l *uringLoop) woken(done *kernel.Completion) {
	var events [1]unix.EpollEvent
	if n, _ := l.server.poller.Poll(events[:]); n > 0 {
		l.server.poller.IsWake(&events[0])
	}
	if !done.More() {
		l.watch()
	}
	l.cutting = l.server.cutting.Load()
	if l.server.Stopping() && !l.draining {
		l.draining = true
		l.stopAccepting()
	}
	if l.draining {
		l.each(l.proceed)
	}
}

// stopAccepting closes the listener, which an accept that goes on would keep open.
func (l *uringLoop) stopAccepting() {
	if !l.accepting {
		l.server.closeListener()
		return
	}
	fd := l.server.listener
	l.ring.Cancel(uringTag(fd, uringAccepted), uringTag(fd, uringUncancelled))
}

// each calls f for the connections that have nothing on loan; settling goes on with
// the others soon.
func (l *uringLoop) each(f func(*uringConn)) {
	l.hurry = true
	for _, c := range l.conns {
		if c != nil && c.loan < 0 {
			f(c)
		}
	}
}

// periodic does what is due: accepting again, and closing idle connections.
func (l *uringLoop) periodic() {
	if l.Resumes() {
		l.Resume()
		if !l.draining {
			l.accept()
		}
	}
	if !l.Expires() {
		return
	}
	l.each(func(c *uringConn) {
		if !c.over && l.Idle(c.active) {
			l.end(c, os.ErrDeadlineExceeded)
		}
	})
}

// abandon closes all connections without their last completions, which a ring that
// has failed may not bring.
func (l *uringLoop) abandon() {
	for _, c := range l.conns {
		if c == nil {
			continue
		}
		if !c.over {
			l.server.Ended(net.ErrClosed, c.session.Partial())
		}
		unix.Shutdown(c.fd, unix.SHUT_RDWR)
		unix.Close(c.fd)
	}
}
