package calibrate

import (
	"context"
	"time"

	"connbench/loadgen/process"
)

const (
	// glance is over how long the CPUs are looked at before a repetition, and
	// maxBusy which share of that they may have been at work.
	glance  = 100 * time.Millisecond
	maxBusy = 0.05
	// patience bounds how long a Bench waits in all, for each repetition wanted.
	patience = 2 * time.Second
)

// await waits until the CPUs have been idle for a moment, or nothing is left of the
// time for that. Noise comes in bursts: most of a repetition that begins in one is lost.
func (b *Bench) await(ctx context.Context, left *time.Duration) {
	for *left > 0 && ctx.Err() == nil {
		before := process.CPUTimes(b.Placement.Used())
		select {
		case <-time.After(glance):
		case <-ctx.Done():
			return
		}
		if after := process.CPUTimes(b.Placement.Used()); before == nil || after == nil || busy(before, after) <= maxBusy*glance.Seconds()*float64(len(after)) {
			return
		}
		*left -= glance
	}
}

// busy is how many seconds the CPUs were at work or stolen between two looks.
func busy(before, after []process.CPUTime) float64 {
	var sum time.Duration
	for i := range after {
		sum += after[i].Busy - before[i].Busy + after[i].Steal - before[i].Steal
	}
	return sum.Seconds()
}
