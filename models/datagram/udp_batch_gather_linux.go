package datagram

// gathering decides when udp-batch pauses before it receives again. Left alone, a
// server that is faster than its clients takes each datagram as it comes: each is a
// wake-up and a way through the network layers for itself. After a pause, those of a
// client that has several in flight have arrived in a row, and the answers to them are
// sent as one. For clients that wait for each answer that gains nothing, and the pause
// is lost time, so it is made only as long as it pays.
type gathering struct {
	pausing bool
	barren  int // batches until pausing is tried again
}

type batch struct {
	messages int // received
	replies  int // sent, in datagrams
	joined   int // the same, in messages
}

const (
	// worthwhile is how many replies in a batch pay for a pause. A single client
	// with up to four requests in flight only waits for it.
	worthwhile = 5
	// barrenPauses is how many batches pass between pauses that do not pay. They
	// cost such a client less than a tenth of its throughput then.
	barrenPauses = 16
)

// next reports whether to pause after b.
func (g *gathering) next(b batch) bool {
	switch {
	case g.pausing && (b.replies < worthwhile || b.replies < 2*b.joined):
		g.barren = barrenPauses
	case g.barren > 0:
		g.barren--
	}
	// A full batch means that the next is there already.
	g.pausing = g.barren == 0 && b.replies > b.joined && b.messages < datagramBatch
	return g.pausing
}
