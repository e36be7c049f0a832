package wire

// Splitter cuts a stream of bytes, received in chunks of any size, into whole
// frames. Frames that lie whole inside a chunk are not copied. Between frames a
// Splitter holds no memory; what it has used goes back to its Scratch.
type Splitter struct {
	// Max is the longest payload allowed, in bytes.
	Max int
	// Scratch may be shared by the Splitters of one thread; nil for one of its own.
	Scratch *Scratch

	part  []byte // the beginning of a frame whose end has not arrived
	sized bool   // a frame of the last chunk asks for a reply of another size
}

// Split takes the next chunk. It returns the frames it completes, headers
// included, in the order in which they began: first, where an earlier chunk had
// begun a frame, that frame in a buffer of the Scratch; then those that lie whole
// inside the chunk, as a part of it. Both may be empty. They are valid until the
// next call of any Splitter that shares the Scratch; see [Scratch.Keep].
//
// A frame longer than Max ends the stream: the frames before it are returned
// with an error wrapping [ErrTooLong], and the Splitter is of no further use.
func (s *Splitter) Split(chunk []byte) (first, whole []byte, err error) {
	s.sized = false
	if len(s.part) > 0 {
		chunk, err = s.complete(chunk)
		if err != nil || s.missing() > 0 {
			return nil, nil, err
		}
		first = s.part
		s.sized = Sized(first)
		s.part = nil
		s.Scratch.lend(first)
	}
	end := 0
	for {
		rest := chunk[end:]
		if len(rest) < HeaderSize {
			break
		}
		n := PayloadLen(rest)
		if n > s.Max {
			return first, chunk[:end], tooLong(n, s.Max)
		}
		if len(rest) < HeaderSize+n {
			break
		}
		s.sized = s.sized || Sized(rest)
		end += HeaderSize + n
	}
	if end < len(chunk) {
		s.begin(chunk[end:], first == nil)
	}
	return first, chunk[:end], nil
}

// Sized reports whether a frame that the last Split returned asks for a reply of
// another size; see [AppendReply].
func (s *Splitter) Sized() bool { return s.sized }

// Partial reports whether the stream stands inside a frame.
func (s *Splitter) Partial() bool { return len(s.part) > 0 }

// begin keeps the beginning of a frame; returned says that nothing of the Scratch
// is in the caller's hands.
func (s *Splitter) begin(part []byte, returned bool) {
	if s.Scratch == nil {
		s.Scratch = new(Scratch)
	}
	if returned {
		s.Scratch.lend(nil)
	}
	s.part = append(s.Scratch.Take(), part...)
}

// complete moves bytes from chunk into part, up to the frame's end, and returns
// what is left of chunk.
func (s *Splitter) complete(chunk []byte) ([]byte, error) {
	// Twice: the header first, and what it announces after that.
	for range 2 {
		n := min(s.missing(), len(chunk))
		s.part = append(s.part, chunk[:n]...)
		chunk = chunk[n:]
		if len(s.part) >= HeaderSize {
			if n := PayloadLen(s.part); n > s.Max {
				return chunk, tooLong(n, s.Max)
			}
		}
	}
	return chunk, nil
}

// missing is how many bytes the frame in part still lacks, as far as is known:
// to the end of its header, and to its own end once the header is there.
func (s *Splitter) missing() int {
	if len(s.part) < HeaderSize {
		return HeaderSize - len(s.part)
	}
	return HeaderSize + PayloadLen(s.part) - len(s.part)
}
