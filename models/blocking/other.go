//go:build !linux

package models

import (
	"errors"
	"fmt"
	"runtime"
)

func openThread(Config) (Server, error) {
	return nil, fmt.Errorf("waking a thread from read(2) relies on Linux, this is %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
