package serving

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"

	"connbench/models/wire"
)

// Tally counts connections by what became of them, and the datagrams and
// moments that have a class of their own. Its zero value is ready.
type Tally struct {
	Accepted  atomic.Int64 // connections taken
	Clean     atomic.Int64 // ended by the peer between requests, or by Shutdown, or as a request asked
	Truncated atomic.Int64 // ended by the peer inside a request
	Reset     atomic.Int64 // ended by the peer with a reset, or gone when written to
	Malformed atomic.Int64 // sent what the protocol does not allow
	Oversized atomic.Int64 // announced, or sent in a datagram, more than the maximum
	Idle      atomic.Int64 // closed for want of progress
	Cut       atomic.Int64 // closed by Shutdown inside a request, its time being up
	Failed    atomic.Int64 // ended by any other error
	Backoff   atomic.Int64 // times that accepting paused for want of descriptors or memory
}

// Counters returns the counts by class, those of zero included.
func (c *Tally) Counters() map[string]int64 {
	return map[string]int64{
		"accepted":  c.Accepted.Load(),
		"clean":     c.Clean.Load(),
		"truncated": c.Truncated.Load(),
		"reset":     c.Reset.Load(),
		"malformed": c.Malformed.Load(),
		"oversized": c.Oversized.Load(),
		"idle":      c.Idle.Load(),
		"cut":       c.Cut.Load(),
		"failed":    c.Failed.Load(),
		"backoff":   c.Backoff.Load(),
	}
}

// Ended counts the end of a connection: err is what ended it, [net.ErrClosed] if
// Shutdown cut it, and partial whether a request had begun.
func (c *Tally) Ended(err error, partial bool) {
	switch {
	case errors.Is(err, ErrDrained), errors.Is(err, wire.ErrClose), errors.Is(err, io.EOF) && !partial:
		c.Clean.Add(1)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF): // the latter inside a TLS record
		c.Truncated.Add(1)
	case errors.Is(err, wire.ErrTooLong):
		c.Oversized.Add(1)
	case errors.Is(err, wire.ErrMalformed):
		c.Malformed.Add(1)
	case errors.Is(err, net.ErrClosed):
		c.Cut.Add(1)
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.Idle.Add(1)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		c.Reset.Add(1)
	default:
		c.Failed.Add(1)
	}
}

// ErrDrained ends a connection that Shutdown found between two requests.
var ErrDrained = errors.New("drained")

// OutOfResources reports whether err, from accepting, passes when others give
// something back.
func OutOfResources(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
