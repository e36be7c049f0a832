package doctor

import (
	"time"

	"connbench/loadgen/system"
)

// Options are what to examine.
type Options struct {
	Allowed   []int // CPUs
	Placement system.Placement
	// Duration is how long the CPUs are looked at while idle, and again while busy: ten or more
	// of the ticks of 10 ms in which the system accounts for CPU time.
	Duration time.Duration
	// Tried is what tune tries by default, by the setting of the kernel that limits it.
	Tried map[string][]int
}
