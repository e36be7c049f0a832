package doctor

import (
	"errors"
	"fmt"

	"connbench/results"

	"github.com/prometheus/procfs"
)

const (
	memorySubject = "memory"
	swapSubject   = "swap"
	howToSee      = "`free` says it"
	// connectionMemory is a generous sum of a connection's stacks and buffers, of user
	// and kernel and of both sides.
	connectionMemory = 100 << 10
	muchMemory       = manyClients * connectionMemory
	someMemory       = 128 << 20 // the processes of a run of someClients
)

func (m machine) readMemory() (*procfs.Meminfo, error) {
	info, err := fromProc(m, procfs.FS.Meminfo)
	if err != nil {
		return nil, err
	}
	if info.MemTotalBytes == nil || info.MemAvailableBytes == nil || info.SwapTotalBytes == nil || info.SwapFreeBytes == nil {
		return nil, errors.New("/proc/meminfo is not complete")
	}
	return &info, nil
}

func (m machine) memory() Check {
	info, err := m.readMemory()
	if err != nil {
		return unknown(memorySubject, err, howToSee)
	}
	available := *info.MemAvailableBytes
	if group, err := m.cgroups().Memory(); err == nil && group.Available < available {
		c := judgeMemory(group.Available, group.Limit)
		c.Value += fmt.Sprintf(" to a control group (%s)", group.File)
		if c.Verdict != OK {
			c.Advice += "; or raise the group's limit (`docker run --memory`, systemd's MemoryMax)"
		}
		return c
	}
	return judgeMemory(available, *info.MemTotalBytes)
}

func judgeMemory(available, total uint64) Check {
	c := Check{
		Subject: memorySubject,
		Value:   fmt.Sprintf("%s of %s available", results.Bytes(int64(available)), results.Bytes(int64(total))),
		Verdict: OK,
		Advice:  fmt.Sprintf("%d connections of %s on both sides take %s", manyClients, results.Bytes(connectionMemory), results.Bytes(muchMemory)),
	}
	if available < muchMemory {
		c.Verdict = Warning
		c.Advice += ": stop what else holds memory, or measure fewer clients"
	}
	if available < someMemory {
		c.Verdict = Bad
	}
	return c
}

func (m machine) swap() Check {
	judge := func(info *procfs.Meminfo) Check { return judgeSwap(*info.SwapTotalBytes, *info.SwapFreeBytes) }
	return judged(swapSubject, howToSee, judge)(m.readMemory())
}

func judgeSwap(total, free uint64) Check {
	used := total - min(free, total)
	switch {
	case total == 0:
		return Check{Subject: swapSubject, Value: "none", Verdict: OK, Advice: "no page comes back from a disk during a trial"}
	case used == 0:
		return Check{Subject: swapSubject, Value: "none in use of " + results.Bytes(int64(total)), Verdict: OK,
			Advice: "no page comes back from a disk during a trial, as long as memory lasts"}
	}
	return Check{Subject: swapSubject, Value: results.Bytes(int64(used)) + " in use", Verdict: Warning,
		Advice: "a page that comes back from a disk takes milliseconds out of a trial: `swapoff -a`, if memory has room for it"}
}
