package loadgen

import (
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// refill sends c's next requests, as many as the pipeline has room for.
func (w *worker) refill(c *conn, now time.Duration) {
	if !w.started || !w.sending(now) {
		return
	}
	for c.sent-c.read < uint64(w.spec.Pipeline) {
		*w.stamp(c, c.sent) = stamp{seq: c.sent, sent: now, open: true}
		c.sent++
		c.open++
		w.open++
	}
	w.flush(c, now)
}

// flush writes what c has to send, as far as the socket takes it.
func (w *worker) flush(c *conn, now time.Duration) {
	for c.wrote < c.sent {
		out := w.compose(c)
		n, errno := kernel.Send(c.fd, out)
		if errno == unix.EAGAIN {
			n, errno = 0, 0
		}
		if errno != 0 {
			w.fail(c, classOf(errno), now)
			return
		}
		total := c.offset + n
		c.wrote += uint64(total / w.layout.size())
		c.offset = total % w.layout.size()
		if n < len(out) {
			if c.state != blocked {
				c.state = blocked
				w.poller.Modify(c.fd, kernel.Readable|kernel.Writable)
			}
			return
		}
	}
	if c.state == blocked {
		c.state = up
		w.poller.Modify(c.fd, kernel.Readable)
	}
}

// compose returns the bytes to write next: the rest of a message begun, or, on a
// stream, as many small messages as fit one write.
func (w *worker) compose(c *conn) []byte {
	out := w.layout.from(w.scratch, c.client, c.wrote, c.offset)
	size := w.layout.size()
	if w.datagrams || len(out) < size {
		return out
	}
	end := size
	for seq := c.wrote + 1; seq < c.sent && end+size <= len(w.scratch); seq++ {
		end += len(w.layout.from(w.scratch[end:], c.client, seq, 0))
	}
	return w.scratch[:end]
}

// receive takes the answers that have arrived for c.
func (w *worker) receive(c *conn) {
	for range readsPerEvent {
		n, errno := kernel.Recv(c.fd, w.buf)
		now := w.clock()
		switch {
		case errno == unix.EAGAIN:
			return
		case errno != 0:
			w.fail(c, classOf(errno), now)
			return
		case w.datagrams:
			w.takeDatagram(c, w.buf[:n], now)
		case n == 0 && c.got > 0:
			w.fail(c, short, now)
			return
		case n == 0:
			w.fail(c, closed, now)
			return
		case !w.take(c, w.buf[:n], now):
			return
		}
		w.refill(c, now)
		if c.state < up || n < len(w.buf) && !w.datagrams {
			return
		}
	}
}

// take checks a chunk of a stream against the answers that are due, and records
// those it completes. It reports whether the connection lives on.
func (w *worker) take(c *conn, chunk []byte, now time.Duration) bool {
	for len(chunk) > 0 {
		n := min(len(chunk), w.layout.size()-c.got)
		if c.read == c.sent || !w.layout.matches(chunk[:n], c.client, c.read, c.got) {
			w.fail(c, mismatch, now)
			return false
		}
		chunk = chunk[n:]
		if c.got += n; c.got == w.layout.size() {
			c.got = 0
			w.answer(c, c.read, now)
			c.read++
		}
	}
	return true
}

// answer closes request seq of c.
func (w *worker) answer(c *conn, seq uint64, now time.Duration) {
	s := w.stamp(c, seq)
	s.open = false
	c.open--
	w.open--
	if w.rec.due(s.sent) {
		c.answers++
		w.rec.answered(now - s.sent)
	}
}

// takeDatagram checks a datagram against the request that it says it answers.
func (w *worker) takeDatagram(c *conn, datagram []byte, now time.Duration) {
	seq, ok := w.layout.sequenceOf(datagram, c.sent)
	if !ok || !w.layout.matches(datagram, c.client, seq, 0) {
		w.rec.mismatched(now)
		return
	}
	if w.repeated(c, seq) {
		w.rec.duplicated(now)
		return
	}
	if seq+1 < c.answered {
		w.rec.reordered(now)
	}
	w.see(c, seq)
	if s := w.stamp(c, seq); s.seq == seq && s.open {
		w.answer(c, seq, now)
	}
	w.advance(c)
}

// repeated reports whether request seq was answered before. An answer older than
// the window of bits is taken for a late one.
func (w *worker) repeated(c *conn, seq uint64) bool {
	age := c.answered - 1 - seq
	return seq < c.answered && age < 64 && c.seen>>age&1 == 1
}

// see notes that request seq is answered.
func (w *worker) see(c *conn, seq uint64) {
	if seq >= c.answered {
		c.seen <<= seq + 1 - c.answered // 64 and more leave nothing, as they should
		c.answered = seq + 1
	}
	if age := c.answered - 1 - seq; age < 64 {
		c.seen |= 1 << age
	}
}

// advance moves the window of open requests past those that are closed.
func (w *worker) advance(c *conn) {
	for c.read < c.sent && !w.stamp(c, c.read).open {
		c.read++
	}
}

// expire gives up datagrams that were not answered in time.
func (w *worker) expire(c *conn, now time.Duration) {
	for seq := c.read; seq < c.sent; seq++ {
		if s := w.stamp(c, seq); s.open && now-s.sent >= w.spec.Timeout {
			s.open = false
			c.open--
			w.open--
			w.rec.failed(lost, 1, now)
		}
	}
	w.advance(c)
	w.refill(c, now)
}

// stamp is where request seq of c is written down.
func (w *worker) stamp(c *conn, seq uint64) *stamp {
	return &w.stamps[c.slot*w.spec.Pipeline+int(seq%uint64(w.spec.Pipeline))]
}
