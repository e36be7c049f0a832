//go:build !linux

package profile

import (
	"errors"
	"fmt"

	"connbench/results"

	"github.com/google/pprof/profile"
)

var errOther = fmt.Errorf("only Linux has perf_event_open: %w", errors.ErrUnsupported)

// Sampler samples the CPU time of processes, on Linux.
type Sampler struct{}

// Begin says that this is for Linux.
func Begin([]int, int) (*Sampler, error) { return nil, errOther }

// Kernel is never called.
func (*Sampler) Kernel() bool { return false }

// Stop is never called.
func (*Sampler) Stop() error { return errOther }

// End is never called.
func (*Sampler) End() (*profile.Profile, error) { return nil, errOther }

// Tracer counts the system calls of processes, on Linux.
type Tracer struct{}

// Trace says that this is for Linux.
func Trace([]int) (*Tracer, error) { return nil, errOther }

// End is never called.
func (*Tracer) End() (*results.Calls, error) { return nil, errOther }
