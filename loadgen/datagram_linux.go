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

// past is which requests of a client have been answered, as far back as 64 before
// the latest: a window of bits, as in the replay protection of RFC 6479.
type past struct {
	next uint64 // one beyond the highest answered
	bits uint64 // bit i: request next-1-i was answered
}

// order is how an answer comes beside those before it.
type order int

const (
	inOrder  order = iota
	late           // after the answer to a later request
	repeated       // a second time
)

// see notes an answer to request seq. One from before the window is taken for
// late, not for repeated.
func (p *past) see(seq uint64) order {
	if seq >= p.next {
		p.bits <<= seq + 1 - p.next // by 64 and more leaves nothing, as it should
		p.bits |= 1
		p.next = seq + 1
		return inOrder
	}
	age := p.next - 1 - seq
	if age >= 64 {
		return late
	}
	if p.bits>>age&1 == 1 {
		return repeated
	}
	p.bits |= 1 << age
	return late
}
