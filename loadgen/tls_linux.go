package loadgen

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// secure is a connection's TLS. The handshake blocks, in a goroutine of its own;
// after that, reading and writing never wait, as on a bare socket.
//
// crypto/tls goes on after a read that failed for the time being, but not after such
// a write. So a read says it plainly, and a write takes everything and keeps what the
// socket does not.
type secure struct {
	*tls.Conn
	socket tlsSocket
}

// tlsSocket is what TLS reads from and writes to. Only these two are called.
type tlsSocket struct {
	net.Conn
	fd       int
	blocking bool
	pending  []byte // written, and not taken by the socket
}

// again is the error of a read that would have to wait.
type again struct{ error }

func (again) Timeout() bool   { return true }
func (again) Temporary() bool { return true }

var errAgain = again{unix.EAGAIN}

func (s *tlsSocket) Read(p []byte) (int, error) {
	n, errno := s.recv(p)
	switch {
	case errno == unix.EAGAIN && !s.blocking:
		return 0, errAgain
	case errno == unix.EAGAIN:
		return 0, os.ErrDeadlineExceeded
	case errno != 0:
		return 0, errno
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

func (s *tlsSocket) recv(p []byte) (int, unix.Errno) {
	if !s.blocking {
		return kernel.Recv(s.fd, p)
	}
	for {
		n, err := unix.Read(s.fd, p)
		switch err {
		case nil:
			return n, 0
		case unix.EINTR: // with a timeout of the socket the kernel does not go on by itself
		default:
			return 0, err.(unix.Errno)
		}
	}
}

func (s *tlsSocket) Write(p []byte) (int, error) {
	s.pending = append(s.pending, p...)
	if errno := s.flush(); errno != 0 && errno != unix.EAGAIN {
		return 0, errno
	}
	return len(p), nil
}

func (s *tlsSocket) flush() unix.Errno {
	if len(s.pending) == 0 {
		return 0
	}
	n, errno := kernel.Send(s.fd, s.pending)
	if errno == 0 {
		s.pending = s.pending[:copy(s.pending, s.pending[n:])]
	}
	return errno
}

type handshake struct {
	slot       int
	generation uint32
	secure     *secure
	err        error
}

type shakes struct {
	running sync.WaitGroup
	mu      sync.Mutex
	ended   []handshake
}

// shake begins c's handshake; takeShaken takes its end. It has a descriptor of its
// own, since c may give up and close its.
func (w *worker) shake(c *conn, now time.Duration) {
	fd, err := unix.FcntlInt(uintptr(c.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		w.unconnected(c, classOf(err.(unix.Errno)), now)
		return
	}
	w.poller.Remove(c.fd)
	unix.SetNonblock(c.fd, false)
	timeout := unix.NsecToTimeval(int64(w.spec.ConnectTimeout))
	unix.SetsockoptTimeval(c.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout)
	s := &secure{socket: tlsSocket{fd: fd, blocking: true}}
	s.Conn = tls.Client(&s.socket, w.secure)
	h := handshake{slot: c.slot, generation: c.generation, secure: s}
	w.shakes.running.Go(func() {
		h.err = s.HandshakeContext(context.Background())
		unix.Close(fd)
		w.shakes.mu.Lock()
		w.shakes.ended = append(w.shakes.ended, h)
		w.shakes.mu.Unlock()
		w.poller.Wake()
	})
}

func (w *worker) takeShaken() {
	w.shakes.mu.Lock()
	ended := w.shakes.ended
	w.shakes.ended = nil
	w.shakes.mu.Unlock()
	for _, h := range ended {
		c, now := &w.conns[h.slot], w.clock()
		switch {
		case c.generation != h.generation || c.state != connecting:
		case h.err != nil:
			w.unconnected(c, handshakeClass(h.err), now)
		default:
			unix.SetNonblock(c.fd, true)
			h.secure.socket.fd, h.secure.socket.blocking = c.fd, false
			c.secure = h.secure
			w.poller.Add(c.fd, kernel.Readable|kernel.Edge)
			w.ready(c, now)
		}
	}
}

func handshakeClass(err error) class {
	var errno unix.Errno
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return connectTimeout
	case errors.As(err, &errno):
		return classOf(errno)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return closed
	}
	return noTLS
}

// send writes out as a whole; see [tlsSocket].
func (s *secure) send(out []byte) (int, unix.Errno) {
	n, err := s.Write(out)
	return n, errnoOf(err)
}

func (s *secure) recv(p []byte) (int, unix.Errno) {
	n, err := s.Read(p)
	switch {
	case n > 0, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return n, 0
	}
	return 0, errnoOf(err)
}

// errnoOf is the system's error in err; what TLS itself finds wrong is a protocol
// error.
func errnoOf(err error) unix.Errno {
	var errno unix.Errno
	switch {
	case err == nil:
		return 0
	case errors.As(err, &errno):
		return errno
	case errors.Is(err, errAgain):
		return unix.EAGAIN
	}
	return unix.EPROTO
}

func (w *worker) drained(c *conn, now time.Duration) bool {
	if c.secure == nil {
		return true
	}
	switch errno := c.secure.socket.flush(); {
	case errno != 0 && errno != unix.EAGAIN:
		w.fail(c, classOf(errno), now)
		return false
	case len(c.secure.socket.pending) > 0:
		w.block(c)
		return false
	}
	return true
}

// deadlines are not for a socket that never waits; crypto/tls sets one for its
// goodbye.
func (s *tlsSocket) SetWriteDeadline(time.Time) error { return nil }
