//go:build !linux

package loadgen

import (
	"context"
	"errors"
	"fmt"
	"runtime"
)

func hasTables() bool { return false }

// Run needs epoll.
func Run(context.Context, Spec, Stages) (*Result, error) {
	return nil, fmt.Errorf("the load engine needs Linux, this is %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
