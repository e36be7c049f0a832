//go:build !linux

package kernel

import (
	"errors"
	"fmt"
	"net"
	"runtime"
)

var errNotTold = fmt.Errorf("what a socket's options came to, on %s: %w", runtime.GOOS, errors.ErrUnsupported)

func try(string, SocketOptions) (Effective, error) { return Effective{}, errNotTold }

func readBack(string, net.Addr) (Effective, error) { return Effective{}, errNotTold }
