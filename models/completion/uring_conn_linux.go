package completion

import (
	"io"
	"net"
	"slices"
	"time"

	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

// uringConn is what an idle connection costs in user memory, beside its slot.
//
// Replies are sent from where they lie, the buffer that the request came in or the
// scratch: they are on loan until the call that hands them over has returned and is
// settled. Until then nothing else happens to the connection. What its socket has not
// taken by then is copied, sent as there is room, and receiving stops, so that a peer
// that does not read cannot make the server hold more than the replies to what has
// arrived in one round.
type uringConn struct {
	fd        int
	session   serving.Session
	loan      int    // its index in the loop's loans, or -1
	sending   []byte // replies that the kernel writes as there is room
	out       []byte // replies that wait behind those, or behind the loan
	stalled   bool   // out goes by sending, not as a loan
	receiving bool   // a receive is under way
	stopping  bool   // and has been told to end
	foundDead int    // how often its socket was found closed
	looks     int    // that found something when Shutdown had begun
	last      error  // why to end once all is sent; nil to go on
	over      bool   // ended, and waiting for operations to complete

	active time.Duration // of the last progress; only with an idle timeout
}

// proceed has c, which has nothing on loan, do what comes next.
func (l *uringLoop) proceed(c *uringConn) {
	switch {
	case c.over:
		l.release(c)
	case l.cutting:
		l.end(c, net.ErrClosed)
	case c.sending != nil:
		l.stopReceiving(c)
	case len(c.out) > 0:
		l.sendOut(c)
	case c.last != nil:
		l.end(c, c.last)
	case l.draining && !c.session.Partial():
		l.lookAgain(c)
	case !c.receiving:
		c.receiving = true
		l.ring.Receive(c.fd, l.buffers, uringTag(c.fd, uringReceived))
	}
}

func (l *uringLoop) received(c *uringConn, done *kernel.Completion) {
	if !done.More() {
		c.receiving, c.stopping = false, false
	}
	c.active = l.Now
	buffer, errno := done.Buffer(), done.Errno()
	switch {
	case c.over || c.last != nil:
	case done.Result > 0:
		if l.draining && !c.session.Partial() {
			c.looks++
		}
		l.answer(c, l.buffers.Get(buffer, int(done.Result)))
	case errno == 0:
		c.last = io.EOF
	case errno == unix.EAGAIN:
		c.last = serving.ErrDrained // it was looked for, and there was nothing
	case errno == unix.ENOBUFS && l.giveBuffers(1) == 0:
		l.starving = append(l.starving, c)
		l.hurry = true
		return
	case errno == unix.ENOBUFS:
	case errno != unix.ECANCELED:
		c.last, c.out = errno, nil
	}
	if c.loan >= 0 {
		if buffer >= 0 {
			l.used = append(l.used, buffer)
		}
		return
	}
	if buffer >= 0 {
		l.buffers.Return(buffer)
	}
	l.proceed(c)
}

func (l *uringLoop) answer(c *uringConn, chunk []byte) {
	var requests serving.Requests
	c.session.Take(chunk, &requests)
	first, whole, err := l.shared.Answer(&requests)
	if c.sending == nil {
		switch {
		case len(first) > 0:
			l.shared.Frames.Keep()
			l.lend(c, first, first)
			first = nil
		case requests.Made && len(whole) > 0:
			l.lend(c, whole, whole)
			l.shared.Built, whole = l.shared.Frames.Take(), nil
		case len(whole) > 0:
			l.lend(c, whole, nil)
			whole = nil
		}
	}
	l.keep(c, first)
	l.keep(c, whole)
	c.last = err
	if err != nil || len(c.out) > 0 || l.draining {
		l.hurry = true
	}
}

func (l *uringLoop) keep(c *uringConn, replies []byte) {
	if len(replies) == 0 {
		return
	}
	if c.out == nil {
		c.out = l.shared.Frames.Take()
	}
	c.out = append(c.out, replies...)
}

// lend sends replies from where they lie, if in the scratch in the part kept.
func (l *uringLoop) lend(c *uringConn, replies, kept []byte) {
	c.loan = len(l.loans)
	l.loans = append(l.loans, loan{c, replies, kept})
	l.ring.SendNow(c.fd, replies, uringTag(c.fd, uringUnsent))
}

// unsent takes back what the socket had no room for, or all of it if there is nobody
// to send it to.
func (l *uringLoop) unsent(c *uringConn, done *kernel.Completion) {
	if errno := done.Errno(); errno != 0 && errno != unix.EAGAIN {
		c.last, c.out = errno, nil
		return
	}
	c.out = slices.Concat(l.loans[c.loan].replies[max(0, done.Result):], c.out)
	c.stalled = true
}

func (l *uringLoop) sendOut(c *uringConn) {
	out := c.out
	c.out = nil
	if !c.stalled {
		l.lend(c, out, out)
		return
	}
	c.sending = out
	l.send(c)
	l.stopReceiving(c)
}

// send has a part of what is being sent written when there is room.
func (l *uringLoop) send(c *uringConn) {
	l.ring.Send(c.fd, c.sending, 0, uringTag(c.fd, uringSent))
}

func (l *uringLoop) sent(c *uringConn, done *kernel.Completion) {
	c.active = l.Now
	if errno := done.Errno(); errno != 0 {
		c.sending, c.out, c.last = nil, nil, errno
	} else if c.sending = c.sending[done.Result:]; len(c.sending) > 0 && !c.over {
		l.send(c)
		return
	}
	c.sending, c.stalled = nil, len(c.out) > 0
	l.proceed(c)
}

// stopReceiving leaves in the socket what arrives from now on.
func (l *uringLoop) stopReceiving(c *uringConn) {
	if c.receiving && !c.stopping {
		c.stopping = true
		l.ring.Cancel(uringTag(c.fd, uringReceived), uringTag(c.fd, uringUncancelled))
	}
}

// uncancelled tries again to end what did not end: it was just completing, and has
// been asked for anew, or was not to be found in between. c is nil of a connection that is
// closed by now.
func (l *uringLoop) uncancelled(c *uringConn) {
	if c != nil {
		c.stopping = false
		l.proceed(c)
	}
}

// lookAgain receives what has arrived when Shutdown has begun, and ends c where that is
// nothing, or never ends.
func (l *uringLoop) lookAgain(c *uringConn) {
	switch {
	case c.receiving:
		l.stopReceiving(c)
	case c.looks >= serving.LastLooks:
		l.end(c, serving.ErrDrained)
	default:
		c.receiving = true
		l.ring.ReceiveNow(c.fd, l.buffers, uringTag(c.fd, uringReceived))
	}
}

// end closes a connection for the reason given; see [serving.Tally.Ended]. Operations of it
// that are under way complete soon, since the socket is shut down.
func (l *uringLoop) end(c *uringConn, why error) {
	l.server.Ended(why, c.session.Partial())
	c.over, c.out = true, nil
	if c.receiving || c.sending != nil {
		l.shut(c.fd)
	}
	l.release(c)
}

// release closes the socket of a connection that has ended, when nothing of it is
// under way: the ring would keep it open, and read for the descriptor's next owner.
func (l *uringLoop) release(c *uringConn) {
	if c.receiving || c.sending != nil {
		return
	}
	l.conns[c.fd] = nil
	l.live--
	l.close(c.fd)
	if l.full && !l.draining {
		l.full = false
		l.server.hasRoom()
		l.accept()
	}
}

// shut ends what is under way with a connection. A ring shuts a socket down later, from a thread of
// its own, when the place may have another: what a direct descriptor has under way is cancelled.
func (l *uringLoop) shut(fd int) {
	if l.ring.places > 0 {
		l.ring.CancelAll(fd, uringTag(fd, uringUncancelled))
		return
	}
	unix.Shutdown(fd, unix.SHUT_RDWR)
}

func (l *uringLoop) close(fd int) {
	if l.ring.places > 0 {
		l.ring.CloseFile(fd, uringTag(fd, uringIgnored))
		return
	}
	unix.Close(fd)
}
