package loadgen

import (
	"time"

	"connbench/loadgen/message"
	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// stamp is where request seq of c is written down.
func (w *worker) stamp(c *conn, seq uint64) *stamp {
	return &w.stamps[c.slot*w.depth+int(seq%uint64(w.depth))]
}

// writing and reading are the layouts of the request that c writes next, or is writing, and of the
// answer that it reads.
func (w *worker) writing(c *conn) *message.Layout { return w.layouts.Of(c.client, c.wrote) }
func (w *worker) reading(c *conn) *message.Layout { return w.layouts.Of(c.client, c.read) }

func (w *worker) flush(c *conn, now time.Duration) {
	if c.role == slow {
		return
	}
	if c.wrote < c.sent && c.state == up && (c.offset == 0 && w.sends(c) || c.placed) {
		w.post(c)
		return
	}
	if c.placed || !w.drained(c, now) {
		return
	}
	for c.wrote < c.sent {
		out := w.compose(c)
		n, alive := w.write(c, out, now)
		if !alive {
			return
		}
		if n < len(out) {
			w.block(c)
		}
		if n < len(out) || !w.drained(c, now) {
			return
		}
	}
	if c.state == blocked {
		w.unblock(c)
	}
}

func (w *worker) block(c *conn) {
	switch {
	case c.state == blocked:
		return
	case c.placed:
		w.ringOf(c).Writable(c.fd, c.tag(ringWritable))
		c.state = blocked
	case w.byRing(c):
		w.poller.Add(c.fd, kernel.Writable|kernel.Edge)
		c.state = blocked
	default:
		c.state = blocked
		w.rearm(c)
	}
}

func (w *worker) unblock(c *conn) {
	c.state = up
	if w.byRing(c) {
		w.poller.Remove(c.fd)
	} else {
		w.rearm(c)
	}
}

// rearm has the poller tell what c waits for, at once if that is there.
func (w *worker) rearm(c *conn) {
	events := uint32(kernel.Readable | kernel.Edge)
	if c.state == blocked {
		events |= kernel.Writable
	}
	w.poller.Modify(c.fd, events)
}

// write sends out and notes how far that brought c. It reports whether the
// connection lives on.
func (w *worker) write(c *conn, out []byte, now time.Duration) (int, bool) {
	var n int
	var errno unix.Errno
	switch {
	case c.secure != nil:
		n, errno = c.secure.send(out)
	case c == w.sampler.conn:
		n, errno = w.sampler.send(c, out, w.writing(c).Size())
	default:
		n, errno = kernel.Send(c.fd, out)
	}
	switch {
	case errno == unix.EAGAIN:
		n = 0
	case errno != 0:
		w.fail(c, classOf(errno), now)
		return 0, false
	}
	c.offset += n
	for size := w.writing(c).Size(); c.offset >= size; size = w.writing(c).Size() {
		c.offset -= size
		c.wrote++
	}
	return n, true
}

// compose returns the bytes to write next: the rest of a message begun, or, on a
// stream, as many small messages as fit one write.
func (w *worker) compose(c *conn) []byte {
	first := w.writing(c)
	out := first.From(w.scratch, c.client, c.wrote, c.offset)
	end := first.Size()
	if w.datagrams || len(out) < end {
		return out
	}
	for seq := c.wrote + 1; seq < c.sent; seq++ {
		next := w.layouts.Of(c.client, seq)
		if end+next.Size() > len(w.scratch) {
			break
		}
		end += len(next.From(w.scratch[end:], c.client, seq, 0))
	}
	return w.scratch[:end]
}

// datagramsPerTurn is how many datagrams of a client a thread takes before it looks
// at the others: who sends without end, unasked, is not to hold them up.
const datagramsPerTurn = maxPipeline

// receive takes the answers that have arrived for c, to the last: the poller tells
// of each arrival once. A read that does not fill the buffer was the last, unless
// the end of the stream is known to follow, or TLS has read more than it gave.
func (w *worker) receive(c *conn, ended bool) {
	for left := datagramsPerTurn; left > 0; {
		n, ok := w.readOnce(c, w.buf)
		if !ok {
			return
		}
		w.follow(c, w.now)
		if c.state < up || n < len(w.buf) && !ended && !w.datagrams && c.secure == nil {
			return
		}
		if w.datagrams {
			left--
		}
	}
	w.rearm(c)
}

// readOnce reads into buf and takes what came. It returns how much that was, which is
// nothing of an empty datagram, and whether there is something to go on with.
func (w *worker) readOnce(c *conn, buf []byte) (n int, ok bool) {
	var errno unix.Errno
	switch {
	case c.secure != nil:
		n, errno = c.secure.recv(buf)
	case c == w.sampler.conn:
		n, errno = w.sampler.recv(w, c, buf)
	default:
		n, errno = kernel.Recv(c.fd, buf)
	}
	return w.came(c, buf, n, errno)
}

// came takes what a read of n bytes, or its error, says; see readOnce.
func (w *worker) came(c *conn, buf []byte, n int, errno unix.Errno) (int, bool) {
	now := w.clock()
	switch {
	case errno == unix.EAGAIN || errno == unix.EINTR:
		return 0, false
	case errno != 0:
		w.fail(c, classOf(errno), now)
		return 0, false
	case w.datagrams:
		w.takeDatagram(c, buf[:n], now)
		return n, true
	case n == 0:
		w.ended(c, now)
		return 0, false
	}
	return n, w.take(c, buf[:n], now)
}

// lingering is how long a thread waits in a read, at the least: what else is due meanwhile, and an end
// of the load, is late by so much and the kernel's ticks. Answers come far sooner, or not at all.
const lingering = time.Millisecond

// alone is the thread's client if it has but one, and that waits for an answer and for nothing else:
// a read that waits takes a system call where the poller takes three. That is nil of any other.
func (w *worker) alone() *conn {
	if len(w.conns) != 1 || !w.conns[0].lingers {
		return nil
	}
	c := &w.conns[0]
	if c.state != up || c.open == 0 || c == w.sampler.conn && w.sampler.sent != 0 {
		return nil
	}
	return c
}

func (w *worker) linger(c *conn) {
	n, errno := kernel.Linger(c.fd, w.buf)
	if _, ok := w.came(c, w.buf, n, errno); ok {
		w.follow(c, w.now)
	}
}

// stray reports whether more has come for c than it has read.
func (w *worker) stray(c *conn) bool {
	if c.secure != nil {
		n, errno := c.secure.recv(w.buf)
		return errno == 0 && n > 0
	}
	n, errno := kernel.Recv(c.fd, w.buf)
	return errno == 0 && n > 0
}

func (w *worker) ended(c *conn, now time.Duration) {
	if c.text != nil && w.reading(c).Reader().End(&c.text.answer) {
		w.finish(c, now)
	} else if c.got > 0 {
		w.fail(c, short, now)
	} else {
		w.fail(c, closed, now)
	}
}

// take checks a chunk of a stream against the answers that are due, and records
// those it completes. It reports whether the connection lives on.
func (w *worker) take(c *conn, chunk []byte, now time.Duration) bool {
	if w.reading(c).Reader() != nil {
		return w.takeText(c, chunk, now)
	}
	for len(chunk) > 0 {
		layout := w.reading(c)
		n := min(len(chunk), layout.AnswerSize()-c.got)
		if c.read == c.sent || !layout.Matches(chunk[:n], c.client, c.read, c.got) {
			w.fail(c, mismatch, now)
			return false
		}
		chunk = chunk[n:]
		if c.got += n; c.got == layout.AnswerSize() {
			c.got = 0
			w.answer(c, w.stamp(c, c.read), now)
			c.read++
		}
	}
	return w.stays(c, now)
}

// stays renews the connection of a client that has had its number of answers on it, and reports
// whether it has not.
func (w *worker) stays(c *conn, now time.Duration) bool {
	if c.issued == w.spec.RequestsPerConn && c.issued > 0 && c.open == 0 {
		w.renew(c, now)
		return false
	}
	return true
}

func (w *worker) answer(c *conn, s *stamp, now time.Duration) {
	s.open = false
	c.served = true
	c.open--
	w.open--
	if c.role == active {
		w.rec.came(s, now)
	}
	if w.rec.due(s.due) {
		c.answers++
		w.rec.answered(c.role, s, now)
		if w.rec.sizes != nil && c.role == active {
			w.rec.sizes[w.layouts.Which(c.client, s.seq)].answered(s, now)
		}
	}
}

// lose records that nobody will answer a request of c that was sent.
func (w *worker) lose(c *conn, s *stamp, why class, now time.Duration) {
	if w.rec.failed(why, s.due, now) && w.rec.sizes != nil && c.role == active {
		w.rec.sizes[w.layouts.Which(c.client, s.seq)].unanswered++
	}
}

const (
	// slowStep is how often a slow client does something, about what a bad
	// mobile link takes for a packet.
	slowStep = 10 * time.Millisecond
	// slowPieces is into how many pieces it cuts a message, to send or to read.
	slowPieces = 8
)

// step lets a slow client send its next piece, or, when its request is out, read
// the next piece of the answer.
func (w *worker) step(c *conn, now time.Duration) {
	if c.wrote < c.sent {
		layout := w.writing(c)
		out := layout.From(w.scratch, c.client, c.wrote, c.offset)
		w.write(c, out[:min(piece(layout.Size()), len(out))], now)
		return
	}
	if _, ok := w.readOnce(c, w.buf[:min(piece(w.reading(c).AnswerSize()), len(w.buf))]); ok {
		w.follow(c, now)
	}
}

func piece(n int) int { return (n + slowPieces - 1) / slowPieces }
