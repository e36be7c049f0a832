package process

import (
	"time"

	"github.com/prometheus/procfs"
)

// CPUTime is what a CPU has done since the system started, counted in ticks of 10 ms.
type CPUTime struct {
	CPU               int
	Busy, Steal, Idle time.Duration
}

// CPUTimes reads what each of the CPUs has done, nil where the system does not say.
func CPUTimes(cpus []int) []CPUTime {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return nil
	}
	stat, err := fs.Stat()
	if err != nil {
		return nil
	}
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	times := make([]CPUTime, len(cpus))
	for i, cpu := range cpus {
		c, known := stat.CPU[int64(cpu)]
		if !known {
			return nil
		}
		times[i] = CPUTime{cpu, seconds(c.User + c.Nice + c.System + c.IRQ + c.SoftIRQ), seconds(c.Steal), seconds(c.Idle + c.Iowait)}
	}
	return times
}

// Stolen sums the time that the hypervisor has taken from the CPUs since the system
// started, nil where it does not say.
func Stolen(cpus []int) *time.Duration {
	times := CPUTimes(cpus)
	if times == nil {
		return nil
	}
	var all time.Duration
	for _, t := range times {
		all += t.Steal
	}
	return &all
}
