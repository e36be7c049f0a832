package blocking

import (
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

type threadConn struct {
	fd      int
	thread  int         // its identifier, for signals
	waiting atomic.Bool // for a request; see wakeAll
	session serving.Session
	looks   int // since Shutdown has begun

	closing sync.Mutex // held to close fd, and to shut it down
	closed  bool
}

// longWait is set as the time of reads that may take for ever. Without any, a read
// goes on after a signal.
const longWait = 24 * time.Hour

func (s *threadServer) serve(fd int) {
	runtime.LockOSThread() // for good: the thread ends with the goroutine
	defer s.slots.free()
	c := &threadConn{fd: fd, thread: unix.Gettid(), session: serving.NewSession(&s.cfg)}
	defer s.drop(c)
	buf, open := make([]byte, s.cfg.ReadBuffer), s.track(c)
	<-s.slots.beginning
	if !open {
		return
	}
	s.Accepted.Add(1)
	err := s.prepare(fd)
	for err == nil {
		var n int
		if n, err = s.read(c, buf); err == nil {
			err = s.answer(c, buf[:n])
		}
	}
	s.ended(c, err)
}

// cut ends the reads and writes of c, those that wait included.
func (c *threadConn) cut() {
	c.closing.Lock()
	defer c.closing.Unlock()
	if !c.closed {
		unix.Shutdown(c.fd, unix.SHUT_RDWR)
	}
}

func (c *threadConn) close() {
	c.closing.Lock()
	defer c.closing.Unlock()
	c.closed = true
	unix.Close(c.fd)
}

func (s *threadServer) prepare(fd int) error {
	read := s.cfg.IdleTimeout
	if read == 0 {
		read = longWait
	}
	if err := kernel.SetWaits(fd, read, s.cfg.IdleTimeout); err != nil {
		return err
	}
	return s.cfg.SocketOptions().ApplyRaw(s.cfg.Network, fd)
}

// read waits for bytes. Once Shutdown has begun it waits only inside a request, for
// the rest; between requests it takes what has arrived already.
func (s *threadServer) read(c *threadConn, buf []byte) (int, error) {
	partial := c.session.Partial()
	for {
		// In this order, and wakeAll's is the other way round.
		c.waiting.Store(!partial)
		if !partial && s.Stopping() {
			c.waiting.Store(false)
			return c.arrived(buf)
		}
		n, errno := kernel.WaitRead(c.fd, buf)
		switch {
		case errno == unix.EINTR:
			continue
		case errno == unix.EAGAIN && s.cfg.IdleTimeout == 0:
			continue // after a long wait
		}
		c.waiting.Store(false)
		return ending(n, errno)
	}
}

// arrived is a last look at what has arrived.
func (c *threadConn) arrived(buf []byte) (int, error) {
	if c.looks++; c.looks > serving.LastLooks {
		return 0, serving.ErrDrained
	}
	n, errno := kernel.Recv(c.fd, buf)
	if errno == unix.EAGAIN {
		return 0, serving.ErrDrained
	}
	return ending(n, errno)
}

// ending is what a read's outcome means for its connection.
func ending(n int, errno unix.Errno) (int, error) {
	switch {
	case errno == unix.EAGAIN:
		return 0, os.ErrDeadlineExceeded
	case errno != 0:
		return 0, errno
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

func (s *threadServer) answer(c *threadConn, chunk []byte) error {
	first, whole, err := c.session.Replies(chunk)
	for _, reply := range [][]byte{first, whole} {
		if werr := c.write(reply); werr != nil {
			return werr
		}
	}
	return err
}

func (c *threadConn) write(p []byte) error {
	for len(p) > 0 {
		n, errno := kernel.WaitWrite(c.fd, p)
		switch errno {
		case 0:
			p = p[n:]
		case unix.EINTR:
		case unix.EAGAIN:
			return os.ErrDeadlineExceeded
		default:
			return errno
		}
	}
	return nil
}
