package completion

import (
	"net"
	"os"

	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

// uringAccepts is how many accepts are under way at once into a table of files. One that
// goes on by itself could accept more than there is room for, and what has no place is lost.
const uringAccepts = 64

// accept takes connections from now on, into a table as many as there is room for.
func (l *uringLoop) accept() {
	fd := l.server.listener
	if l.ring.places == 0 {
		l.ring.AcceptAll(fd, uringTag(fd, uringAccepted))
		l.accepting = 1
		return
	}
	for l.accepting < min(uringAccepts, l.ring.places-l.live) {
		l.ring.Accept(fd, uringTag(fd, uringAccepted))
		l.accepting++
	}
	if l.accepting > 0 || l.full {
		return
	}
	switch err := l.server.isFull(); {
	case err == nil:
		l.full = true
	case serving.OutOfResources(err):
		l.server.Backoff.Add(1)
		l.PauseAccepting()
	default:
		l.failed = err
	}
}

// accepted takes a connection, or the end of accepting: for want of descriptors, until
// a pause is over; because a connection was gone again, not at all; or by Shutdown.
func (l *uringLoop) accepted(done *kernel.Completion) {
	if !done.More() {
		l.accepting--
	}
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
	case done.More():
	case l.draining && l.accepting == 0:
		l.stopAccepting()
	case l.draining:
	case !l.Paused():
		l.accept()
	}
}

func (l *uringLoop) adopt(fd int) {
	l.server.Accepted.Add(1)
	if err := l.server.options.ApplyRaw(l.server.cfg.Network, fd); err != nil {
		l.server.Ended(err, false)
		l.close(fd)
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

func (l *uringLoop) watch() {
	fd := l.ring.poller.FD()
	l.ring.Watch(fd, uringTag(fd, uringWoken))
}

// woken looks at what Shutdown may have wanted.
func (l *uringLoop) woken(done *kernel.Completion) {
	var events [1]unix.EpollEvent
	if n, _ := l.ring.poller.Poll(events[:]); n > 0 {
		l.ring.poller.IsWake(&events[0])
	}
	if !done.More() {
		l.watch()
	}
	l.cutting = l.server.cutting.Load()
	if (l.cutting || l.server.Stopping()) && !l.draining {
		l.draining = true
		l.stopAccepting()
	}
	if l.draining {
		l.each(l.proceed)
	}
}

// stopAccepting is done when no accept is under way: it would keep the listener open.
func (l *uringLoop) stopAccepting() {
	switch {
	case l.quiet:
		return
	case l.accepting == 0:
		l.quiet = true
		l.server.acceptsNoMore()
		return
	}
	fd := l.server.listener
	if l.ring.places > 0 {
		l.ring.CancelEach(uringTag(fd, uringAccepted), uringTag(fd, uringIgnored)) // and periodic does so again
		return
	}
	l.ring.Cancel(uringTag(fd, uringAccepted), uringTag(fd, uringAccepting))
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

func (l *uringLoop) periodic() {
	if l.Resumes() {
		l.Resume()
		if !l.draining {
			l.accept()
		}
	}
	if l.draining && l.accepting > 0 && l.ring.places > 0 {
		l.stopAccepting()
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
		if l.ring.places == 0 { // the others end with the ring
			unix.Shutdown(c.fd, unix.SHUT_RDWR)
			unix.Close(c.fd)
		}
	}
}
