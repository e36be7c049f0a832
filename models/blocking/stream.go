// Package blocking has the models whose goroutines or threads each wait for one client.
// Those on net.Conn share one server and differ in their dispatcher.
package blocking

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"

	"connbench/models"
	"connbench/models/kernel"
	"connbench/models/serving"
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
	serving.Lifecycle
	serving.Tally
	cfg      models.Config
	options  kernel.SocketOptions
	dispatch dispatcher
	listener net.Listener

	// talk serves a connection to its end, and returns what ended it and whether
	// that was inside a request.
	talk func(net.Conn) (partial bool, err error)

	connsMu sync.Mutex
	conns   map[net.Conn]struct{}
}

func openStream(cfg models.Config, d dispatcher) (models.Server, error) {
	s, err := newStreamServer(cfg, d)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func newStreamServer(cfg models.Config, d dispatcher) (*streamServer, error) {
	s := &streamServer{
		Lifecycle: serving.NewLifecycle(),
		cfg:       cfg,
		options:   cfg.SocketOptions(),
		dispatch:  d,
		conns:     map[net.Conn]struct{}{},
	}
	s.talk = func(c net.Conn) (bool, error) { return s.converse(c, &plainSource{c, make([]byte, cfg.ReadBuffer)}) }
	if cfg.TLS {
		secure, err := serving.NewTLSConfig(cfg.Framing)
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
	if !s.Begin() {
		return nil
	}
	defer s.End()
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
	return s.Finish(ctx, drain, cut, release)
}

func (s *streamServer) accept() error {
	var pause serving.Backoff
	for {
		c, err := s.listener.Accept()
		switch {
		case err == nil:
			pause.Reset()
			s.dispatch.Go(func() { s.serve(c) })
		case s.Stopping():
			return nil
		case errors.Is(err, syscall.ECONNABORTED):
		case serving.OutOfResources(err):
			s.Backoff.Add(1)
			pause.Wait(s.Stop)
		default:
			return err
		}
	}
}

func (s *streamServer) serve(c net.Conn) {
	defer c.Close()
	if !s.track(c) {
		return
	}
	defer s.forget(c)
	s.Accepted.Add(1)
	if err := s.options.Apply(c); err != nil {
		s.Ended(err, false)
		return
	}
	partial, err := s.talk(c)
	s.Ended(err, partial)
}

// track notes an open connection, unless Shutdown has begun.
func (s *streamServer) track(c net.Conn) bool {
	s.connsMu.Lock()
	defer s.connsMu.Unlock()
	if s.Stopping() {
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
