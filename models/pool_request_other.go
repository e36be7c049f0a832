//go:build !linux

package models

import (
	"errors"
	"fmt"
	"runtime"
)

func openPoolRequest(Config) (Server, error) {
	return nil, fmt.Errorf("one-shot epoll is of Linux, this is %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
