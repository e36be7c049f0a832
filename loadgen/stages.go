package loadgen

import "errors"

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
