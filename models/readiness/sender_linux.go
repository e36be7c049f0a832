package readiness

import (
	"slices"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// sender is what a connection has yet to send. Its methods never wait.
type sender struct {
	pending *pendingReplies // nil if there are none
}

type pendingReplies struct {
	out  []byte
	last error // why to end once out is sent; nil to go on
}

// reply sends replies, all of first and then all of whole, and keeps pending what the
// socket does not take. It returns what ends the connection, nil to go on: last, or
// why it cannot be written to. While replies are pending, last waits.
func (s *sender) reply(fd int, first, whole []byte, last error) error {
	for _, replies := range [...][]byte{first, whole} {
		if len(replies) == 0 {
			continue
		}
		if err := s.send(fd, replies); err != nil {
			return err
		}
	}
	if s.pending != nil {
		s.pending.last = last
		return nil
	}
	return last
}

func (s *sender) send(fd int, replies []byte) error {
	if s.pending != nil {
		s.pending.out = append(s.pending.out, replies...)
		return nil
	}
	n, errno := kernel.Send(fd, replies)
	switch {
	case errno == unix.EAGAIN:
		n = 0
	case errno != 0:
		return errno
	}
	if n < len(replies) {
		s.pending = &pendingReplies{out: slices.Clone(replies[n:])}
	}
	return nil
}

// flush sends what is pending. It returns what ends the connection.
func (s *sender) flush(fd int) error {
	p := s.pending
	n, errno := kernel.Send(fd, p.out)
	switch {
	case errno == unix.EAGAIN:
		return nil
	case errno != 0:
		return errno
	}
	if p.out = p.out[n:]; len(p.out) > 0 {
		return nil
	}
	s.pending = nil
	return p.last
}
