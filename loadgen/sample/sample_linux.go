package sample

import (
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// sampleCPU is the CPU time of processes alone, nil where one of them is gone.
func sampleCPU(pids []int) *processSample {
	var sum processSample
	for _, pid := range pids {
		cpu, err := processCPU(pid)
		if err != nil {
			return nil
		}
		sum.cpu += cpu
	}
	return &sum
}

// sampleTree is the use of a process and of all that have come from it and live:
// nil where the process itself is gone.
func sampleTree(root int) *processSample {
	var sum processSample
	for queue := []int{root}; len(queue) > 0; queue = queue[1:] {
		p, children, err := sampleProcess(queue[0])
		if err != nil && queue[0] == root {
			return nil
		}
		if err != nil {
			continue // it has ended meanwhile
		}
		sum.add(p)
		queue = append(queue, children...)
	}
	return &sum
}

// sampleProcess is the use of a process alone, but for the CPU time of its
// children that have ended; children are the others.
func sampleProcess(pid int) (sample processSample, children []int, err error) {
	cpu, err := processCPU(pid)
	if err != nil {
		return sample, nil, err
	}
	sample, children, err = threads(pid)
	sample.cpu = cpu + waitedCPU(pid)
	return sample, children, err
}

// waitedCPU is the CPU time, in ticks, of the children of a process that have ended
// and that it has waited for.
func waitedCPU(pid int) time.Duration {
	const tick = time.Second / 100 // of all that /proc counts so, on every Linux
	process, err := procfs.NewProc(pid)
	if err != nil {
		return 0
	}
	stat, err := process.Stat()
	if err != nil {
		return 0
	}
	return time.Duration(stat.CUTime+stat.CSTime) * tick
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
