package readiness

import (
	"io"
	"net"
	"sync"
	"sync/atomic"

	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

// requestConn is a connection of a requestServer. Whoever holds mu may use it.
type requestConn struct {
	fd    int
	quiet atomic.Int64 // since when it waits for an event, after the server's start; busy if it does not

	mu      sync.Mutex
	closed  bool
	session serving.Session // with the scratch of the worker whose turn it is
	sender
}

// busy is the quiet of a connection that an event was reported for.
const busy = -1

// turn sends the replies that are pending and answers what one read finds. While
// replies are pending nothing is read: a peer that does not read costs no more
// than the replies to one read, and no worker. Once Shutdown has begun, turn reads
// on while there is more, and ends the connection between two requests. It returns
// what ends the connection, nil to go on.
func (s *requestServer) turn(c *requestConn, buf []byte) error {
	if c.pending != nil {
		if err := c.flush(c.fd); err != nil || c.pending != nil {
			return err
		}
	}
	draining := s.Stopping()
	reads := 1
	if draining {
		reads = serving.LastLooks
	}
	for range reads {
		if s.cutting.Load() {
			return net.ErrClosed
		}
		n, err := c.read(buf)
		if err != nil {
			return err
		}
		if n > 0 {
			first, whole, err := c.session.Replies(buf[:n])
			if err := c.reply(c.fd, first, whole, err); err != nil || c.pending != nil {
				return err
			}
		}
		if n < len(buf) {
			break
		}
	}
	if draining && !c.session.Partial() {
		return serving.ErrDrained
	}
	return nil
}

// read reads what has arrived, which may be nothing; the end of the stream is [io.EOF].
func (c *requestConn) read(buf []byte) (int, error) {
	n, errno := kernel.Recv(c.fd, buf)
	switch {
	case errno == unix.EAGAIN:
		return 0, nil
	case errno != 0:
		return 0, errno
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}
