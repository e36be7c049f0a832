package claims

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/prometheus/procfs"
)

func processMemory(pid int) (procfs.ProcStat, error) {
	p, err := procfs.NewProc(pid)
	if err != nil {
		return procfs.ProcStat{}, err
	}
	return p.Stat()
}

type stacks struct {
	limit    int64 // bytes that the process gives a stack; 0 for no limit
	count    int
	resident float64 // bytes of each, in the mean
}

// threadStacks finds the stacks of a process's threads, the main one's apart.
func threadStacks(pid int) (stacks, error) {
	var s stacks
	p, err := procfs.NewProc(pid)
	if err != nil {
		return s, err
	}
	limits, err := p.Limits()
	if err != nil {
		return s, err
	}
	if s.limit = int64(limits.StackSize); s.limit <= 0 {
		return stacks{}, nil
	}
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		return s, err
	}
	defer f.Close()
	return s, s.read(f)
}

// read counts the stacks in the text of smaps: what is before each "Rss:" line says
// the size of its mapping.
func (s *stacks) read(smaps io.Reader) error {
	var size, resident int64
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		switch name {
		case "Size":
			size = kilobytes(value)
		case "Rss":
			if size == s.limit {
				s.count++
				resident += kilobytes(value)
			}
		}
	}
	if s.count > 0 {
		s.resident = float64(resident) / float64(s.count)
	}
	return lines.Err()
}

// kilobytes is 0 for what is no size.
func kilobytes(value string) (n int64) {
	fmt.Sscan(value, &n)
	return n << 10
}
