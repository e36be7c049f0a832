package wire

// Scratch is the memory in which Splitters put frames together that arrive in
// parts. It keeps what is not in use for the next frames, up to mostFree bytes.
// Its zero value is ready.
type Scratch struct {
	lent []byte   // of the frame that a Splitter has returned last
	free [][]byte // not in use
	size int      // of all in free, in bytes
}

// mostFree leaves room for several frames of the longest size allowed by default.
const mostFree = 4 << 20

// Keep takes from the Scratch the buffer of the frame that was returned last. The
// frame then stays valid, until the caller gives it back.
func (s *Scratch) Keep() { s.lent = nil }

// GiveBack takes a frame that was kept, or drops it when there are enough.
func (s *Scratch) GiveBack(frame []byte) {
	if cap(frame) == 0 || s.size+cap(frame) > mostFree {
		return
	}
	s.free = append(s.free, frame[:0])
	s.size += cap(frame)
}

// lend notes that frame is in the caller's hands, and that the one before is no more.
func (s *Scratch) lend(frame []byte) {
	s.GiveBack(s.lent)
	s.lent = frame
}

// Take is an empty buffer, of frames or of anything else that is given back, the one used last if there is any.
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
