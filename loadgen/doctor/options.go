package doctor

import (
	"time"

	"connbench/loadgen"
	"connbench/loadgen/system"
)

// Options are what to examine.
type Options struct {
	Allowed   []int // CPUs
	Placement system.Placement
	// Duration is how long the CPUs are looked at while idle, and again while busy.
	Duration time.Duration
	// Tried is what tune tries by default, by the setting of the kernel that limits it.
	Tried map[string][]int
}

const (
	// minDuration is ten of the ticks in which the system accounts for CPU time.
	minDuration = 100 * time.Millisecond
	maxDuration = time.Minute
)

// Validate reports the first field that is not allowed, as a [*loadgen.SpecError].
func (o *Options) Validate() error {
	if o.Duration < minDuration || o.Duration > maxDuration {
		return &loadgen.SpecError{Field: "duration", Value: o.Duration, Allowed: "100ms to 1m"}
	}
	return nil
}
