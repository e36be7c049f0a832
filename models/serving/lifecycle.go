package models

import (
	"context"
	"sync"
)

// lifecycle is the part of a Server that no model does differently: Serve runs
// once, Shutdown ends it and waits for it, in any order and from any goroutine.
type lifecycle struct {
	mu      sync.Mutex
	serving bool
	stopped bool
	stop    chan struct{} // closed when Shutdown begins
	done    chan struct{} // closed when Serve has returned
}

func newLifecycle() lifecycle {
	return lifecycle{stop: make(chan struct{}), done: make(chan struct{})}
}

// begin is Serve's first step; where it returns false, Shutdown came first and
// there is nothing to serve. Otherwise Serve ends with end.
func (l *lifecycle) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.serving {
		panic("models: Serve called twice")
	}
	l.serving = !l.stopped
	return l.serving
}

func (l *lifecycle) end() { close(l.done) }

// stopping reports whether Shutdown has begun.
func (l *lifecycle) stopping() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// shutdown ends Serve: drain tells it to finish what it has begun, cut to drop
// the rest, and release frees what a Server that was never served holds.
func (l *lifecycle) shutdown(ctx context.Context, drain, cut, release func()) error {
	l.mu.Lock()
	first, serving := !l.stopped, l.serving
	l.stopped = true
	if first {
		close(l.stop)
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
