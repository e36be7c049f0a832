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
	return "the kernel killed a process for want of memory, with a " + s.limit(BoundMemory)
}

// limit names what of a control group is behind a bound that was seen in a trial. A row
// that counts its threads stops below the limit, of which the kernel then knows nothing.
func (g Goal) limit(t *Trial, b Bound) string {
	if b == BoundThreads && g.PIDs > 0 {
		return pidsMax(g.PIDs)
	}
	return t.Strain.limit(b)
}

func pidsMax(n int64) string { return fmt.Sprintf("cgroup's pids.max of %d", n) }

// limit names the limit that is behind a bound; empty where it is none of a control group.
func (s *Strain) limit(b Bound) string {
	switch {
	case s == nil:
	case b == BoundMemory && s.MemoryLimitBytes > 0:
		return "cgroup limit of " + Bytes(s.MemoryLimitBytes)
	case b == BoundThreads && s.PIDsLimit > 0:
		return pidsMax(s.PIDsLimit)
	}
	return ""
}

// outOfMemory reports whether the kernel has killed one of the trial's processes.
func (t *Trial) outOfMemory() bool { return t.Strain != nil && t.Strain.Killed > 0 }

// refusedThreads reports whether a control group had no room for a thread or a process.
func (t *Trial) refusedThreads() bool { return t.Strain != nil && t.Strain.Refused > 0 }
