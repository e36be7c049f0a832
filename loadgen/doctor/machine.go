package doctor

import (
	"fmt"
	"path/filepath"

	"connbench/loadgen/system"

	"github.com/prometheus/procfs"
)

// machine is where the system is read: the root of its file system, / but in tests.
type machine struct{ root string }

func (m machine) proc() (procfs.FS, error) { return procfs.NewFS(filepath.Join(m.root, "proc")) }

func fromProc[T any](m machine, read func(procfs.FS) (T, error)) (value T, err error) {
	proc, err := m.proc()
	if err != nil {
		return value, err
	}
	return read(proc)
}

func (m machine) cgroups() system.Cgroups { return system.Cgroups{Root: m.root} }

// line reads a file of one line, with single spaces between its words.
func (m machine) line(path ...string) (string, error) {
	return system.Line(m.root, filepath.Join(path...))
}

func (m machine) sysctl(key string) (int, error) {
	all, err := m.sysctls(key, 1)
	if err != nil {
		return 0, err
	}
	return all[0], nil
}

func (m machine) sysctls(key string, n int) ([]int, error) {
	all, err := fromProc(m, func(proc procfs.FS) ([]int, error) { return proc.SysctlInts(key) })
	if err != nil {
		return nil, err
	}
	if len(all) != n {
		return nil, fmt.Errorf("%s: %d numbers, want %d", key, len(all), n)
	}
	return all, nil
}
