package readiness

import (
	"io"
	"slices"
	"sync/atomic"
	"time"

	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

// reactorConn is what an idle connection costs in user memory, beside its slot.
type reactorConn struct {
	session serving.Session
	pending *pendingReplies // nil if there are none
	active  time.Duration   // of the last progress; only with an idle timeout
	state   atomic.Uint32   // whose it is; see reactorPool
	looks   uint8           // reads by a reactorPool since Shutdown has begun
	again   bool            // listed in loop.again, or as waiting for a job
}

// pendingReplies are those that the socket did not take.
type pendingReplies struct {
	out  []byte
	last error // why to end once out is sent; nil to go on
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

// readOn gives those their turn that had more than their share.
func (l *loop) readOn() {
	l.again, l.listed = l.listed[:0], l.again
	l.readListed(l.listed)
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

// reply sends replies, all of first and then all of whole, and keeps pending what the
// socket does not take. It returns what ends the connection, nil to go on: last, or
// why it cannot be written to. While replies are pending, last waits.
func (c *reactorConn) reply(fd int, first, whole []byte, last error) error {
	for _, replies := range [...][]byte{first, whole} {
		if len(replies) == 0 {
			continue
		}
		if err := c.send(fd, replies); err != nil {
			return err
		}
	}
	if c.pending != nil {
		c.pending.last = last
		return nil
	}
	return last
}

func (c *reactorConn) send(fd int, replies []byte) error {
	if c.pending != nil {
		c.pending.out = append(c.pending.out, replies...)
		return nil
	}
	n, errno := kernel.Send(fd, replies)
	switch {
	case errno == unix.EAGAIN:
		n = 0
	case errno != 0:
		return errno
	}
	if n < len(replies) {
		c.pending = &pendingReplies{out: slices.Clone(replies[n:])}
	}
	return nil
}

// flush sends what is pending. It returns what ends the connection.
func (c *reactorConn) flush(fd int) error {
	p := c.pending
	n, errno := kernel.Send(fd, p.out)
	switch {
	case errno == unix.EAGAIN:
		return nil
	case errno != 0:
		return errno
	}
	if p.out = p.out[n:]; len(p.out) > 0 {
		return nil
	}
	c.pending = nil
	return p.last
}
