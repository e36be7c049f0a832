package engines

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"

	"connbench/models"
	"connbench/models/kernel"
	"connbench/models/serving"
)

// base is what an adapter makes its [models.Server] of: with it, requests, counters,
// sockets and Shutdown mean what they mean for our own models.
//
// Serve begins with Begin and ends with End. In between it accepts until Stop is
// closed, then answers what has begun to arrive, and gives up on the rest when
// cutting is closed.
type base struct {
	serving.Lifecycle
	serving.Tally
	cfg     models.Config
	cutting signal // Shutdown's time is up
}

func newBase(cfg models.Config) *base {
	return &base{Lifecycle: serving.NewLifecycle(), cfg: cfg, cutting: newSignal()}
}

// finish is Shutdown; release frees what a Server that was never served holds.
func (b *base) finish(ctx context.Context, release func()) error {
	return b.Finish(ctx, func() {}, b.cutting.give, release)
}

func (b *base) listen() (net.Listener, error) {
	return kernel.Listen(b.cfg.Network, b.cfg.Address, b.cfg.SocketOptions())
}

// acceptFrom takes a connection off l and sets the options that it did not inherit, for
// engines that take connections. While the process is out of descriptors it pauses
// and goes on. It returns [net.ErrClosed] once l is closed.
func (b *base) acceptFrom(l net.Listener) (net.Conn, error) {
	var pause serving.Backoff
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			err = b.cfg.SocketOptions().Apply(c)
			if err == nil {
				return c, nil
			}
			b.Accepted.Add(1)
			b.Ended(err, false)
			c.Close()
		case b.outOfResources(err):
			pause.Wait(b.Stop)
		case errors.Is(err, syscall.ECONNABORTED):
		default:
			return nil, err
		}
	}
}

// outOfResources reports whether err, from accepting, passes when others give
// something back, and counts it.
func (b *base) outOfResources(err error) bool {
	if !serving.OutOfResources(err) {
		return false
	}
	b.Backoff.Add(1)
	return true
}

// newSessions makes sessions that share memory, for a loop: they are used by one
// goroutine at a time, and what Replies returns is valid until the next call with any
// of them.
func (b *base) newSessions() func() serving.Session { return serving.NewScratch(&b.cfg).Session }

// signal says once that something has happened.
type signal struct {
	once sync.Once
	C    chan struct{} // closed then
}

func newSignal() signal { return signal{C: make(chan struct{})} }

func (s *signal) give() { s.once.Do(func() { close(s.C) }) }
