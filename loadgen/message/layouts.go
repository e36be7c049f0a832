package message

// Layouts is what the requests of a load look like, which may differ in their payloads' lengths:
// a request's is a function of its client and its number.
type Layouts struct {
	all   []*Layout
	below []uint64 // of so many requests: those of the layout and the ones before it
	seed  uint64
}

// NewMix is the layouts of valid requests, one for each share of a mix, or one alone without.
func NewMix(r *Request, m Mix) *Layouts {
	l := &Layouts{seed: r.Seed}
	if len(m) == 0 {
		l.all = []*Layout{shape(r)}
	}
	weights := uint64(0)
	for _, s := range m {
		one := *r
		one.PayloadBytes = s.PayloadBytes
		weights += uint64(s.Weight)
		l.all, l.below = append(l.all, shape(&one)), append(l.below, weights)
	}
	fill(r.Seed, l.all)
	return l
}

// Of is the layout of a client's request.
func (l *Layouts) Of(client int, seq uint64) *Layout {
	if len(l.all) == 1 {
		return l.all[0]
	}
	return l.all[l.Which(client, seq)]
}

// Which is the number of a request's share in its mix; 0 without one.
func (l *Layouts) Which(client int, seq uint64) int {
	which := 0
	if last := len(l.below) - 1; last > 0 {
		// Twice, so that it has nothing to do with the key that is drawn of the same numbers.
		drawn := mix(mix(l.seed^uint64(client)<<32^seq)) % l.below[last]
		for drawn >= l.below[which] {
			which++
		}
	}
	return which
}

// AnswerSize is how long an answer is at the most.
func (l *Layouts) AnswerSize() int {
	longest := 0
	for _, one := range l.all {
		longest = max(longest, one.AnswerSize())
	}
	return longest
}

// SequenceOf is [Layout.SequenceOf] of a datagram of any of the layouts, which has to be its
// request's.
func (l *Layouts) SequenceOf(datagram []byte, client int, next uint64) (uint64, bool) {
	for _, one := range l.all {
		if seq, ok := one.SequenceOf(datagram, next); ok {
			return seq, l.Of(client, seq) == one
		}
	}
	return 0, false
}
