package models

import (
	"io"
	"os"
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// reactorConn is what an idle connection costs in user memory, beside its slot.
type reactorConn struct {
	session session
	out     []byte        // replies that the socket did not take
	last    error         // why to end once out is sent; nil to go on
	active  time.Duration // of the last progress; only with an idle timeout
}

// ready serves a connection that an event was reported for. While replies are
// pending nothing is read, so a peer that does not read cannot make the server
// hold more than the replies to one read.
func (l *loop) ready(fd int, c *reactorConn) {
	c.active = l.now
	if len(c.out) == 0 {
		l.read(fd, c)
		return
	}
	n, errno := kernel.Send(fd, c.out)
	switch {
	case errno == unix.EAGAIN:
		return
	case errno != 0:
		l.end(fd, c, errno)
		return
	case n < len(c.out):
		c.out = c.out[n:]
		return
	}
	c.out = nil
	if c.last != nil {
		l.end(fd, c, c.last)
		return
	}
	l.poller.Modify(fd, kernel.Readable)
	if l.draining {
		l.read(fd, c) // as woken does with the others
	}
}

// read answers what has arrived, up to a fair share.
func (l *loop) read(fd int, c *reactorConn) {
	for range readsPerEvent {
		n, errno := kernel.Recv(fd, l.buf)
		switch {
		case errno == unix.EAGAIN:
			n = 0
		case errno != 0:
			l.end(fd, c, errno)
			return
		case n == 0:
			l.end(fd, c, io.EOF)
			return
		}
		if n > 0 && !l.answer(fd, c, l.buf[:n]) {
			return
		}
		if n < len(l.buf) { // no more for now; the next look is the poller's
			break
		}
	}
	if l.draining && !c.session.partial() {
		l.end(fd, c, errDrained)
	}
}

// answer sends the replies that chunk completes. It reports whether the
// connection lives on with nothing pending.
func (l *loop) answer(fd int, c *reactorConn, chunk []byte) bool {
	first, whole, err := c.session.replies(chunk)
	if len(first) > 0 && !l.send(fd, c, first) {
		return false
	}
	if len(whole) > 0 && !l.send(fd, c, whole) {
		return false
	}
	switch {
	case len(c.out) > 0:
		c.last = err
		l.poller.Modify(fd, kernel.Writable)
		return false
	case err != nil:
		l.end(fd, c, err)
		return false
	}
	return true
}

// send writes what the socket takes and keeps the rest pending. It reports
// whether the connection lives on.
func (l *loop) send(fd int, c *reactorConn, reply []byte) bool {
	n := 0
	if len(c.out) == 0 {
		var errno unix.Errno
		n, errno = kernel.Send(fd, reply)
		switch {
		case errno == unix.EAGAIN:
			n = 0
		case errno != 0:
			l.end(fd, c, errno)
			return false
		}
	}
	if n < len(reply) {
		c.out = append(c.out, reply[n:]...)
	}
	return true
}

// timeout is how long the loop may sleep; negative for ever.
func (l *loop) timeout() time.Duration {
	wait := time.Duration(-1)
	if !l.resumeAt.IsZero() {
		wait = max(0, time.Until(l.resumeAt))
	}
	if l.server.cfg.IdleTimeout > 0 && l.live > 0 {
		scan := max(0, l.expireAt-time.Since(l.start))
		if wait < 0 || scan < wait {
			wait = scan
		}
	}
	return wait
}

// periodic does what is due: accepting again, and closing idle connections,
// which are looked for four times per idle timeout.
func (l *loop) periodic() {
	if !l.resumeAt.IsZero() && time.Now().After(l.resumeAt) {
		l.resumeAt = time.Time{}
		if !l.draining {
			l.poller.Modify(l.server.listener, kernel.Readable)
		}
	}
	idle := l.server.cfg.IdleTimeout
	if idle == 0 || l.now < l.expireAt {
		return
	}
	l.expireAt = l.now + idle/4
	for fd, c := range l.conns {
		if c != nil && l.now-c.active >= idle {
			l.end(fd, c, os.ErrDeadlineExceeded)
		}
	}
}
