package hosts

import (
	"connbench/loadgen/process"
	"fmt"
)

// hostError is an error of another one's kind, in words that have it already.
type hostError struct {
	words string
	kind  error
}

func (e *hostError) Error() string { return e.words }

func (e *hostError) Unwrap() error { return e.kind }

// lostError is a host, or one process of it, that is lost: gone, cut off, hung, or it has lost a line.
func lostError(host, reason string) error {
	return &hostError{fmt.Sprintf("host %s is lost: %s", host, reason), process.ErrLost}
}

// refusedError is a host that will not do what it is asked, or does not answer.
type refusedError struct {
	host, reason string
	again        bool // it may be otherwise later
	absent       bool // nobody answers, which is to be waited for
}

func (e *refusedError) Error() string { return fmt.Sprintf("host %s: %s", e.host, e.reason) }
