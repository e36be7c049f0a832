//go:build !linux

package models

import (
	"errors"
	"fmt"
	"runtime"
)

func openPrefork(Config) (Server, error) {
	return nil, fmt.Errorf("a port shared in equal parts is of Linux, this is %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

func runPreforkChild() int { return 1 }
