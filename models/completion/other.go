//go:build !linux

package models

import (
	"errors"
	"fmt"
	"runtime"
)

func openUring(Config) (Server, error) {
	return nil, fmt.Errorf("io_uring is of Linux, this is %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
