package loadgen

import (
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// conn is one client. What it sends and expects is a function of its number and
// of how far it has come, so it holds no buffer.
type conn struct {
	fd     int // -1 while there is none
	secure *secure
	slot   int // its number in this worker
	client int // its number in the whole load
	role   role
	state  state
	since  time.Duration // of the attempt to connect, -1 for none
	retry  time.Duration // when a client that is down tries again
	issued int           // requests on this connection

	generation uint32 // of its sockets

	sent   uint64 // the sequence number of the next request
	wrote  uint64 // of the next to be written, or being written
	offset int    // bytes of it that are written

	read uint64 // of the next answer on a stream, or the oldest open on udp
	got  int    // bytes of it that have arrived
	open int    // requests without an answer
	past past   // on udp: which answers have come

	queue   fifo  // requests that are due and cannot be sent yet
	answers int64 // that belong to the window
	asked   bool  // of an open loop: a request that belongs to it was due
}

type state uint8

const (
	down       state = iota // no socket
	connecting              // waiting for the handshake
	up                      // sending and receiving
	blocked                 // up, and waiting for room to write
)

// retryPause is how long a client that lost its connection, or got none, waits
// before it tries again: long enough not to storm a server that is down.
const retryPause = 50 * time.Millisecond

// connect opens c's socket. It reports a failure by counting it and leaves c down.
func (w *worker) connect(c *conn, now time.Duration) {
	if c.since < 0 {
		c.since = now
	}
	fd, errno := kernel.Connect(w.target, c.client)
	switch {
	case errno == unix.EAGAIN && now-c.since < w.spec.ConnectTimeout:
		// A Unix socket's backlog is full; there is no event to wait for.
		c.retry = now + time.Millisecond
		return
	case errno == unix.EAGAIN:
		errno = unix.ETIMEDOUT
		fallthrough
	case errno != 0 && errno != unix.EINPROGRESS:
		w.unconnected(c, classOf(errno), now)
		return
	}
	if fd >= len(w.byFD) {
		w.byFD = append(w.byFD, make([]*conn, fd+1-len(w.byFD))...)
	}
	w.byFD[fd] = c
	c.fd, c.state = fd, connecting
	w.pending++
	if err := w.poller.Add(fd, kernel.Writable|kernel.Edge); err != nil {
		w.unconnected(c, other, now)
	}
}

// connected ends the handshake, well or badly.
func (w *worker) connected(c *conn, now time.Duration) {
	errno, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil || errno != 0 {
		w.unconnected(c, classOf(unix.Errno(errno)), now)
		return
	}
	if w.spec.TLS {
		w.shake(c, now)
		return
	}
	if c == w.sampler.conn {
		w.sampler.connected(c)
	}
	w.ready(c, now)
}

// ready lets c, whose connection stands, begin.
func (w *worker) ready(c *conn, now time.Duration) {
	w.pending--
	w.rec.connected(c.since, now, w.spec.RequestsPerConn > 0)
	c.state, c.since, c.issued = up, -1, 0
	switch {
	case c.role == slow:
		w.poller.Remove(c.fd) // it looks at its socket in its own time
	case w.rings(c):
		w.poller.Remove(c.fd)
		w.hear(c)
	default:
		w.poller.Modify(c.fd, kernel.Readable|kernel.Edge)
	}
	w.follow(c, now)
}

// unconnected counts an attempt to connect that failed.
func (w *worker) unconnected(c *conn, why class, now time.Duration) {
	w.rec.unconnected(why)
	w.failures[why]++
	c.since = -1
	w.drop(c, now+retryPause)
}

// fail ends c's connection, and with it all its open requests.
func (w *worker) fail(c *conn, why class, now time.Duration) {
	w.rec.failed(why, int64(c.open), now)
	w.drop(c, now+retryPause)
}

// drop closes c's socket; it may connect again at time retry.
func (w *worker) drop(c *conn, retry time.Duration) {
	if c.state == connecting {
		w.pending--
	}
	if c.fd >= 0 {
		w.byFD[c.fd] = nil
		w.hangUp(c)
		c.fd = -1
		c.generation++
	}
	for seq := c.read; seq < c.sent; seq++ {
		w.stamp(c, seq).open = false
	}
	w.open -= c.open
	c.open, c.offset, c.got = 0, 0, 0
	c.wrote, c.read = c.sent, c.sent
	c.state, c.retry = down, retry
}

// hangUp closes c's socket.
func (w *worker) hangUp(c *conn) {
	switch {
	case w.rings(c) && c.state >= up:
		w.forget(c)
	case c.secure != nil:
		c.secure.CloseWrite()
		c.secure = nil
	case w.spec.TLS:
		unix.Shutdown(c.fd, unix.SHUT_RDWR) // a handshake that runs
	}
	unix.Close(c.fd)
}

// renew replaces a connection that has had its number of requests.
func (w *worker) renew(c *conn, now time.Duration) {
	w.drop(c, now)
	if w.sending(now) || c.queue.head >= 0 {
		w.connect(c, now)
	}
}

// check looks for what c has waited for too long.
func (w *worker) check(c *conn, now time.Duration) {
	switch c.state {
	case down:
		// Before requests are sent only what is under way is tried again.
		if now >= c.retry && w.sending(now) && (w.started || c.since >= 0) {
			w.connect(c, now)
		}
		return
	case connecting:
		if now-c.since >= w.spec.ConnectTimeout {
			w.unconnected(c, connectTimeout, now)
		}
		return
	}
	switch {
	case c.open == 0:
	case w.datagrams:
		w.expire(c, now)
	case now-w.stamp(c, c.read).sent >= w.spec.Timeout:
		w.fail(c, readTimeout, now)
	}
	if c.role == slow && c.state >= up {
		w.step(c, now)
	}
}
