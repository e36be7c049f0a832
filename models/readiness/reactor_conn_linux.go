package readiness

import (
	"io"
	"sync/atomic"
	"time"

	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

// reactorConn is what an idle connection costs in user memory, beside its slot.
type reactorConn struct {
	session serving.Session
	sender
	active time.Duration // of the last progress; only with an idle timeout
	state  atomic.Uint32 // whose it is; see reactorPool
	looks  uint8         // reads by a reactorPool since Shutdown has begun
	again  bool          // listed in loop.again, or as waiting for a job
}

// ready serves a connection that an event was reported for. While replies are
// pending nothing is read, so a peer that does not read cannot make the server
// hold more than the replies to one read. An event that has ended set tells of an end
// of the stream, or an error, which is to be read.
func (l *loop) ready(fd int, c *reactorConn, ended bool) {
	if l.pool != nil && !l.pool.claim(c) {
		return
	}
	c.active = l.Now
	if c.pending == nil {
		l.read(fd, c, ended)
		return
	}
	if err := c.flush(fd); err != nil {
		l.end(fd, c, err)
		return
	}
	if c.pending != nil {
		return
	}
	l.poller.Modify(fd, kernel.Readable|l.edge) // reports anew what is there
	if l.draining {
		l.read(fd, c, ended) // as drain does with the others
	}
}

// drain answers what has arrived when Shutdown begins, and ends a connection that is
// idle.
func (l *loop) drain(fd int, c *reactorConn) {
	if l.pool != nil && !l.pool.claim(c) {
		return
	}
	if c.pending == nil {
		l.read(fd, c, false)
	}
}

// read answers what has arrived, up to a fair share. A short read has emptied the
// socket: what arrives later is reported, but not an end of the stream that has been
// reported already, unless level-triggered.
func (l *loop) read(fd int, c *reactorConn, ended bool) {
	if l.pool != nil {
		l.pool.read(fd, c, ended)
		return
	}
	for range readsPerEvent {
		n, errno := kernel.Recv(fd, l.buf)
		switch {
		case errno == unix.EAGAIN:
			l.emptied(fd, c)
			return
		case errno != 0:
			l.end(fd, c, errno)
			return
		case n == 0:
			l.end(fd, c, io.EOF)
			return
		}
		if !l.answer(fd, c, l.buf[:n]) {
			return
		}
		if n < len(l.buf) && (!ended || l.edge == 0) {
			l.emptied(fd, c)
			return
		}
	}
	l.later(fd, c)
	l.emptied(fd, c)
}

// later lists a connection that has more to read than its share, which nothing
// reports again if edge-triggered.
func (l *loop) later(fd int, c *reactorConn) {
	if l.edge != 0 && !c.again {
		c.again = true
		l.again = append(l.again, fd)
	}
}

// emptied ends a connection that Shutdown finds between two requests.
func (l *loop) emptied(fd int, c *reactorConn) {
	if l.draining && !c.session.Partial() {
		l.end(fd, c, serving.ErrDrained)
	}
}

func (l *loop) readListed(fds []int) {
	for _, fd := range fds {
		if c := l.conns[fd]; c != nil && c.again {
			c.again = false
			l.ready(fd, c, true)
		}
	}
}

// answer sends the replies that chunk completes. It reports whether the
// connection lives on with nothing pending.
func (l *loop) answer(fd int, c *reactorConn, chunk []byte) bool {
	first, whole, err := c.session.Replies(chunk)
	err = c.reply(fd, first, whole, err)
	switch {
	case err != nil:
		l.end(fd, c, err)
		return false
	case c.pending != nil:
		l.poller.Modify(fd, kernel.Writable|l.edge)
		return false
	}
	return true
}
