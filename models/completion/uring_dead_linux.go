package completion

import (
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// A receive that is under way when its peer resets the connection is not always told of
// it: on Linux 6.18, of ten thousand connections that send a few bytes and reset, one or two
// stay, the socket closed and the receive armed: cancelled by descriptor, it completes. So
// sockets are looked at, a few now and then. Of a direct descriptor nobody can be asked: its
// receive is cancelled and asked for anew, which finds the end that was not told of.
const deadLooks = 256 // connections at a time: places that have none cost nothing

var deadPause = time.Second // between two looks; tests change it

// untilDead is how long a loop that may sleep for wait, negative for ever, may sleep before
// it has to look for dead connections.
func (l *uringLoop) untilDead(wait time.Duration) time.Duration {
	if l.live == 0 {
		return wait
	}
	look := max(0, time.Until(l.deadAt))
	if wait < 0 {
		return look
	}
	return min(wait, look)
}

// lookForDead ends connections of which the socket is closed and nobody has said so.
func (l *uringLoop) lookForDead() {
	if l.live == 0 || time.Now().Before(l.deadAt) {
		return
	}
	l.deadAt = time.Now().Add(deadPause)
	looks := 0
	for range l.conns {
		l.deadNext = (l.deadNext + 1) % len(l.conns)
		if c := l.conns[l.deadNext]; c != nil {
			l.lookAt(c)
			looks++
		}
		if looks == deadLooks {
			return
		}
	}
}

func (l *uringLoop) lookAt(c *uringConn) {
	switch {
	case !c.receiving || c.loan >= 0:
	case l.ring.places > 0 && c.sending == nil:
		// By its tag: by descriptor the kernel looks at all of the ring. And received asks anew.
		l.ring.Cancel(uringTag(c.fd, uringReceived), uringTag(c.fd, uringUncancelled))
	case l.ring.places == 0 && kernel.IsClosed(c.fd):
		l.dead(c)
	}
}

// dead ends c, whose socket is closed, by steps, a look apart: what it was told of may be
// about to be served; then what is under way is cancelled; and what has not completed by
// then was lost.
func (l *uringLoop) dead(c *uringConn) {
	switch c.foundDead++; c.foundDead {
	case 1:
	case 2:
		l.ring.CancelAll(c.fd, uringTag(c.fd, uringUncancelled))
	default:
		c.receiving, c.stopping = false, false
		if c.last == nil {
			c.last = unix.ECONNRESET
		}
		l.proceed(c)
	}
}
