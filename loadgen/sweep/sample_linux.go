package sweep

import (
	"time"

	"connbench/loadgen"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// sample takes a snapshot of process pid and of the CPUs.
func sample(pid int, cpus []int) snapshot {
	s := snapshot{at: time.Now(), cpus: len(cpus)}
	s.process = sampleProcess(pid)
	s.steal = loadgen.Steal(cpus)
	return s
}

func sampleProcess(pid int) *processSample {
	cpu, err := processCPU(pid)
	if err != nil {
		return nil
	}
	threads, err := procfs.AllThreads(pid)
	if err != nil {
		return nil
	}
	p := &processSample{cpu: cpu, threads: len(threads)}
	for _, thread := range threads {
		status, err := thread.NewStatus()
		if err != nil {
			continue // it has ended meanwhile
		}
		p.rss = int64(status.VmRSS) // of the process, the same in each
		p.voluntary += int64(status.VoluntaryCtxtSwitches)
		p.involuntary += int64(status.NonVoluntaryCtxtSwitches)
	}
	return p
}

// processCPU is the CPU time of another process, threads that have ended
// included, to the nanosecond: /proc/pid/stat counts in ticks of 10 ms, which is
// one per cent of a trial of a second. The clock's number is made of the pid as
// clock_getcpuclockid(3) makes it.
func processCPU(pid int) (time.Duration, error) {
	const schedulerClock = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|schedulerClock), &ts); err != nil {
		return 0, err
	}
	return time.Duration(ts.Nano()), nil
}
