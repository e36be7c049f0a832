package wire

// Splitter cuts a stream of bytes, received in chunks of any size, into whole
// frames. Frames that lie whole inside a chunk are not copied. Between frames an
// idle Splitter that has met no frame split across chunks holds no memory.
type Splitter struct {
	// Max is the longest payload allowed, in bytes.
	Max int

	sized bool   // a frame of the last chunk asks for a reply of another size
	part  []byte // the beginning of a frame whose end has not arrived
	spare []byte // the buffer of the last frame put together, for reuse
}

// Split takes the next chunk. It returns the frames it completes, headers
// included, in the order in which they began: first, where an earlier chunk had
// begun a frame, that frame in a buffer of the Splitter's own; then those that
// lie whole inside the chunk, as a part of it. Both may be empty and are valid
// until the next call.
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
		s.part, s.spare = s.spare[:0], first[:0]
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
	s.part = append(s.part, chunk[end:]...)
	return first, chunk[:end], nil
}

// Sized reports whether a frame that the last Split returned asks for a reply of
// another size; see [AppendReply].
func (s *Splitter) Sized() bool { return s.sized }

// Partial reports whether the stream stands inside a frame.
func (s *Splitter) Partial() bool { return len(s.part) > 0 }

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
