package loadgen

import (
	"errors"
	"sync"
)

// Stages lets the caller follow a run and hold it back. Any may be nil.
type Stages struct {
	// Connected is called when every client is connected or has failed to; the
	// load begins when it returns nil.
	Connected func() error
	// Measuring and Measured are called at the window's two ends.
	Measuring, Measured func()
}

// errNobody is what Run returns when no client got a connection.
var errNobody = errors.New("no client could connect")

// of is the stages of n parts of a load as one part sees them: Connected holds each
// back until all are, and the others are called for the last of them. None is nil.
func (s Stages) of(n int) Stages {
	var mu sync.Mutex
	last := func(f func()) func() {
		left := n
		return func() {
			mu.Lock()
			defer mu.Unlock()
			if left--; left == 0 && f != nil {
				f()
			}
		}
	}
	all := make(chan struct{})
	var err error
	connected := last(func() {
		if s.Connected != nil {
			err = s.Connected()
		}
		close(all)
	})
	return Stages{
		Connected: func() error {
			connected()
			<-all
			return err
		},
		Measuring: last(s.Measuring),
		Measured:  last(s.Measured),
	}
}
