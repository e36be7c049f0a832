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
	codec  wire.Codec
	max    int                  // longest payload
	left   wire.Budget          // of the replies to a chunk
	taken  Requests             // of the last one, which [Session.Replies] answers
	Work   func(request []byte) // what is done for each request; nil for echo
	Built  []byte               // replies that are not the requests' bytes
	Frames wire.Scratch
}

// NewScratch is for the sessions of a server that was told cfg, by [models.Model.Listen].
func NewScratch(cfg *models.Config) *Scratch {
	codec := cfg.Codec()
	return &Scratch{codec: codec, max: cfg.MaxFrame, Work: cfg.Perform(), Frames: wire.NewScratch(codec)}
}

// Session is a new one that shares s.
func (s *Scratch) Session() Session {
	return Session{s, wire.Splitter{Scratch: &s.Frames}}
}

// NewSession is a session that shares with no other.
func NewSession(cfg *models.Config) Session { return NewScratch(cfg).Session() }

// Borrow has the session use another scratch, so that between two loans it holds
// nothing but a request that has begun.
func (s *Session) Borrow(from *Scratch) {
	s.Scratch = from
	s.split.Scratch = &from.Frames
}

// Replies returns the replies to the requests that chunk completes, in order:
// all of first, then all of whole. They are parts of chunk or of a buffer of the
// scratch, copied only where a reply is not the request's bytes, and
// valid until the next call. An error ends the stream after them: it wraps
// [wire.ErrTooLong] or [wire.ErrMalformed], or is [wire.ErrClose].
func (s *Session) Replies(chunk []byte) (first, whole []byte, err error) {
	s.Take(chunk, &s.taken)
	return s.Answer(&s.taken)
}

// Requests are those that a chunk has completed.
type Requests struct {
	First, Whole []byte // as [wire.Splitter.Split] returns them
	Made         bool   // a reply is not the request's bytes
	Single       bool   // Whole is one
	Waits        bool   // the client waits for a word before it goes on
	Err          error  // ends the stream after them
}

// Some reports whether there is something to answer.
func (r *Requests) Some() bool {
	return len(r.First)+len(r.Whole) > 0 || r.Waits || r.Err != nil
}

// Take takes the next chunk, and notes in r what it has completed.
func (s *Session) Take(chunk []byte, r *Requests) {
	r.First, r.Whole, r.Err = s.split.Split(chunk)
	r.Made, r.Single, r.Waits = s.split.Made(), s.split.Single(), s.split.Waits()
}

// Answer does the work of each request and returns the replies. Where those are not the
// requests' bytes they are all in whole, which is Built then, and r.Made says so.
func (s *Scratch) Answer(r *Requests) (first, whole []byte, err error) {
	first, whole, err = r.First, r.Whole, r.Err
	if s.Work == nil && !r.Made && !r.Waits && err == nil {
		return first, whole, nil
	}
	s.Built = s.Built[:0]
	if end := s.build(r); end != nil {
		err = end
	}
	switch {
	case err != nil:
		s.Built = s.codec.Notice(s.Built, err)
	case r.Waits:
		s.Built = s.codec.Notice(s.Built, wire.ErrContinue)
	}
	if r.Made = r.Made || len(s.Built) > 0; r.Made {
		first, whole = nil, s.Built
	}
	return first, whole, err
}

// build does the work of each request, and where one has a reply of its own
// builds the replies, up to the first that ends the stream. What they ask for together is within
// [wire.Budget], so that a few bytes cannot ask for much memory.
func (s *Scratch) build(r *Requests) error {
	s.left = wire.Budget(s.max)
	if len(r.First) > 0 {
		if err := s.reply(r.First, r.Made); err != nil {
			return err
		}
	}
	if r.Single { // whose end nobody needs to look for again
		return s.reply(r.Whole, r.Made)
	}
	for request := range s.Frames.Requests(r.Whole) {
		if err := s.reply(request, r.Made); err != nil {
			return err
		}
	}
	return nil
}

// reply does the work of a request, and builds its reply if any is to be.
func (s *Scratch) reply(request []byte, made bool) (err error) {
	if s.Work != nil {
		s.Work(request)
	}
	if made {
		s.Built, err = s.codec.Reply(s.Built, request, &s.left)
	}
	return err
}

// Partial reports whether a request has begun to arrive and has not ended.
func (s *Session) Partial() bool { return s.split.Partial() }
