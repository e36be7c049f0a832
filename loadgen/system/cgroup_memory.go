package system

import (
	"fmt"
	"math"

	"connbench/results"
)

// GroupMemory is a control group's limit on memory.
type GroupMemory struct {
	Limit     uint64 // bytes; [math.MaxUint64] is none
	Available uint64 // of them: what is not in use, or only keeps files at hand
	File      string // that says so, like memory.max
}

// noMemoryLimit is from how many bytes on a limit of version 1 is none: it says the most
// that it counts, rounded down to pages.
const noMemoryLimit = 1 << 62

// Memory is the limit that binds: of the groups that which has the least left.
func (c Cgroups) Memory() (GroupMemory, error) {
	binds := GroupMemory{Limit: math.MaxUint64, Available: math.MaxUint64}
	folders, unified, err := c.folders("memory")
	if err != nil {
		return binds, err
	}
	limits, usage, idle := []string{"memory.limit_in_bytes"}, "memory.usage_in_bytes", "total_inactive_file"
	if unified {
		limits, usage, idle = []string{"memory.max", "memory.high"}, "memory.current", "inactive_file"
	}
	for _, folder := range folders {
		for _, file := range limits {
			limit, err := c.number(folder, file)
			if err != nil || limit >= noMemoryLimit {
				continue // as in the root
			}
			used, err := c.number(folder, usage)
			if err != nil {
				return binds, err
			}
			stat, _ := c.line(folder, "memory.stat")
			used -= min(used, uint64(max(0, pair(stat, idle))))
			if left := limit - min(used, limit); left < binds.Available || binds.File == "" {
				binds = GroupMemory{limit, left, file}
			}
		}
	}
	return binds, nil
}

// Refusals are what control groups have refused so far.
type Refusals struct{ kills, forks int64 }

// Strain counts what the kernel has killed for want of memory in this process's own group,
// or on the whole machine where that has no count, and the processes and threads that
// some group was full for.
func (c Cgroups) Strain() (s Refusals) {
	counted := false
	if folders, unified, err := c.folders("memory"); err == nil {
		file := "memory.oom_control"
		if unified {
			file = "memory.events"
		}
		if text, err := c.line(folders[0], file); err == nil {
			s.kills, counted = pair(text, "oom_kill"), true
		}
	}
	if !counted {
		text, _ := c.line("proc", "vmstat")
		s.kills = pair(text, "oom_kill")
	}
	if folders, _, err := c.folders("pids"); err == nil {
		for _, folder := range folders {
			text, _ := c.line(folder, "pids.events")
			s.forks += pair(text, "max")
		}
	}
	return s
}

// Since is what was refused beyond an earlier count, and by which limits; nil if nothing.
func (c Cgroups) Since(before Refusals) *results.Strain {
	now := c.Strain()
	s := &results.Strain{Killed: max(0, now.kills-before.kills), Refused: max(0, now.forks-before.forks)}
	if s.Killed == 0 && s.Refused == 0 {
		return nil
	}
	if m, err := c.Memory(); s.Killed > 0 && err == nil && m.Limit < math.MaxUint64 {
		s.MemoryLimitBytes = int64(m.Limit)
	}
	if most, err := c.PIDs(); s.Refused > 0 && err == nil && most < math.MaxInt64 {
		s.PIDsLimit = int64(most)
	}
	return s
}

// limits are the least of the groups', nil where there is none.
func (c Cgroups) limits() *results.ControlGroup {
	var g results.ControlGroup
	if m, err := c.Memory(); err == nil && m.Limit < math.MaxUint64 {
		g.MemoryBytes = int64(m.Limit)
	}
	if most, err := c.PIDs(); err == nil && most < c.otherThreads() {
		g.PIDs = int64(most)
	}
	if q, err := c.Quota(); err == nil && !math.IsInf(q.CPUs, 1) {
		g.CPUs = q.CPUs
	}
	if g == (results.ControlGroup{}) {
		return nil
	}
	return &g
}

func (c Cgroups) otherThreads() uint64 {
	least := uint64(math.MaxInt64)
	for _, file := range []string{"threads-max", "pid_max"} {
		if n, err := c.number("proc/sys/kernel", file); err == nil {
			least = min(least, n)
		}
	}
	return min(least, userThreads())
}

// quotaWarning says that groups give less CPU time than a run uses; empty where they do not.
func quotaWarning(g *results.ControlGroup, cpus int) string {
	if g == nil || g.CPUs == 0 || g.CPUs >= float64(cpus) {
		return ""
	}
	return fmt.Sprintf("a control group gives %.3g CPUs of time to a run that uses %d: it is stopped for the rest of each period, which shows as latency; "+
		"raise the quota (docker run --cpus, systemd's CPUQuota) or use fewer CPUs", g.CPUs, cpus)
}
