package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"github.com/prometheus/procfs"
)

const (
	tracefsKey    = "tracefs"
	systemCallsID = "events/raw_syscalls/sys_enter/id"
)

// perf is who may count system calls: from 2 on the kernel's own events are for the privileged.
func perf(root bool) number {
	const key = "kernel.perf_event_paranoid"
	return number{key: key, how: "a kernel built without perf counts no system calls; " + howToSysctl(key), judge: func(key string, value int) (Verdict, string) {
		switch {
		case value <= 1:
			return OK, "system calls may be counted"
		case root:
			return OK, "system calls may be counted, since root counts them"
		}
		return Warning, "only root may count system calls per request: " + set(key, 1)
	}}
}

type tracing int

const (
	noTracefs tracing = iota
	hiddenTracefs
	noSystemCalls
	systemCalls
)

func (m machine) tracefs() Check {
	return judged(tracefsKey, "`mount -t tracefs` says whether it is mounted", judgeTracing)(m.readTracing())
}

func (m machine) readTracing() (tracing, error) {
	mounts, err := fromProc(m, procfs.FS.GetMounts)
	if err != nil {
		return noTracefs, err
	}
	found := noTracefs
	for _, mount := range mounts {
		if mount.FSType != tracefsKey {
			continue
		}
		_, err := m.line(mount.MountPoint, systemCallsID)
		switch {
		case err == nil:
			return systemCalls, nil
		case errors.Is(err, fs.ErrNotExist):
			found = noSystemCalls
		default:
			found = hiddenTracefs
		}
	}
	return found, nil
}

func judgeTracing(t tracing) Check {
	c := Check{Subject: tracefsKey, Verdict: Warning}
	switch t {
	case systemCalls:
		c.Value, c.Verdict, c.Advice = "mounted", OK, "system calls per request can be counted"
	case noSystemCalls:
		c.Value, c.Advice = "mounted, without system calls", "system calls per request are not counted: the kernel is built without CONFIG_FTRACE_SYSCALLS"
	case hiddenTracefs:
		c.Value, c.Advice = "not readable", "system calls per request are counted only for a user who may read it: run as root"
	default:
		c.Value, c.Advice = "not mounted", "system calls per request are counted only where it is: `mount -t tracefs nodev /sys/kernel/tracing`"
	}
	return c
}

// chosen is the word that brackets mark in a file of choices: always [madvise] never.
var chosen = regexp.MustCompile(`\[(\w+)\]`)

func (m machine) hugePages() Check {
	choices, err := m.line("sys/kernel/mm/transparent_hugepage/enabled")
	choice := chosen.FindStringSubmatch(choices)
	if err == nil && choice == nil {
		err = fmt.Errorf("%q has no choice", choices)
	}
	judge := func(choice []string) Check { return judgeHugePages(choice[1]) }
	return judged(hugePagesKey, "/sys/kernel/mm/transparent_hugepage/enabled says it where the kernel has them", judge)(choice, err)
}

func judgeHugePages(choice string) Check {
	if choice == "always" {
		return Check{Subject: hugePagesKey, Value: choice, Verdict: Warning,
			Advice: "a byte that is touched may take 2 MiB, which blurs memory per connection: `echo madvise > /sys/kernel/mm/transparent_hugepage/enabled`"}
	}
	return Check{Subject: hugePagesKey, Value: choice, Verdict: OK, Advice: "resident memory counts what a server has touched"}
}
