package loadgen

import "time"

// takeDatagram checks a datagram against the request that it says it answers.
func (w *worker) takeDatagram(c *conn, datagram []byte, now time.Duration) {
	seq, ok := w.layout.sequenceOf(datagram, c.sent)
	if !ok || !w.layout.matches(datagram, c.client, seq, 0) {
		w.rec.mismatched(now)
		return
	}
	switch c.past.see(seq) {
	case repeated:
		w.rec.duplicated(now)
		return
	case late:
		w.rec.reordered(now)
	}
	if s := w.stamp(c, seq); s.seq == seq && s.open {
		w.answer(c, s, now)
	}
	w.advance(c)
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
			w.rec.failed(lost, s.due, now)
		}
	}
	w.advance(c)
	w.follow(c, now)
}
