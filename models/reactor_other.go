//go:build !linux

package models

import (
	"errors"
	"fmt"
	"runtime"
)

func openReactor(Config) (Server, error) {
	return nil, fmt.Errorf("epoll is of Linux, this is %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
