package models

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"

	"connbench/models/wire"
)

// counters counts connections by what became of them, and the datagrams and
// moments that have a class of their own. Its zero value is ready.
type counters struct {
	accepted  atomic.Int64 // connections taken
	clean     atomic.Int64 // ended by the peer between requests, or by Shutdown
	truncated atomic.Int64 // ended by the peer inside a frame
	reset     atomic.Int64 // ended by the peer with a reset, or gone when written to
	malformed atomic.Int64 // sent a frame without the field that it announced
	oversized atomic.Int64 // announced, or sent in a datagram, more than the maximum
	idle      atomic.Int64 // closed for want of progress
	cut       atomic.Int64 // closed by Shutdown inside a request, its time being up
	failed    atomic.Int64 // ended by any other error
	backoff   atomic.Int64 // times that accepting paused for want of descriptors or memory
}

// Counters returns the counts by class, those of zero included.
func (c *counters) Counters() map[string]int64 {
	return map[string]int64{
		"accepted":  c.accepted.Load(),
		"clean":     c.clean.Load(),
		"truncated": c.truncated.Load(),
		"reset":     c.reset.Load(),
		"malformed": c.malformed.Load(),
		"oversized": c.oversized.Load(),
		"idle":      c.idle.Load(),
		"cut":       c.cut.Load(),
		"failed":    c.failed.Load(),
		"backoff":   c.backoff.Load(),
	}
}

// ended counts the end of a connection: err is what ended it, [net.ErrClosed] if
// Shutdown cut it, and partial whether a frame had begun.
func (c *counters) ended(err error, partial bool) {
	switch {
	case errors.Is(err, errDrained), errors.Is(err, io.EOF) && !partial:
		c.clean.Add(1)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF): // the latter inside a TLS record
		c.truncated.Add(1)
	case errors.Is(err, wire.ErrTooLong):
		c.oversized.Add(1)
	case errors.Is(err, wire.ErrMalformed):
		c.malformed.Add(1)
	case errors.Is(err, net.ErrClosed):
		c.cut.Add(1)
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.idle.Add(1)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		c.reset.Add(1)
	default:
		c.failed.Add(1)
	}
}

// errDrained ends a connection that Shutdown found between two requests.
var errDrained = errors.New("drained")

// outOfResources reports whether err, from accepting, passes when others give
// something back.
func outOfResources(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
