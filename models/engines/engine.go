package models

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"

	"connbench/models/kernel"
)

// Engine is what the adapter of a third-party engine makes its [Server] of: with it,
// requests, counters, sockets and Shutdown mean what they mean for the models of
// this package.
//
// Serve begins with Begin and ends with End. In between it accepts until Draining is
// closed, then answers what has begun to arrive, and gives up on the rest when
// Cutting is closed.
type Engine struct {
	lifecycle
	counters
	cfg     Config
	cutting chan struct{}
	cut     sync.Once
}

// NewEngine is an Engine for the Config that an adapter's Open was given.
func NewEngine(cfg Config) *Engine {
	return &Engine{lifecycle: newLifecycle(), cfg: cfg, cutting: make(chan struct{})}
}

// Config is what the server was told.
func (e *Engine) Config() Config { return e.cfg }

// Begin is Serve's first step; where it returns false, Shutdown came first.
func (e *Engine) Begin() bool { return e.begin() }

// End is Serve's last step.
func (e *Engine) End() { e.end() }

// Draining is closed when Shutdown begins.
func (e *Engine) Draining() <-chan struct{} { return e.stop }

// IsDraining reports whether Shutdown has begun.
func (e *Engine) IsDraining() bool { return e.stopping() }

// Cutting is closed when Shutdown's time is up.
func (e *Engine) Cutting() <-chan struct{} { return e.cutting }

// Finish is Shutdown; release frees what a Server that was never served holds.
func (e *Engine) Finish(ctx context.Context, release func()) error {
	cut := func() { e.cut.Do(func() { close(e.cutting) }) }
	return e.shutdown(ctx, func() {}, cut, release)
}

// Listen listens as the Config says, for engines that take a listener.
func (e *Engine) Listen() (net.Listener, error) {
	return kernel.Listen(e.cfg.Network, e.cfg.Address, e.cfg.socketOptions())
}

// Accept takes a connection off l and sets the options that it did not inherit, for
// engines that take connections. While the process is out of descriptors it pauses
// and goes on. It returns [net.ErrClosed] once l is closed.
func (e *Engine) Accept(l net.Listener) (net.Conn, error) {
	var pause backoff
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			err = e.cfg.socketOptions().Apply(c)
			if err == nil {
				return c, nil
			}
			e.Accepted()
			e.Ended(err, false)
			c.Close()
		case e.OutOfResources(err):
			pause.wait(e.stop)
		case errors.Is(err, syscall.ECONNABORTED):
		default:
			return nil, err
		}
	}
}

// OutOfResources reports whether err, from accepting, passes when others give
// something back, and counts it.
func (e *Engine) OutOfResources(err error) bool {
	if !outOfResources(err) {
		return false
	}
	e.backoff.Add(1)
	return true
}

// Accepted counts a connection taken.
func (e *Engine) Accepted() { e.accepted.Add(1) }

// Ended counts the end of a connection: err is what ended it, [ErrDrained] or
// [net.ErrClosed] if that was Shutdown, and partial whether a request had begun.
func (e *Engine) Ended(err error, partial bool) { e.ended(err, partial) }

// ErrDrained ends a connection that Shutdown found between two requests.
var ErrDrained = errDrained

// Session is one connection's stream of requests, as every model of this package
// reads it.
type Session struct{ session session }

// NewSession is the beginning of a stream.
func (e *Engine) NewSession() Session { return Session{newSession(&e.cfg)} }

// NewSessions makes Sessions that share memory, for a loop: they are used by one
// goroutine at a time, and what Replies returns is valid until the next call with any
// of them.
func (e *Engine) NewSessions() (newSession func() Session) {
	shared := newScratch(&e.cfg)
	return func() Session { return Session{shared.session()} }
}

// Replies does the work of the requests that chunk completes and returns the replies:
// all of first, then all of whole. They are parts of chunk or of a buffer of the
// Session's own, and valid until the next call. An error ends the stream after them.
func (s *Session) Replies(chunk []byte) (first, whole []byte, err error) {
	return s.session.replies(chunk)
}

// Partial reports whether a request has begun to arrive and has not ended.
func (s *Session) Partial() bool { return s.session.partial() }
