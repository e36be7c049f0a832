package doctor

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/procfs"
)

type activity struct {
	at        time.Time
	cpus      map[int64]procfs.CPUStat
	processes map[int]worked
}

type worked struct {
	name    string
	seconds float64
}

func (m machine) readActivity() (*activity, error) {
	proc, err := m.proc()
	if err != nil {
		return nil, err
	}
	a := &activity{processes: map[int]worked{}}
	all, err := proc.AllProcs()
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if stat, err := p.Stat(); err == nil && p.PID != os.Getpid() { // else it has ended meanwhile
			a.processes[p.PID] = worked{stat.Comm, stat.CPUTime()}
		}
	}
	stat, err := proc.Stat()
	if err != nil {
		return nil, err
	}
	a.at, a.cpus = time.Now(), stat.CPU
	return a, nil
}

func busySince(before, after *activity, used []int) ([]Busy, error) {
	all := []Busy{}
	for _, cpu := range used {
		b, known := before.cpus[int64(cpu)]
		a, still := after.cpus[int64(cpu)]
		if !known || !still {
			return []Busy{}, fmt.Errorf("/proc/stat has no CPU %d", cpu)
		}
		elapsed := after.at.Sub(before.at).Seconds()
		all = append(all, Busy{cpu, min(1, max(0, (workOf(a)-workOf(b))/elapsed))})
	}
	return all, nil
}

func workOf(c procfs.CPUStat) float64 { return c.User + c.Nice + c.System + c.IRQ + c.SoftIRQ }

const (
	// noteworthy is the share of a CPU from which on a process is named.
	noteworthy = 0.01
	// named is how many processes or CPUs a line has room for.
	named = 3
	// listSeparator stands between them; a table begins a line there.
	listSeparator = "; "
)

func processesSince(before, after *activity) []Process {
	all := []Process{}
	for pid, now := range after.processes {
		share := (now.seconds - before.processes[pid].seconds) / after.at.Sub(before.at).Seconds()
		if share >= noteworthy {
			all = append(all, Process{pid, now.name, share})
		}
	}
	slices.SortFunc(all, func(a, b Process) int { return cmp.Or(cmp.Compare(b.Fraction, a.Fraction), cmp.Compare(a.PID, b.PID)) })
	return all[:min(named, len(all))]
}

func judgeBusy(all []Busy) Check {
	sorted := slices.SortedStableFunc(slices.Values(all), func(a, b Busy) int { return cmp.Compare(b.Fraction, a.Fraction) })
	c := Check{Subject: busySubject, Verdict: OK, Advice: "what others worked there while connbench slept"}
	var parts []string
	for _, b := range sorted {
		c.Verdict = worst(c.Verdict, graded(b.Fraction, maxNoise, badNoise))
		parts = append(parts, fmt.Sprintf("CPU %d: %s", b.CPU, percent(b.Fraction)))
	}
	c.Value = someOf(parts)
	if c.Verdict != OK {
		c.Advice += ": stop them, or keep them off by `taskset`, cpusets or the kernel's isolcpus"
	}
	return c
}

func (n *Noise) processes(cpus int) Check {
	judge := func(all []Process) Check { return judgeProcesses(all, cpus) }
	return judged(processesSubject, "`top` says it", judge)(n.Processes, n.busyErr)
}

func judgeProcesses(all []Process, cpus int) Check {
	c := Check{Subject: processesSubject, Value: "none above " + percent(noteworthy), Verdict: OK, Advice: "nothing else worked for long"}
	if len(all) == 0 {
		return c
	}
	var parts []string
	sum := 0.0
	for _, p := range all {
		parts = append(parts, fmt.Sprintf("%s (%d): %s", p.Name, p.PID, percent(p.Fraction)))
		sum += p.Fraction
	}
	c.Value = strings.Join(parts, listSeparator)
	c.Verdict = graded(sum/float64(max(1, cpus)), maxNoise, badNoise)
	c.Advice = "each in per cent of one CPU: stop what can be stopped before measuring"
	return c
}

func someOf(parts []string) string {
	if more := len(parts) - named; more > 0 {
		parts = append(slices.Clone(parts[:named]), fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, listSeparator)
}

func percent(share float64) string {
	switch {
	case share == 0:
		return "0 %"
	case share < 0.1:
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
