package profile

import (
	"fmt"
	"maps"
	"slices"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// family is which processes and threads come from which, of all that were there at the
// beginning and that have been started since.
type family struct {
	roots   []int
	parents map[int]int // of processes
	threads map[int]int // their processes
}

// newFamily looks at the system. The error wraps ESRCH where one of the roots is not there.
func newFamily(roots []int) (*family, error) {
	f := &family{roots: roots, parents: map[int]int{}, threads: map[int]int{}}
	if err := f.look(); err != nil {
		return nil, err
	}
	for _, pid := range roots {
		if _, there := f.parents[pid]; !there {
			return nil, fmt.Errorf("process %d: %w", pid, unix.ESRCH)
		}
	}
	if len(roots) == 0 {
		return nil, fmt.Errorf("no process: %w", unix.ESRCH)
	}
	return f, nil
}

// look adds the processes that there are, and the threads of those that come from the roots.
func (f *family) look() error {
	all, err := procfs.AllProcs()
	if err != nil {
		return err
	}
	for _, p := range all {
		stat, err := p.Stat()
		if err != nil {
			continue // it has ended
		}
		if _, known := f.parents[p.PID]; !known { // a parent that has ended is another's
			f.parents[p.PID] = stat.PPID
		}
	}
	for _, pid := range f.members() {
		threads, err := procfs.AllThreads(pid)
		if err != nil {
			continue
		}
		for _, t := range threads {
			f.threads[t.PID] = pid
		}
	}
	return nil
}

func (f *family) forked(body []byte) {
	r := fields(body)
	pid, parent, tid := int(r.uint32()), int(r.uint32()), int(r.uint32())
	f.threads[tid] = pid
	if pid != parent {
		f.parents[pid] = parent
	}
}

// lineage is a process and those that it comes from, up to a root; none where that is no root.
func (f *family) lineage(pid int) (line []int) {
	for range len(f.parents) + 1 { // whose numbers may have come round
		line = append(line, pid)
		if slices.Contains(f.roots, pid) {
			return line
		}
		parent, known := f.parents[pid]
		if !known {
			break
		}
		pid = parent
	}
	return nil
}

func (f *family) has(pid int) bool { return f.lineage(pid) != nil }

func (f *family) members() []int {
	return slices.DeleteFunc(slices.Collect(maps.Keys(f.parents)), func(pid int) bool { return !f.has(pid) })
}

func (f *family) tids() []int {
	return slices.DeleteFunc(slices.Collect(maps.Keys(f.threads)), func(tid int) bool { return !f.has(f.threads[tid]) })
}

// cpus are those that the threads of the members may run on.
func (f *family) cpus() []int {
	var cpus []int
	for _, tid := range f.tids() {
		var may unix.CPUSet
		if unix.SchedGetaffinity(tid, &may) != nil {
			continue
		}
		for cpu := range len(may) * 64 {
			if may.IsSet(cpu) && !slices.Contains(cpus, cpu) {
				cpus = append(cpus, cpu)
			}
		}
	}
	return cpus
}
