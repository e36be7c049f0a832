package blocking

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"time"

	"connbench/models/serving"
)

// talkTLS shakes hands on c and serves what comes through. A peer that speaks no
// TLS ends as failed, one that says nothing as idle, one that leaves as anywhere.
func (s *streamServer) talkTLS(c net.Conn, config *tls.Config) (partial bool, err error) {
	records := &recordConn{Conn: c}
	t := tls.Server(records, config)
	defer t.Close() // which says so to the peer
	if err := s.shakeHands(c, t); err != nil {
		return records.seen, err
	}
	return s.converse(t, &tlsSource{t, records, make([]byte, s.cfg.ReadBuffer)})
}

// shakeHands makes the handshake within its time. Shutdown ends it: no request
// can have begun.
func (s *streamServer) shakeHands(c net.Conn, t *tls.Conn) error {
	within := s.cfg.IdleTimeout
	if within == 0 {
		within = serving.HandshakeTime
	}
	deadline := time.Now().Add(within)
	c.SetDeadline(deadline)
	if s.Stopping() { // after the deadline is set; see read
		return serving.ErrDrained
	}
	err := t.Handshake()
	if s.woken(err, deadline) {
		return serving.ErrDrained
	}
	if err == nil {
		c.SetDeadline(time.Time{})
	}
	return err
}

type tlsSource struct {
	conn    *tls.Conn
	records *recordConn
	buf     []byte
}

func (t *tlsSource) next() ([]byte, error) {
	n, err := t.conn.Read(t.buf)
	return t.buf[:n], err
}

func (t *tlsSource) arrived() ([]byte, error) {
	t.records.now = true
	defer func() { t.records.now = false }()
	n, err := t.conn.Read(t.buf)
	switch {
	case n > 0: // an error with it comes again
		err = nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = serving.ErrDrained
	}
	return t.buf[:n], err
}

// begun reports whether a part of a record has been read. A whole one that has
// been read and not been returned does not count: arrived returns it.
func (t *tlsSource) begun() bool { return t.records.inside() }
