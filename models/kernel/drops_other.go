//go:build !linux

package kernel

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
)

// Drops is how many datagrams the kernel has thrown away because c's receive buffer
// was full.
func Drops(syscall.Conn) (int64, error) {
	return 0, fmt.Errorf("SO_MEMINFO is of Linux, this is %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
