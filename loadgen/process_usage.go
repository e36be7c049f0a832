package loadgen

import (
	"syscall"
	"time"
)

// Usage is what a process took in its life, its threads that had ended included.
type Usage struct {
	CPU      time.Duration
	Switches int64 // of context, voluntary or not
	Faults   int64 // of pages, without those that had to be read from a disk
}

// Usage is what the process took; call it after it has ended. It is nil where the
// system does not say.
func (p *Process) Usage() *Usage {
	u, ok := p.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return nil
	}
	return &Usage{
		CPU:      time.Duration(u.Utime.Nano() + u.Stime.Nano()),
		Switches: int64(u.Nvcsw + u.Nivcsw),
		Faults:   int64(u.Minflt),
	}
}
