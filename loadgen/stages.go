package loadgen

import (
	"context"
	"errors"
	"sync"
)

// Stages lets the caller follow a run and hold it back. Any may be nil.
type Stages struct {
	// Connected is called when every client is connected or has failed to; the
	// load begins when it returns nil.
	Connected func() error
	// Measuring and Measured are called at the window's two ends. No connection is
	// closed before Measured has returned.
	Measuring, Measured func()
	// Live is called every [Spec.Live] of the load, if that is more than 0. Of client
	// processes that are given up it may come late, when their Run has returned.
	Live func(Live)
}

// errNobody is what Run returns when no client got a connection.
var errNobody = errors.New("no client could connect")

// of is the stages of n parts of a load as one part sees them: each is called for the
// last of them, and Connected and Measured hold the others back until then, or until
// ctx ends. None is nil.
func (s Stages) of(ctx context.Context, n int) Stages {
	var mu sync.Mutex
	last := func(f func()) func() {
		left := n
		return func() {
			mu.Lock()
			defer mu.Unlock()
			if left--; left == 0 {
				f()
			}
		}
	}
	together := func(f func() error) func() error {
		passed := make(chan struct{})
		var err error
		arrive := last(func() {
			err = f()
			close(passed)
		})
		return func() error {
			arrive()
			select {
			case <-passed:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	measured := together(func() error {
		if s.Measured != nil {
			s.Measured()
		}
		return nil
	})
	return Stages{
		Connected: together(func() error {
			if s.Connected != nil {
				return s.Connected()
			}
			return nil
		}),
		Measuring: last(func() {
			if s.Measuring != nil {
				s.Measuring()
			}
		}),
		Measured: func() { measured() },
		Live: combined(n, func(l Live) {
			if s.Live != nil {
				s.Live(l)
			}
		}),
	}
}
