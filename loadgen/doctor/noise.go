package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connbench/loadgen/process"

	"github.com/prometheus/procfs"
)

// Noise is what disturbed the CPUs used while they were looked at.
type Noise struct {
	DurationNS int64 `json:"duration_ns"` // of each look
	// Idle CPUs: what others do there.
	Busy      []Busy    `json:"busy"`
	Processes []Process `json:"processes"` // the busiest
	// Busy CPUs, one after the other: what is taken from them.
	StealFraction *float64       `json:"steal_fraction"`
	Interruptions []Interruption `json:"interruptions"`

	busyErr, watchErr error // why there are none
}

// Busy is the share of its time that a CPU worked while connbench slept.
type Busy struct {
	CPU      int     `json:"cpu"`
	Fraction float64 `json:"busy_fraction"`
}

// Process is another process that used CPU time meanwhile.
type Process struct {
	PID      int     `json:"pid"`
	Name     string  `json:"name"`
	Fraction float64 `json:"cpu_fraction"` // of one CPU
}

// minTurn is the least that a CPU is watched for, however many there are: on a
// machine that is interrupted 400 times a second it meets eight.
const minTurn = 20 * time.Millisecond

func (m machine) listen(ctx context.Context, o Options) (*Noise, error) {
	n := &Noise{DurationNS: int64(o.Duration), Busy: []Busy{}, Processes: []Process{}, Interruptions: []Interruption{}}
	if err := m.lookIdle(ctx, o, n); err != nil {
		return nil, err
	}
	if err := lookBusy(ctx, o, n); err != nil {
		return nil, err
	}
	return n, nil
}

func (m machine) lookIdle(ctx context.Context, o Options, n *Noise) error {
	before, err := m.readActivity()
	if err != nil {
		n.busyErr = err
		return ctx.Err()
	}
	select {
	case <-time.After(o.Duration):
	case <-ctx.Done():
		return ctx.Err()
	}
	after, err := m.readActivity()
	if err != nil {
		n.busyErr = err
		return nil
	}
	n.Busy, n.busyErr = busySince(before, after, o.Placement.Used())
	n.Processes = processesSince(before, after)
	return nil
}

func lookBusy(ctx context.Context, o Options, n *Noise) error {
	used := o.Placement.Used()
	turn := max(minTurn, o.Duration/time.Duration(max(1, len(used))))
	var stolen, watched time.Duration
	known := len(used) > 0
	for _, cpu := range used {
		before := process.Stolen([]int{cpu})
		g, err := watch(ctx, cpu, turn)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			n.watchErr = err
			return nil
		}
		after := process.Stolen([]int{cpu})
		n.Interruptions = append(n.Interruptions, g.interruption(cpu))
		if known = known && before != nil && after != nil; known {
			stolen += *after - *before
		}
		watched += g.watched
	}
	if known {
		fraction := min(1, max(0, float64(stolen)/float64(watched)))
		n.StealFraction = &fraction
	}
	return nil
}

const (
	// maxNoise is the share of a CPU's time that others may take unnoticed in a
	// median, and badNoise that from which on trials are NOISY.
	maxNoise = 0.01
	badNoise = 0.05

	stealSubject     = "steal"
	busySubject      = "others on these CPUs"
	processesSubject = "busiest processes"
	loadSubject      = "load average"
)

func (n *Noise) checks(allowed []int) []Check {
	busy := judged(busySubject, "`mpstat -P ALL 1` says it", judgeBusy)(n.Busy, n.busyErr)
	return append([]Check{busy, n.processes(len(allowed)), n.steal()}, n.interruptions()...)
}

func (n *Noise) steal() Check {
	if n.StealFraction == nil {
		return unknown(stealSubject, errNotShown, "`vmstat 1` says it on Linux")
	}
	return judgeSteal(*n.StealFraction)
}

var errNotShown = errors.New("the system does not account for it")

func judgeSteal(fraction float64) Check {
	c := Check{Subject: stealSubject, Value: percent(fraction), Verdict: graded(fraction, maxNoise, badNoise)}
	c.Advice = "time the hypervisor took from busy CPUs, by its own account"
	if c.Verdict != OK {
		c.Advice += ": other guests are busy; measure later or with more --trials, and mind the verdict NOISY"
	}
	return c
}

func (m machine) loadAverage(cpus int) Check {
	judge := func(load *procfs.LoadAvg) Check { return judgeLoad(load.Load1, cpus) }
	return judged(loadSubject, "`uptime` says it", judge)(fromProc(m, procfs.FS.LoadAvg))
}

// someLoad is half a CPU's work over the last minute, which rounding does not make.
const someLoad = 0.5

func judgeLoad(load float64, cpus int) Check {
	c := Check{
		Subject: loadSubject,
		Value:   fmt.Sprintf("%.2f over the last minute", load),
		Verdict: graded(load, someLoad, float64(cpus)),
		Advice:  "processes that ran or waited for a disk; connbench adds none before it measures",
	}
	if c.Verdict != OK {
		c.Advice = "processes that ran or waited for a disk: what is below shows whether they still do; if it was a run, wait a minute"
	}
	return c
}
