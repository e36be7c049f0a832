package loadgen

import (
	"time"

	"connbench/loadgen/process"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// threadWait is how long a thread of this process has been ready to run without
// running, nil where the kernel keeps no such account.
func threadWait(tid int) *time.Duration {
	fs, err := procfs.NewFS("/proc/self/task")
	if err != nil {
		return nil
	}
	thread, err := fs.Proc(tid)
	if err != nil {
		return nil
	}
	s, err := thread.Schedstat()
	if err != nil {
		return nil
	}
	wait := time.Duration(s.WaitingNanoseconds)
	return &wait
}

// processCPU is the time that all threads of this process have had a CPU.
func processCPU() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

// usage is what this process has used of the machine, and what others have.
type usage struct {
	at    time.Time
	cpu   time.Duration
	steal *time.Duration
	wait  []*time.Duration // of each worker
}

func (r *run) usage() usage {
	u := usage{at: time.Now(), cpu: processCPU(), steal: process.Stolen(r.cpus)}
	for _, w := range r.workers {
		u.wait = append(u.wait, threadWait(int(w.tid.Load())))
	}
	return u
}

// fill notes what was used since before.
func (u usage) fill(result *Result, before usage, cpus int) {
	elapsed := u.at.Sub(before.at)
	result.StartedAt = before.at
	result.CPU = float64(u.cpu-before.cpu) / float64(elapsed)
	if u.steal != nil && before.steal != nil && cpus > 0 {
		steal := float64(*u.steal-*before.steal) / float64(elapsed) / float64(cpus)
		result.Steal = &steal
	}
	for i := range u.wait {
		if a, b := u.wait[i], before.wait[i]; a != nil && b != nil {
			result.Wait = max(result.Wait, float64(*a-*b)/float64(elapsed))
		}
	}
}
