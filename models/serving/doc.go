// Package serving has what servers of every kind have in common, so that two rows
// differ in their model and in nothing else:
//
//   - [Lifecycle] and [Tally] are embedded in each [models.Server]: Serve runs once,
//     Shutdown ends it, and every connection that ends is counted by class.
//   - [Session] is what a request means: bytes in, replies out, with the same copies.
//   - [Backoff] and [Alarms] say when to go on: with accepting, after descriptors ran
//     out, and with looking for idle connections.
//   - [NewTLSConfig] is for those that speak TLS.
//   - [ListenRaw], [ListenShared] and [CloseRaw] are for those that accept from a bare
//     descriptor.
package serving

import (
	"errors"
	"fmt"
	"runtime"
)

// LastLooks bounds how often a connection that always has more is read once Shutdown
// has begun.
const LastLooks = 16

// Unsupported is the error of a model that relies on what this system has not.
func Unsupported(reason string) error {
	return fmt.Errorf("%s, this is %s: %w", reason, runtime.GOOS, errors.ErrUnsupported)
}
