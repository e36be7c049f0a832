package models

import "connbench/models/wire"

// session is the state of one connection's stream of requests: it turns the
// bytes that arrive into the replies to send.
type session struct {
	raw   bool
	split wire.Splitter
	work  func(payload []byte) // what is done for each request; nil for echo
}

func newSession(cfg *Config) session {
	return session{raw: cfg.Framing == Raw, split: wire.Splitter{Max: cfg.MaxFrame}}
}

// replies returns the replies to the requests that chunk completes, in order:
// all of first, then all of whole. They are parts of chunk or of a buffer of the
// session's own, never copies, and valid until the next call. An error wrapping
// [wire.ErrTooLong] ends the stream after them.
func (s *session) replies(chunk []byte) (first, whole []byte, err error) {
	if s.raw {
		s.perform(chunk)
		return nil, chunk, nil
	}
	first, whole, err = s.split.Split(chunk)
	if s.work != nil {
		for _, frames := range [][]byte{first, whole} {
			for payload := range wire.Payloads(frames) {
				s.work(payload)
			}
		}
	}
	return first, whole, err
}

// perform does the work for one request.
func (s *session) perform(payload []byte) {
	if s.work != nil {
		s.work(payload)
	}
}

// partial reports whether a request has begun to arrive and has not ended.
func (s *session) partial() bool { return s.split.Partial() }
