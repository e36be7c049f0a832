package loadgen

import (
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// conn is one client. What it sends and expects is a function of its number and
// of how far it has come, so it holds no buffer.
type conn struct {
	fd      int // -1 while there is none; a place in a ring's table if placed
	placed  bool
	secure  *secure
	slot    int // its number in this worker
	client  int // its number in the whole load
	role    role
	state   state
	since   time.Duration // of the attempt to connect, -1 for none
	retry   time.Duration // when a client that is down tries again by itself
	barred  bool          // the last attempt to connect failed: what comes due before retry fails too
	why     class         // it did
	issued  int           // requests on this connection
	served  bool          // one of them was answered
	lingers bool          // a read may wait on it

	generation uint32 // of its sockets
	parted     uint32 // one more than the generation that it has ended by itself, all answers there; 0 for none

	sent   uint64 // the sequence number of the next request
	wrote  uint64 // of the next to be written, or being written
	offset int    // bytes of it that are written

	read uint64 // of the next answer on a stream, or the oldest open on udp
	got  int    // bytes of it that have arrived
	text *text  // how far it is read, if its end is not known before
	open int    // requests without an answer
	past past   // on udp: which answers have come

	queue   fifo  // requests that are due and cannot be sent yet
	answers int64 // that belong to the window
	asked   bool  // of an open loop: a request that belongs to it was due

	thinking bool // about its next request
}

type state uint8

const (
	down       state = iota // no socket
	connecting              // waiting for the handshake
	up                      // sending and receiving
	blocked                 // up, and waiting for room to write
)

// retryPause is how long a client that got no connection, or no answer on it, waits
// before it tries again: long enough not to storm a server that is down. No request waits
// for its end: one that comes due meanwhile fails where the connection was refused, and
// else has the client connect at once. Tests change it.
var retryPause = 50 * time.Millisecond

// connect opens c's socket. It reports a failure by counting it and leaves c down.
func (w *worker) connect(c *conn, now time.Duration) {
	if c.since < 0 {
		c.since = now
	}
	c.barred = false
	fd, errno := kernel.Connect(w.target, c.client)
	switch {
	case errno == unix.EAGAIN && w.spec.Network != "unix":
		w.unconnected(c, noPorts, now) // which UDP says so
		return
	case errno == unix.EAGAIN && now-c.since < w.spec.ConnectTimeout:
		// A Unix socket's backlog is full; there is no event to wait for.
		c.retry = now + time.Millisecond
		w.nextScan = min(w.nextScan, c.retry)
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
		w.unconnected(c, noMemory, now) // or fs.epoll.max_user_watches, which is of memory too
	}
}

func (w *worker) connected(c *conn, now time.Duration) {
	errno, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		errno = int(err.(unix.Errno))
	}
	if errno != 0 {
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
	if w.places > 0 && w.byRing(c) && w.place(c) != nil {
		w.unconnected(c, noMemory, now)
		return
	}
	w.ready(c, now)
}

// ready lets c, whose connection stands, begin.
func (w *worker) ready(c *conn, now time.Duration) {
	w.pending--
	w.joined++
	w.connecting.Store(int32(w.joined))
	w.rec.connected(c.since, now, w.spec.RequestsPerConn > 0)
	c.state, c.since, c.issued, c.served = up, -1, 0, false
	switch {
	case c.role == slow:
		w.poller.Remove(c.fd) // it looks at its socket in its own time
	case c.placed:
		w.hear(c)
	case w.byRing(c):
		w.poller.Remove(c.fd)
		w.hear(c)
	default:
		w.poller.Modify(c.fd, kernel.Readable|kernel.Edge)
		c.lingers = len(w.conns) == 1 && c.role == active && !w.byRing(c) && c.secure == nil && !w.timed(c) && kernel.SetLinger(c.fd, lingering) == nil
	}
	w.follow(c, now)
}

// unconnected counts an attempt to connect that failed, and with it the requests that
// have waited for its end.
func (w *worker) unconnected(c *conn, why class, now time.Duration) {
	w.rec.errors[why]++ // whenever that was
	w.failures[why]++
	c.since, c.barred, c.why = -1, true, why
	w.discard(c, why, now)
	w.drop(c, now+retryPause)
}

// discard fails the requests that are due and cannot be sent.
func (w *worker) discard(c *conn, why class, now time.Duration) {
	for c.queue.head >= 0 {
		w.rec.failed(why, w.dues.pop(&c.queue).at, now)
		w.queued--
	}
}

// fail ends c's connection, and with it all its open requests; where there is none,
// only the connection is lost. Another is asked for at once by a client that has had an
// answer on it, or has a request that waits.
func (w *worker) fail(c *conn, why class, now time.Duration) {
	if c.open == 0 {
		w.rec.unasked(why, now)
	}
	w.failOpen(c, why, now)
	if c.served || c.queue.head >= 0 {
		w.again(c, now)
	} else {
		w.drop(c, now+retryPause)
	}
}

func (w *worker) failOpen(c *conn, why class, now time.Duration) {
	for seq := c.read; seq < c.sent; seq++ {
		if s := w.stamp(c, seq); s.open {
			w.lose(c, s, why, now)
		}
	}
}

// drop closes c's socket; it may connect again at time retry.
func (w *worker) drop(c *conn, retry time.Duration) {
	if c.state == connecting {
		w.pending--
	}
	if c.fd >= 0 {
		w.hangUp(c)
		c.generation++
	}
	for seq := c.read; seq < c.sent; seq++ {
		w.stamp(c, seq).open = false
	}
	w.open -= c.open
	c.open, c.offset, c.got = 0, 0, 0
	if c.text != nil {
		*c.text = text{}
	}
	c.wrote, c.read = c.sent, c.sent
	c.state, c.retry = down, retry
}

func (w *worker) hangUp(c *conn) {
	switch {
	case w.byRing(c) && c.state >= up:
		w.forget(c)
	case c.secure != nil:
		c.secure.CloseWrite()
		c.secure = nil
	case w.spec.TLS:
		unix.Shutdown(c.fd, unix.SHUT_RDWR) // a handshake that runs
	}
	w.release(c)
}

func (w *worker) release(c *conn) {
	if !c.placed {
		w.byFD[c.fd] = nil
		unix.Close(c.fd)
	}
	c.fd, c.placed = -1, false
}

// renew replaces a connection that has had its number of requests, and on which nothing
// more may come.
func (w *worker) renew(c *conn, now time.Duration) {
	c.parted = c.generation + 1
	if !w.byRing(c) && w.stray(c) {
		w.rec.mismatched(now)
	}
	w.again(c, now)
}

func (w *worker) again(c *conn, now time.Duration) {
	w.drop(c, now)
	if w.sending(now) || c.queue.head >= 0 {
		w.connect(c, now)
	}
}

func (w *worker) check(c *conn, now time.Duration) {
	switch c.state {
	case down:
		// Before requests are sent only what is under way is tried again.
		if now >= c.retry && (w.sending(now) || c.queue.head >= 0) && (w.started || c.since >= 0) {
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
