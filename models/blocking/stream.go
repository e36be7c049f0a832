package models

import (
	"context"
	"errors"
	"net"
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
// poller; the dispatcher, and where the bytes come from, are all that its models
// differ in.
type streamServer struct {
	lifecycle
	counters
	cfg      Config
	options  kernel.SocketOptions
	dispatch dispatcher
	listener net.Listener

	// talk serves a connection to its end, and returns what ended it and whether
	// that was inside a request.
	talk func(net.Conn) (partial bool, err error)

	connsMu sync.Mutex
	conns   map[net.Conn]struct{}
}

func openStream(cfg Config, d dispatcher) (Server, error) {
	s, err := newStreamServer(cfg, d)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func newStreamServer(cfg Config, d dispatcher) (*streamServer, error) {
	s := &streamServer{
		lifecycle: newLifecycle(),
		cfg:       cfg,
		options:   cfg.socketOptions(),
		dispatch:  d,
		conns:     map[net.Conn]struct{}{},
	}
	s.talk = s.talkPlain
	if cfg.TLS {
		secure, err := newTLSConfig()
		if err != nil {
			return nil, err
		}
		s.talk = func(c net.Conn) (bool, error) { return s.talkTLS(c, secure) }
	}
	var err error
	s.listener, err = kernel.Listen(cfg.Network, cfg.Address, s.options)
	return s, err
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
	partial, err := s.talk(c)
	s.ended(err, partial)
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
