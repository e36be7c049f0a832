package models

import "connbench/models/wire"

// session is the state of one connection's stream of requests: it turns the
// bytes that arrive into the replies to send.
type session struct {
	*scratch
	split wire.Splitter
}

// scratch is what sessions need only while they answer, and what is the same for
// all: those of one thread can share one, and an idle session then costs little.
type scratch struct {
	raw    bool
	max    int                  // longest payload
	work   func(payload []byte) // what is done for each request; nil for echo
	built  []byte               // replies that are not the requests' bytes
	frames wire.Scratch
}

func newScratch(cfg *Config) *scratch {
	return &scratch{raw: cfg.Framing == Raw, max: cfg.MaxFrame, work: cfg.perform}
}

// session is a new one that shares s.
func (s *scratch) session() session {
	return session{s, wire.Splitter{Max: s.max, Scratch: &s.frames}}
}

// newSession is a session that shares with no other.
func newSession(cfg *Config) session { return newScratch(cfg).session() }

// replies returns the replies to the requests that chunk completes, in order:
// all of first, then all of whole. They are parts of chunk or of a buffer of the
// scratch, copied only for a request that asks for a reply of another size, and
// valid until the next call. An error ends the stream after them: it wraps
// [wire.ErrTooLong] or [wire.ErrMalformed].
func (s *session) replies(chunk []byte) (first, whole []byte, err error) {
	r := s.requests(chunk)
	return s.answer(&r)
}

// requests are those that a chunk has completed.
type requests struct {
	first, whole []byte // as [wire.Splitter.Split] returns them; raw: one in whole
	sized        bool   // one asks for a reply of another size
	err          error  // ends the stream after them
}

// requests takes the next chunk.
func (s *session) requests(chunk []byte) (r requests) {
	if s.raw {
		return requests{whole: chunk}
	}
	r.first, r.whole, r.err = s.split.Split(chunk)
	r.sized = s.split.Sized()
	return r
}

// answer does the work of each request and returns the replies.
func (s *scratch) answer(r *requests) (first, whole []byte, err error) {
	first, whole, err = r.first, r.whole, r.err
	if s.raw {
		s.perform(whole)
		return first, whole, err
	}
	if s.work == nil && !r.sized {
		return first, whole, err
	}
	if bad := s.build(r.sized, first, whole); bad != nil {
		err = bad
	}
	if r.sized {
		first, whole = nil, s.built
	}
	return first, whole, err
}

// build does the work of each request, and where one asks for a reply of another
// size builds the replies, up to the first that cannot be. Together those are within
// [wire.Budget], so that a few bytes cannot ask for much memory.
func (s *scratch) build(sized bool, parts ...[]byte) (err error) {
	s.built = s.built[:0]
	budget := wire.Budget(s.max)
	for _, frames := range parts {
		for frame := range wire.Frames(frames) {
			s.perform(frame[wire.HeaderSize:])
			if !sized {
				continue
			}
			if s.built, err = budget.AppendReply(s.built, frame); err != nil {
				return err
			}
		}
	}
	return nil
}

// perform does the work for one request.
func (s *scratch) perform(payload []byte) {
	if s.work != nil {
		s.work(payload)
	}
}

// partial reports whether a request has begun to arrive and has not ended.
func (s *session) partial() bool { return s.split.Partial() }
