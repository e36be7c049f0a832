package wire

import "iter"

// Splitter cuts a stream of bytes, received in chunks of any size, into whole
// requests. Requests that lie whole inside a chunk are not copied. Between requests a
// Splitter holds no memory; what it has used goes back to its Scratch.
type Splitter struct {
	// Scratch may be shared by the Splitters of one thread.
	Scratch *Scratch

	part     []byte // the beginning of a request whose end has not arrived
	progress Progress
}

// Split takes the next chunk. It returns the requests it completes, in the order
// in which they began: first, where an earlier chunk had begun a request, that
// request in a buffer of the Scratch; then those that lie whole inside the chunk, as a
// part of it. Both may be empty. They are valid until the next call of any Splitter that
// shares the Scratch; see [Scratch.Keep].
//
// An error, one of [Codec.Next], ends the stream: the requests before it are returned
// with it, and the Splitter is of no further use.
func (s *Splitter) Split(chunk []byte) (first, whole []byte, err error) {
	scratch := s.Scratch
	scratch.made, scratch.waits, scratch.single = false, false, false
	if len(s.part) > 0 {
		var ended bool
		if chunk, ended, err = s.complete(chunk); err != nil || !ended {
			return nil, nil, err
		}
		first, s.part = s.part, nil
		scratch.lend(first)
	}
	end := 0
	for end < len(chunk) {
		n, err := scratch.codec.Next(chunk[end:], &s.progress)
		if err != nil {
			return first, chunk[:end], err
		}
		if n > len(chunk)-end {
			s.begin(chunk[end:], first == nil)
			s.wants(n)
			break
		}
		s.ended()
		scratch.single = end == 0
		end += n
	}
	return first, chunk[:end], nil
}

// Requests yields each request in b, which holds whole requests only, as [Splitter.Split] returns
// them.
func (s *Scratch) Requests(b []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(b) > 0 {
			s.again = Progress{}
			n, err := s.codec.Next(b, &s.again)
			if err != nil || n > len(b) || !yield(b[:n]) {
				return
			}
			b = b[n:]
		}
	}
}

// Made reports whether the reply to a request that the last Split returned is not the same
// bytes; see [Codec.Reply].
func (s *Splitter) Made() bool { return s.Scratch.made }

// Single reports whether what the last Split returned as whole is one request. What it returns as
// first is one or none.
func (s *Splitter) Single() bool { return s.Scratch.single }

// Waits reports whether the client waits for a word since the last Split; see [ErrContinue].
func (s *Splitter) Waits() bool { return s.Scratch.waits }

// Partial reports whether the stream stands inside a request.
func (s *Splitter) Partial() bool { return len(s.part) > 0 }

// begin keeps the beginning of a request; returned says that nothing of the Scratch
// is in the caller's hands.
func (s *Splitter) begin(part []byte, returned bool) {
	if returned {
		s.Scratch.lend(nil)
	}
	s.part = append(s.Scratch.Take(), part...)
}

// wants notes what a look at an unfinished request has come to.
func (s *Splitter) wants(n int) {
	s.progress.want = int32(n)
	s.Scratch.waits = s.Scratch.waits || s.progress.Waits
	s.progress.Waits = false
}

func (s *Splitter) ended() {
	s.Scratch.made = s.Scratch.made || s.progress.Made
	s.progress = Progress{}
}

// complete moves bytes from chunk into part, up to the request's end, and returns what is
// left of chunk, and whether the request has ended.
func (s *Splitter) complete(chunk []byte) (rest []byte, ended bool, err error) {
	for len(chunk) > 0 {
		n := min(max(1, int(s.progress.want)-len(s.part)), len(chunk))
		s.part = append(s.part, chunk[:n]...)
		end, err := s.Scratch.codec.Next(s.part, &s.progress)
		if err != nil {
			return nil, false, err
		}
		if end <= len(s.part) {
			n -= len(s.part) - end // the look was for more than there was
			s.part = s.part[:end]
			s.ended()
			return chunk[n:], true, nil
		}
		chunk = chunk[n:]
		s.wants(end)
	}
	return nil, false, nil
}
