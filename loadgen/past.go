package loadgen

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
