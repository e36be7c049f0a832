package models

import "connbench/models/wire"

// session is the state of one connection's stream of requests: it turns the
// bytes that arrive into the replies to send.
type session struct {
	raw   bool
	split wire.Splitter
	built []byte               // replies that are not the requests' bytes
	work  func(payload []byte) // what is done for each request; nil for echo
}

func newSession(cfg *Config) session {
	return session{raw: cfg.Framing == Raw, split: wire.Splitter{Max: cfg.MaxFrame}, work: cfg.perform}
}

// replies returns the replies to the requests that chunk completes, in order:
// all of first, then all of whole. They are parts of chunk or of a buffer of the
// session's own, copied only for a request that asks for a reply of another size,
// and valid until the next call. An error ends the stream after them: it wraps
// [wire.ErrTooLong] or [wire.ErrMalformed].
func (s *session) replies(chunk []byte) (first, whole []byte, err error) {
	if s.raw {
		s.perform(chunk)
		return nil, chunk, nil
	}
	first, whole, err = s.split.Split(chunk)
	if s.work == nil && !s.split.Sized() {
		return first, whole, err
	}
	if bad := s.answer(first, whole); bad != nil {
		err = bad
	}
	if s.split.Sized() {
		first, whole = nil, s.built
	}
	return first, whole, err
}

// answer does the work of each request, and where one asks for a reply of another
// size builds the replies, up to the first that cannot be. Together those may be
// as long as one frame may, so that a few bytes cannot ask for much memory.
func (s *session) answer(parts ...[]byte) (err error) {
	s.built = s.built[:0]
	for _, frames := range parts {
		for frame := range wire.Frames(frames) {
			s.perform(frame[wire.HeaderSize:])
			if !s.split.Sized() {
				continue
			}
			if s.built, err = wire.AppendReply(s.built, frame, s.split.Max-len(s.built)); err != nil {
				return err
			}
		}
	}
	return nil
}

// perform does the work for one request.
func (s *session) perform(payload []byte) {
	if s.work != nil {
		s.work(payload)
	}
}

// partial reports whether a request has begun to arrive and has not ended.
func (s *session) partial() bool { return s.split.Partial() }
