package sample

import (
	"slices"
	"time"

	"connbench/loadgen/process"

	"github.com/prometheus/procfs"
)

// sampleTree is the use of processes and of all that have come from them and live:
// nil where one of the processes itself is gone.
func sampleTree(roots []int) *processSample {
	var sum processSample
	for queue := roots; len(queue) > 0; queue = queue[1:] {
		p, children, err := sampleProcess(queue[0])
		if err != nil && slices.Contains(roots, queue[0]) {
			return nil
		}
		if err != nil {
			continue // it has ended meanwhile
		}
		sum.add(p)
		queue = append(slices.Clip(queue), children...)
	}
	return &sum
}

// sampleProcess is the use of a process alone, but for the CPU time of its
// children that have ended; children are the others.
func sampleProcess(pid int) (sample processSample, children []int, err error) {
	cpu, err := process.CPU(pid)
	if err != nil {
		return sample, nil, err
	}
	sample, children, err = threads(pid)
	sample.pids = []int{pid}
	sample.account()
	sample.cpu = cpu + sample.waited
	return sample, children, err
}

// account takes up what /proc counts of a process in ticks, and of those of its children that have
// ended and that it has waited for.
func (p *processSample) account() {
	const tick = time.Second / 100 // on every Linux
	proc, err := procfs.NewProc(p.pids[0])
	if err != nil {
		return
	}
	stat, err := proc.Stat()
	if err != nil {
		return
	}
	p.user = time.Duration(int(stat.UTime)+stat.CUTime) * tick
	p.system = time.Duration(int(stat.STime)+stat.CSTime) * tick
	p.waited = time.Duration(stat.CUTime+stat.CSTime) * tick
	p.faults = int64(stat.MinFlt + stat.CMinFlt + stat.MajFlt + stat.CMajFlt)
}
