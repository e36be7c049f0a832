package serving

import (
	"connbench/models"
	"connbench/models/wire"
)

// Session is the state of one connection's stream of requests: it turns the
// bytes that arrive into the replies to send.
type Session struct {
	*Scratch
	split wire.Splitter
}

// Scratch is what sessions need only while they answer, and what is the same for
// all: those of one thread can share one, and an idle session then costs little.
type Scratch struct {
	raw    bool
	max    int                  // longest payload
	Work   func(payload []byte) // what is done for each request; nil for echo
	Built  []byte               // replies that are not the requests' bytes
	Frames wire.Scratch
}

// NewScratch is for the sessions of a server that was told cfg.
func NewScratch(cfg *models.Config) *Scratch {
	return &Scratch{raw: cfg.Framing == models.Raw, max: cfg.MaxFrame, Work: cfg.Perform()}
}

// Session is a new one that shares s.
func (s *Scratch) Session() Session {
	return Session{s, wire.Splitter{Max: s.max, Scratch: &s.Frames}}
}

// NewSession is a session that shares with no other.
func NewSession(cfg *models.Config) Session { return NewScratch(cfg).Session() }

// Borrow has the session use another scratch, so that between two loans it holds
// nothing but a frame that has begun.
func (s *Session) Borrow(from *Scratch) {
	s.Scratch = from
	s.split.Max, s.split.Scratch = from.max, &from.Frames
}

// Replies returns the replies to the requests that chunk completes, in order:
// all of first, then all of whole. They are parts of chunk or of a buffer of the
// scratch, copied only for a request that asks for a reply of another size, and
// valid until the next call. An error ends the stream after them: it wraps
// [wire.ErrTooLong] or [wire.ErrMalformed].
func (s *Session) Replies(chunk []byte) (first, whole []byte, err error) {
	r := s.Requests(chunk)
	return s.Answer(&r)
}

// Requests are those that a chunk has completed.
type Requests struct {
	First, Whole []byte // as [wire.Splitter.Split] returns them; raw: one in whole
	Sized        bool   // one asks for a reply of another size
	Err          error  // ends the stream after them
}

// Requests takes the next chunk.
func (s *Session) Requests(chunk []byte) (r Requests) {
	if s.raw {
		return Requests{Whole: chunk}
	}
	r.First, r.Whole, r.Err = s.split.Split(chunk)
	r.Sized = s.split.Sized()
	return r
}

// Answer does the work of each request and returns the replies.
func (s *Scratch) Answer(r *Requests) (first, whole []byte, err error) {
	first, whole, err = r.First, r.Whole, r.Err
	if s.raw {
		s.perform(whole)
		return first, whole, err
	}
	if s.Work == nil && !r.Sized {
		return first, whole, err
	}
	if bad := s.build(r.Sized, first, whole); bad != nil {
		err = bad
	}
	if r.Sized {
		first, whole = nil, s.Built
	}
	return first, whole, err
}

// build does the work of each request, and where one asks for a reply of another
// size builds the replies, up to the first that cannot be. Together those are within
// [wire.Budget], so that a few bytes cannot ask for much memory.
func (s *Scratch) build(sized bool, parts ...[]byte) (err error) {
	s.Built = s.Built[:0]
	budget := wire.Budget(s.max)
	for _, frames := range parts {
		for frame := range wire.Frames(frames) {
			s.perform(frame[wire.HeaderSize:])
			if !sized {
				continue
			}
			if s.Built, err = budget.AppendReply(s.Built, frame); err != nil {
				return err
			}
		}
	}
	return nil
}

// perform does the work for one request.
func (s *Scratch) perform(payload []byte) {
	if s.Work != nil {
		s.Work(payload)
	}
}

// Partial reports whether a request has begun to arrive and has not ended.
func (s *Session) Partial() bool { return s.split.Partial() }
