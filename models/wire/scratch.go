package wire

// Scratch is the memory in which Splitters put requests together that arrive in
// parts, and the codec that they cut with. It keeps what is not in use for the next
// requests, up to mostFree bytes.
type Scratch struct {
	codec       Codec
	made, waits bool     // of the last Split
	single      bool     // likewise
	again       Progress // of a second look at a request

	lent []byte   // of the request that a Splitter has returned last
	free [][]byte // not in use
	size int      // of all in free, in bytes
}

// mostFree leaves room for several requests of the longest size allowed by default.
const mostFree = 4 << 20

// NewScratch is for the Splitters of streams of a codec.
func NewScratch(c Codec) Scratch { return Scratch{codec: c} }

// Keep takes from the Scratch the buffer of the request that was returned last. The
// request then stays valid, until the caller gives it back.
func (s *Scratch) Keep() { s.lent = nil }

// GiveBack takes a request that was kept, or drops it when there are enough.
func (s *Scratch) GiveBack(request []byte) {
	if cap(request) == 0 || s.size+cap(request) > mostFree {
		return
	}
	s.free = append(s.free, request[:0])
	s.size += cap(request)
}

// lend notes that request is in the caller's hands, and that the one before is no more.
func (s *Scratch) lend(request []byte) {
	s.GiveBack(s.lent)
	s.lent = request
}

// Take is an empty buffer, of requests or of anything else that is given back, the one used last if there is any.
func (s *Scratch) Take() []byte {
	last := len(s.free) - 1
	if last < 0 {
		return nil
	}
	b := s.free[last]
	s.free[last] = nil
	s.free = s.free[:last]
	s.size -= cap(b)
	return b
}
