package doctor

import (
	"cmp"
	"connbench/results"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	// manyClients is what the limits are held against: where models begin to differ by
	// what they can hold.
	manyClients = 10_000
	// someClients is the most of a run that nothing else is asked of.
	someClients = 256
)

// limits are the checks of what the system lets a process have; root is exempt from
// some.
func (m machine) limits(root bool) []Check {
	clients := judged(clientsSubject, howToSee, judgeClients)(m.clientBounds(root, bothEnds))
	return []Check{openFiles(), clients, m.threads(root), m.ports(), m.timeWait(), m.memory(), m.swap()}
}

func openFiles() Check {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return unknown(openFilesSubject, err, "`ulimit -Sn` and `ulimit -Hn` say it")
	}
	return judgeOpenFiles(uint64(limit.Cur), uint64(limit.Max))
}

const openFilesSubject = "open files of a process"

func judgeOpenFiles(soft, hard uint64) Check {
	const need = manyClients + results.SpareDescriptors
	c := Check{Subject: openFilesSubject, Value: fmt.Sprintf("%s, hard limit %s", amount(soft), amount(hard))}
	switch {
	case soft >= need:
		c.Verdict = OK
		c.Advice = fmt.Sprintf("%d connections to a server process take %d; one not written in Go gets the shell's `ulimit -Sn`", manyClients, need)
		return c
	case soft >= someClients+results.SpareDescriptors:
		c.Verdict = Warning
	default:
		c.Verdict = Bad
	}
	c.Advice = fmt.Sprintf("a server process holds %d connections, and needs %d for %d: ", max(soft, results.SpareDescriptors)-results.SpareDescriptors, need, manyClients)
	if hard >= need {
		c.Advice += fmt.Sprintf("`ulimit -n %d`", need)
	} else {
		c.Advice += "raise the hard limit, by nofile in /etc/security/limits.conf or `docker run --ulimit nofile`"
	}
	return c
}

const (
	clientsSubject = "clients of one host"
	// bothEnds is what an idle connection takes of memory over loopback, for both ends and the
	// kernel: a million took 7.1 GiB.
	bothEnds = 8 << 10
)

// HostClients is how many more connections of so many bytes this machine could hold, both ends of
// each, in as many processes as that takes, and what ends it; of 0 bytes, which is not known, as
// many as most take.
func HostClients(each float64) (most uint64, why string, err error) {
	if each <= 0 {
		each = bothEnds
	}
	bounds, err := machine{"/"}.clientBounds(os.Geteuid() == 0, uint64(each))
	if err != nil {
		return 0, "", err
	}
	lowest := lowestOf(bounds)
	return lowest.most, lowest.name, nil
}

// clientBounds say how many connections this machine could hold, both ends of each, in as
// many processes as that takes.
func (m machine) clientBounds(root bool, each uint64) ([]bound, error) {
	info, err := m.readMemory()
	if err != nil {
		return nil, err
	}
	available := *info.MemAvailableBytes
	if group, err := m.cgroups().Memory(); err == nil {
		available = min(available, group.Available)
	}
	bounds := []bound{{"memory", available / each, "more memory"}}
	if files, err := m.sysctl("fs.file-max"); err == nil && !root { // who has CAP_SYS_ADMIN may have more
		bounds = append(bounds, bound{"fs.file-max", uint64(files) / 2, "`sysctl -w fs.file-max=4000000`"})
	}
	return bounds, nil
}

// judgeClients judges the lowest of at least one limit.
func judgeClients(bounds []bound) Check {
	lowest := lowestOf(bounds)
	c := Check{Subject: clientsSubject, Value: fmt.Sprintf("about %s (%s)", results.Count(float64(lowest.most)), lowest.name), Verdict: OK,
		Advice: fmt.Sprintf("idle ones, both ends here, at %s; beyond the open files of a process `load` keeps them in tables of io_uring, and a server takes `--processes`, or `uring --direct`; `scale` tries", results.Bytes(bothEnds))}
	if lowest.most < manyClients {
		c.Verdict = Warning
		c.Advice = "more take " + lowest.raise
	}
	if lowest.most < someClients {
		c.Verdict = Bad
	}
	return c
}

func amount(n uint64) string {
	if n >= math.MaxInt64 { // of which systems have several
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}

type bound struct {
	name  string
	most  uint64
	raise string // how
}

// lowestOf is the lowest of at least one limit.
func lowestOf(bounds []bound) bound {
	return slices.MinFunc(bounds, func(a, b bound) int { return cmp.Compare(a.most, b.most) })
}

const threadsSubject = "processes and threads"

func (m machine) threads(root bool) Check {
	return judged(threadsSubject, "`ulimit -u` and `sysctl kernel.threads-max` say it", judgeThreads)(m.threadBounds(root))
}

// threadBounds are those of the limits that can be read and are ones: at least one.
func (m machine) threadBounds(root bool) (bounds []bound, err error) {
	var limit unix.Rlimit
	if !root && unix.Getrlimit(unix.RLIMIT_NPROC, &limit) == nil {
		bounds = append(bounds, bound{"RLIMIT_NPROC", uint64(limit.Cur), "`ulimit -u`, or nproc in /etc/security/limits.conf"})
	}
	for _, key := range []string{"kernel.threads-max", "kernel.pid_max"} {
		if most, err := m.sysctl(key); err == nil {
			bounds = append(bounds, bound{key, uint64(most), fmt.Sprintf("`sysctl -w %s=65536`", key)})
		}
	}
	if most, err := m.cgroups().PIDs(); err == nil {
		bounds = append(bounds, bound{"cgroup's pids.max", most, "`docker run --pids-limit` or systemd's TasksMax"})
	}
	if len(bounds) == 0 {
		err = errors.New("none can be read")
	}
	return bounds, err
}

// judgeThreads judges the lowest of at least one limit.
func judgeThreads(bounds []bound) Check {
	lowest := lowestOf(bounds)
	c := Check{Subject: threadsSubject, Value: fmt.Sprintf("%s (%s)", amount(lowest.most), lowest.name), Verdict: OK,
		Advice: fmt.Sprintf("enough for a thread for each of %d connections, where a row takes one", manyClients)}
	if lowest.most < manyClients+manyClients/10 { // a tenth for all the others
		c.Verdict = Warning
		c.Advice = fmt.Sprintf("a row with a thread for each ends below %d connections: %s", manyClients, lowest.raise)
	}
	if lowest.most < 2*someClients {
		c.Verdict = Bad
	}
	return c
}
