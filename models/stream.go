package models

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"connbench/models/kernel"
)

// dispatcher is what makes a model on net.Conn: it gives a connection a thread
// of control to be served by.
type dispatcher interface {
	// Go calls serve, now or later, here or elsewhere. While it does not
	// return, no further connection is accepted.
	Go(serve func())
	// Wait returns when every serve has.
	Wait()
}

// streamServer serves TCP and Unix sockets through net.Conn and the runtime's
// poller; the dispatcher is all that its models differ in.
type streamServer struct {
	lifecycle
	counters
	cfg      Config
	options  kernel.SocketOptions
	dispatch dispatcher
	listener net.Listener

	connsMu sync.Mutex
	conns   map[net.Conn]struct{}
}

func openStream(cfg Config, d dispatcher) (Server, error) {
	options := cfg.socketOptions()
	l, err := kernel.Listen(cfg.Network, cfg.Address, options)
	if err != nil {
		return nil, err
	}
	return &streamServer{
		lifecycle: newLifecycle(),
		cfg:       cfg,
		options:   options,
		dispatch:  d,
		listener:  l,
		conns:     map[net.Conn]struct{}{},
	}, nil
}

func (s *streamServer) Addr() net.Addr { return s.listener.Addr() }

func (s *streamServer) Serve() error {
	if !s.begin() {
		return nil
	}
	defer s.end()
	err := s.accept()
	s.dispatch.Wait()
	return err
}

func (s *streamServer) Shutdown(ctx context.Context) error {
	drain := func() {
		s.listener.Close()
		past := time.Unix(1, 0)
		s.each(func(c net.Conn) { c.SetReadDeadline(past) })
	}
	cut := func() { s.each(func(c net.Conn) { c.Close() }) }
	release := func() { s.listener.Close() }
	return s.shutdown(ctx, drain, cut, release)
}

// accept hands connections to the dispatcher until Shutdown.
func (s *streamServer) accept() error {
	var pause backoff
	for {
		c, err := s.listener.Accept()
		switch {
		case err == nil:
			pause.reset()
			s.dispatch.Go(func() { s.serve(c) })
		case s.stopping():
			return nil
		case errors.Is(err, syscall.ECONNABORTED):
		case outOfResources(err):
			s.backoff.Add(1)
			pause.wait(s.stop)
		default:
			return err
		}
	}
}

// serve answers c's requests until it ends.
func (s *streamServer) serve(c net.Conn) {
	defer c.Close()
	if !s.track(c) {
		return
	}
	defer s.forget(c)
	s.accepted.Add(1)
	if err := s.options.Apply(c); err != nil {
		s.ended(err, false)
		return
	}
	session := newSession(&s.cfg)
	buf := make([]byte, s.cfg.ReadBuffer)
	looks := 0
	for {
		n, err := s.read(c, buf, session.partial(), &looks)
		if err == nil {
			err = answer(c, &session, buf[:n])
		}
		if err != nil {
			s.ended(err, session.partial())
			return
		}
	}
}

// lastLooks bounds how often a connection that always has more is read once
// Shutdown has begun.
const lastLooks = 16

// read reads from c. Once Shutdown has begun it waits only inside a request, for
// the rest; between requests it takes what has arrived already, and ends with
// errDrained where nothing has. It counts these looks.
func (s *streamServer) read(c net.Conn, buf []byte, partial bool, looks *int) (int, error) {
	for {
		var deadline time.Time
		if s.cfg.IdleTimeout > 0 {
			deadline = time.Now().Add(s.cfg.IdleTimeout)
			c.SetDeadline(deadline)
		}
		// After the deadline is set: Shutdown says stop before it moves the
		// deadline, so one of the two is always seen.
		if s.stopping() && !partial {
			if *looks++; *looks > lastLooks {
				return 0, errDrained
			}
			return arrived(c, buf)
		}
		n, err := c.Read(buf)
		if n > 0 {
			return n, nil
		}
		woken := errors.Is(err, os.ErrDeadlineExceeded) && s.stopping() &&
			(deadline.IsZero() || time.Now().Before(deadline))
		if !woken {
			return 0, err
		}
		c.SetReadDeadline(deadline)
	}
}

// arrived reads what has arrived already.
func arrived(c net.Conn, buf []byte) (int, error) {
	n, err := kernel.ReadNow(c.(syscall.Conn), buf)
	if errors.Is(err, syscall.EAGAIN) {
		return 0, errDrained
	}
	return n, err
}

func answer(c net.Conn, s *session, chunk []byte) error {
	first, whole, err := s.replies(chunk)
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

// track notes an open connection, unless Shutdown has begun.
func (s *streamServer) track(c net.Conn) bool {
	s.connsMu.Lock()
	defer s.connsMu.Unlock()
	if s.stopping() {
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

func (s *streamServer) forget(c net.Conn) {
	s.connsMu.Lock()
	defer s.connsMu.Unlock()
	delete(s.conns, c)
}

func (s *streamServer) each(f func(net.Conn)) {
	s.connsMu.Lock()
	defer s.connsMu.Unlock()
	for c := range s.conns {
		f(c)
	}
}

// backoff is how accepting waits when the process is out of descriptors: longer
// each time in a row, up to maxPause, and not past the end of Shutdown.
type backoff struct{ pause time.Duration }

const (
	minPause = 5 * time.Millisecond
	maxPause = time.Second
)

func (b *backoff) reset() { b.pause = 0 }

// next is the pause to make now.
func (b *backoff) next() time.Duration {
	b.pause = min(max(minPause, 2*b.pause), maxPause)
	return b.pause
}

func (b *backoff) wait(stop <-chan struct{}) {
	t := time.NewTimer(b.next())
	defer t.Stop()
	select {
	case <-t.C:
	case <-stop:
	}
}
