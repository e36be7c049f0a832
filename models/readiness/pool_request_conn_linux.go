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
	out     []byte          // replies that the socket did not take
	last    error           // why to end once out is sent; nil to go on
}

// busy is the quiet of a connection that an event was reported for.
const busy = -1

// turn sends the replies that are pending and answers what one read finds. While
// replies are pending nothing is read: a peer that does not read costs no more
// than the replies to one read, and no worker. Once Shutdown has begun, turn reads
// on while there is more, and ends the connection between two requests. It returns
// what ends the connection, nil to go on.
func (s *requestServer) turn(c *requestConn, buf []byte) error {
	if err := c.flush(); err != nil || len(c.out) > 0 {
		return err
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
		if err := c.answer(buf[:n]); err != nil || len(c.out) > 0 {
			return err
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

// answer sends the replies that chunk completes, as far as they go.
func (c *requestConn) answer(chunk []byte) error {
	if len(chunk) == 0 {
		return nil
	}
	first, whole, err := c.session.Replies(chunk)
	for _, reply := range [...][]byte{first, whole} {
		if err := c.send(reply); err != nil {
			return err
		}
	}
	if len(c.out) > 0 {
		c.last = err
		return nil
	}
	return err
}

// send writes what the socket takes and keeps the rest pending.
func (c *requestConn) send(reply []byte) error {
	if len(reply) == 0 {
		return nil
	}
	n := 0
	if len(c.out) == 0 {
		var err error
		if n, err = c.write(reply); err != nil {
			return err
		}
	}
	c.out = append(c.out, reply[n:]...)
	return nil
}

// flush sends what is pending. It returns why the connection ends after that.
func (c *requestConn) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	n, err := c.write(c.out)
	if err != nil {
		return err
	}
	if c.out = c.out[n:]; len(c.out) > 0 {
		return nil
	}
	c.out = nil
	return c.last
}

// write writes what the socket takes, which may be nothing.
func (c *requestConn) write(p []byte) (int, error) {
	n, errno := kernel.Send(c.fd, p)
	switch errno {
	case 0:
		return n, nil
	case unix.EAGAIN:
		return 0, nil
	}
	return 0, errno
}

// events are those to wait for.
func (c *requestConn) events() uint32 {
	if len(c.out) > 0 {
		return kernel.Writable
	}
	return kernel.Readable
}
