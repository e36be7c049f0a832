package doctor

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"connbench/loadgen/process"
)

// watch counts the interruptions of a loop on one CPU until it has run for a while.
// Only one CPU is watched at a time: this process's other threads, which wake now
// and then, find another. It needs a thread on that CPU, which only Linux offers here.
func watch(ctx context.Context, cpu int, length time.Duration) (*gaps, error) {
	if runtime.GOOS != "linux" {
		return nil, fmt.Errorf("pin a thread to a CPU: %w", errors.ErrUnsupported)
	}
	g := newGaps()
	err := process.OnCPUs([]int{cpu}, func() error {
		start := time.Now()
		clock := func() time.Duration { return time.Since(start) }
		for g.watched < length && ctx.Err() == nil {
			g.look(clock, glance)
			runtime.Gosched()
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("run on CPU %d: %w", cpu, err)
	}
	return g, ctx.Err()
}
