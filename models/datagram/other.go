//go:build !linux

package models

import (
	"errors"
	"fmt"
	"runtime"
)

func openUDPBatch(Config) (Server, error) {
	return nil, fmt.Errorf("recvmmsg is of Linux, this is %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
