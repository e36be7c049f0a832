package loadgen

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Stages lets the caller follow a run and hold it back. Any may be nil.
type Stages struct {
	// Connecting is called every second until then with the number of clients that
	// are connected, and of client processes by each.
	Connecting func(connected int)
	// Connected is called when every client is connected or has failed to; the
	// load begins when it returns nil.
	Connected func() error
	// Measuring and Measured are called at the window's two ends. No connection is
	// closed before Measured has returned.
	Measuring, Measured func()
	// Live is called every [Spec.Live] of the load, if that is more than 0. Of client
	// processes that are given up it may come late, when their Run has returned.
	Live func(Live)

	// Interrupt ends the window when it is closed, so that the result is of a shorter
	// one; before the window it is [context.Canceled]. What is unanswered then has
	// [Spec.Timeout] left, up to a second. May be nil.
	Interrupt <-chan struct{}

	// Slack is how long client processes may take beyond what their load can, on a
	// machine that is busy, before they are taken for hanging; 0 for 30 s.
	Slack time.Duration
}

// errNobody is what Run returns when no client got a connection.
var errNobody = errors.New("no client could connect")

// of is the stages of n parts of a load as one part sees them: each is called for the
// last of them, and Connected and Measured hold the others back until then, or until
// ctx ends. Connecting takes how many clients more are connected. None is nil.
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
	connected := 0
	return Stages{
		Connecting: func(more int) {
			mu.Lock()
			defer mu.Unlock()
			if connected += more; s.Connecting != nil {
				s.Connecting(connected)
			}
		},
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
