//go:build !linux

package kernel

import (
	"errors"
	"fmt"
	"net"
	"runtime"
)

var errNotTold = fmt.Errorf("what a socket's options came to, on %s: %w", runtime.GOOS, errors.ErrUnsupported)

// Try is of Linux.
func Try(string, SocketOptions) (Effective, error) { return Effective{}, errNotTold }

// ReadBack is of Linux.
func ReadBack(string, net.Addr) (Effective, error) { return Effective{}, errNotTold }
