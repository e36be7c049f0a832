package results

import "fmt"

// Strain is what the limits of control groups did to a trial's processes, from before the
// server started until it had ended.
type Strain struct {
	Killed           int64 `json:"oom_kills,omitempty"`          // by the kernel for want of memory
	MemoryLimitBytes int64 `json:"memory_limit_bytes,omitempty"` // that binds then; absent where no group has one
	Refused          int64 `json:"pids_refused,omitempty"`       // processes and threads that could not start
	PIDsLimit        int64 `json:"pids_max,omitempty"`           // then
}

// Memory says why processes were killed.
func (s *Strain) Memory() string {
	if s.MemoryLimitBytes == 0 {
		return "the kernel killed a process for want of memory"
	}
	return "the kernel killed a process for want of memory, with a " + MemoryLimit(s.MemoryLimitBytes)
}

// MemoryLimit names a limit of memory.
func MemoryLimit(n int64) string { return "cgroup limit of " + Bytes(n) }

// PIDsLimit names a limit of processes and threads.
func PIDsLimit(n int64) string { return fmt.Sprintf("cgroup's pids.max of %d", n) }

// OutOfMemory reports whether the kernel has killed one of the trial's processes.
func (t *Trial) OutOfMemory() bool { return t.Strain != nil && t.Strain.Killed > 0 }

// RefusedThreads reports whether a control group had no room for a thread or a process.
func (t *Trial) RefusedThreads() bool { return t.Strain != nil && t.Strain.Refused > 0 }
