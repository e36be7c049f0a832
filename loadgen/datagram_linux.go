package loadgen

import (
	"math/rand/v2"
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

func (w *worker) takeDatagram(c *conn, datagram []byte, now time.Duration) {
	seq, ok := w.layouts.SequenceOf(datagram, c.client, c.sent)
	if !ok || !w.layouts.Of(c.client, seq).Matches(datagram, c.client, seq, 0) {
		w.rec.mismatched(now)
		return
	}
	switch c.past.see(seq) {
	case repeated:
		switch vain, counted := c.past.forgive(seq); {
		case !vain:
			w.rec.duplicated(now)
		case counted && w.rec.datagrams.Lost > 0:
			w.rec.datagrams.Lost-- // it was late only
		}
		return
	case late:
		w.rec.reordered(now)
	}
	if s := w.stamp(c, seq); s.seq == seq && s.open {
		if s.tries == 0 {
			w.patient.measured(now - s.sent)
		} else {
			c.past.repeat(seq, uint32(s.tries), w.rec.due(s.due))
			w.straggling = now + w.patient.timeout()
		}
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

// expire gives up requests that were not answered in time, and sends others again.
func (w *worker) expire(c *conn, now time.Duration) {
	for seq := c.read; seq < c.sent; seq++ {
		switch s := w.stamp(c, seq); {
		case !s.open:
		case now-s.sent >= w.spec.Timeout:
			s.open = false
			c.open--
			w.open--
			w.lose(c, s, lost, now)
		case now >= s.again && seq < c.wrote:
			w.resend(c, s, now)
		}
	}
	w.advance(c)
	w.follow(c, now)
}

// resend sends a request once more, as the same bytes.
func (w *worker) resend(c *conn, s *stamp, now time.Duration) {
	s.tries++
	s.again = now + w.patient.again(s.tries)
	w.rec.resent(s.due)
	switch _, errno := kernel.Send(c.fd, w.layouts.Of(c.client, s.seq).From(w.scratch, c.client, s.seq, 0)); errno {
	case 0, unix.EAGAIN: // which is another one lost
	default:
		w.fail(c, classOf(errno), now)
	}
}

// patient is how long clients on datagrams wait before they send a request again: the
// timeout of RFC 6298, from the round trips of requests that were sent once (Karn), and
// doubled for each time. All clients of a thread share it, as those who ask a resolver
// share what it knows of a server.
type patient struct {
	first          time.Duration // before a round trip is known; 0 for ever
	trip, variance time.Duration // SRTT and RTTVAR, 0 before the first
	doubled        uint8         // how often, since the last round trip
	random         *rand.Rand
}

const (
	// leastPatience is below the second of RFC 6298 and the 200 ms of Linux's TCP, which
	// allow for the Internet and for delayed acknowledgements, and above what a server on
	// the next CPU or in the next rack takes.
	leastPatience = 5 * time.Millisecond
	// patienceJitter is the part of a timeout by which it may be longer, at random: those
	// who have lost together are not to ask again together.
	patienceJitter = 4
	mostDoublings  = 10
	// resendPayload is from how many bytes on a request is sent again: in a shorter one
	// the sequence number comes round so soon that a late answer could be taken for that
	// to another request.
	resendPayload = 4
)

func (p *patient) measured(trip time.Duration) {
	p.doubled = 0
	if p.trip == 0 {
		p.trip, p.variance = trip, trip/2
		return
	}
	p.variance += ((p.trip - trip).Abs() - p.variance) / 4
	p.trip += (trip - p.trip) / 8
}

// timeout is how long to wait for an answer to who is asked once.
func (p *patient) timeout() time.Duration {
	if p.trip == 0 {
		return max(leastPatience, p.first)
	}
	return max(leastPatience, p.trip+4*p.variance)
}

// again is when a request that was sent again so many times is to be, counted from now.
func (p *patient) again(tries uint8) time.Duration {
	if p.first == 0 {
		return never / 2
	}
	p.doubled = max(p.doubled, min(tries, mostDoublings))
	d := p.timeout() << p.doubled
	return d + time.Duration(p.random.Int64N(int64(d)/patienceJitter+1))
}

// past is which requests of a client have been answered, as far back as 64 before
// the latest: a window of bits, as in the replay protection of RFC 6479.
type past struct {
	next     uint64 // one beyond the highest answered
	bits     uint64 // bit i: request next-1-i was answered
	repeated uint64 // likewise: when it had been sent again
	vain     uint32 // how often, of all so far, less the answers that came to that
	before   uint64 // requests from this one on are the window's
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
		p.repeated <<= seq + 1 - p.next
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

// repeat notes of a request that see has just noted that it had been sent again.
func (p *past) repeat(seq uint64, tries uint32, counted bool) {
	p.repeated |= 1 << (p.next - 1 - seq)
	p.vain += tries
	if !counted {
		p.before = seq + 1
	}
}

// forgive reports whether a further answer to a request shows that it was sent again in
// vain, and not that answers are duplicated: there is not one for each time; and whether
// that had been counted as a loss, in the window.
func (p *past) forgive(seq uint64) (vain, counted bool) {
	if p.vain == 0 || p.repeated>>(p.next-1-seq)&1 == 0 {
		return false, false
	}
	p.vain--
	return true, seq >= p.before
}
