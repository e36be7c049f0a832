package doctor

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"connbench/loadgen"

	"golang.org/x/sys/unix"
)

// watch counts the interruptions of a loop on one CPU until it has run for a while.
// Only one CPU is watched at a time: this process's other threads, which wake now
// and then, find another.
func watch(ctx context.Context, cpu int, length time.Duration) (*gaps, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return nil, err
	}
	set.Set(cpu)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("run on CPU %d: %w", cpu, err)
	}
	defer unix.SchedSetaffinity(0, &before)
	g, start := newGaps(), time.Now()
	clock := func() time.Duration { return time.Since(start) }
	for g.watched < length && ctx.Err() == nil {
		g.look(clock, glance)
		runtime.Gosched()
	}
	return g, ctx.Err()
}

// steal is what the hypervisor has taken from a CPU, nil where that is not known.
func steal(cpu int) *time.Duration { return loadgen.Steal([]int{cpu}) }
