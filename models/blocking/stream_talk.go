package blocking

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"connbench/models/kernel"
	"connbench/models/serving"
)

// source is where the bytes of a connection come from. What it returns is valid
// until the next call of either method.
type source interface {
	// next waits for bytes.
	next() ([]byte, error)
	// arrived takes those that have arrived already, and returns [serving.ErrDrained]
	// where there are none.
	arrived() ([]byte, error)
	// begun reports whether bytes are on their way that neither method has
	// returned: a part of what can only be returned whole.
	begun() bool
}

func (s *streamServer) converse(c net.Conn, src source) (partial bool, err error) {
	session := serving.NewSession(&s.cfg)
	looks := 0
	for {
		chunk, err := s.read(c, src, session.Partial(), &looks)
		if err == nil {
			err = answer(c, &session, chunk)
		}
		if err != nil {
			return session.Partial(), err
		}
	}
}

// read reads from src, which is that of c. Once Shutdown has begun it waits only
// inside a request, for the rest; between requests it takes what has arrived
// already, and ends with [serving.ErrDrained] where nothing has. It counts these looks.
func (s *streamServer) read(c net.Conn, src source, partial bool, looks *int) ([]byte, error) {
	for {
		var deadline time.Time
		if s.cfg.IdleTimeout > 0 {
			deadline = time.Now().Add(s.cfg.IdleTimeout)
			c.SetDeadline(deadline)
		}
		// After the deadline is set: Shutdown says stop before it moves the
		// deadline, so one of the two is always seen.
		if s.Stopping() && !partial && !src.begun() {
			if *looks++; *looks > serving.LastLooks {
				return nil, serving.ErrDrained
			}
			if chunk, err := src.arrived(); err == nil || !src.begun() {
				return chunk, err
			}
		}
		chunk, err := src.next()
		if len(chunk) > 0 {
			return chunk, nil
		}
		if !s.woken(err, deadline) {
			return nil, err
		}
		c.SetReadDeadline(deadline)
	}
}

// woken reports whether err came of the deadline that Shutdown sets, and not of
// the connection's own, which is zero for none.
func (s *streamServer) woken(err error, deadline time.Time) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) && s.Stopping() &&
		(deadline.IsZero() || time.Now().Before(deadline))
}

type plainSource struct {
	conn net.Conn
	buf  []byte
}

func (p *plainSource) next() ([]byte, error) {
	n, err := p.conn.Read(p.buf)
	return p.buf[:n], err
}

func (p *plainSource) arrived() ([]byte, error) {
	n, err := arrived(p.conn, p.buf)
	return p.buf[:n], err
}

func (p *plainSource) begun() bool { return false }

// arrived reads what has arrived already.
func arrived(c net.Conn, buf []byte) (int, error) {
	n, err := kernel.ReadNow(c.(syscall.Conn), buf)
	if errors.Is(err, syscall.EAGAIN) {
		return 0, serving.ErrDrained
	}
	return n, err
}

func answer(c net.Conn, s *serving.Session, chunk []byte) error {
	first, whole, err := s.Replies(chunk)
	for _, reply := range [][]byte{first, whole} {
		if len(reply) == 0 {
			continue
		}
		if _, werr := c.Write(reply); werr != nil {
			return werr
		}
	}
	return err
}
