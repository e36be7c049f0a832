//go:build !linux

package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// watch needs a thread on one CPU, which only Linux offers here.
func watch(context.Context, int, time.Duration) (*gaps, error) {
	return nil, fmt.Errorf("pin a thread to a CPU: %w", errors.ErrUnsupported)
}

// steal is not known here.
func steal(int) *time.Duration { return nil }
