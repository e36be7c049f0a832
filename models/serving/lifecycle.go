package serving

import (
	"context"
	"sync"
)

// Lifecycle is the part of a [models.Server] that no model does differently: Serve runs
// once, Shutdown ends it and waits for it, in any order and from any goroutine.
type Lifecycle struct {
	mu      sync.Mutex
	serving bool
	stopped bool
	Stop    chan struct{} // closed when Shutdown begins
	done    chan struct{} // closed when Serve has returned
}

// NewLifecycle is that of a Server which has been opened.
func NewLifecycle() Lifecycle {
	return Lifecycle{Stop: make(chan struct{}), done: make(chan struct{})}
}

// Begin is Serve's first step; where it returns false, Shutdown came first and
// there is nothing to serve. Otherwise Serve ends with End.
func (l *Lifecycle) Begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.serving {
		panic("serving: Serve called twice")
	}
	l.serving = !l.stopped
	return l.serving
}

// End is Serve's last step.
func (l *Lifecycle) End() { close(l.done) }

// Stopping reports whether Shutdown has begun.
func (l *Lifecycle) Stopping() bool {
	select {
	case <-l.Stop:
		return true
	default:
		return false
	}
}

// Finish is Shutdown, and ends Serve: drain tells it to finish what it has begun, cut to drop
// the rest, and release frees what a Server that was never served holds.
func (l *Lifecycle) Finish(ctx context.Context, drain, cut, release func()) error {
	l.mu.Lock()
	first, serving := !l.stopped, l.serving
	l.stopped = true
	if first {
		close(l.Stop)
	}
	l.mu.Unlock()
	switch {
	case !serving && first:
		release()
		return nil
	case !serving:
		return nil
	case first:
		drain()
	}
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		cut()
		<-l.done
		return ctx.Err()
	}
}
