package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"connbench/results"
)

const (
	interruptionsSubject = "interruptions"
	clockReadSubject     = "reading the clock"
	// maxLost is the share of its time that a CPU may be away in a quiet repetition of
	// calibrate.
	maxLost = 0.005
	// longAway is a thousandth of a trial of a second: from there on a single
	// interruption is what its 99.9th percentile shows.
	longAway = time.Millisecond
	// maxClockRead is more than any read without a system call takes, and two of them
	// are a twentieth of the 4 µs that a request costs its client.
	maxClockRead = 100.0 // ns
)

func (n *Noise) interruptions() []Check {
	if n.watchErr != nil {
		const how = "`perf sched latency`, or any loop that reads the clock on a pinned thread, says it"
		return []Check{unknown(interruptionsSubject, n.watchErr, how), unknown(clockReadSubject, n.watchErr, how)}
	}
	return []Check{judgeInterruptions(n.Interruptions), judgeClockRead(n.Interruptions)}
}

func judgeInterruptions(all []Interruption) Check {
	sorted := slices.SortedStableFunc(slices.Values(all), func(a, b Interruption) int { return cmp.Compare(b.LostFraction, a.LostFraction) })
	c := Check{Subject: interruptionsSubject, Verdict: OK}
	var parts []string
	for _, i := range sorted {
		c.Verdict = worst(c.Verdict, graded(i.LostFraction, maxLost, badNoise))
		if i.LongestNS >= int64(longAway) {
			c.Verdict = worst(c.Verdict, Warning)
		}
		parts = append(parts, i.String())
	}
	c.Value = someOf(parts)
	c.Advice = fmt.Sprintf("a pinned loop was away for %v or more; a hypervisor shows here even where steal is 0", results.Nanos(shortest))
	if c.Verdict != OK {
		c.Advice += ": all rows have them in their tails, so compare ratios within one run, with more --trials or --precision"
	}
	return c
}

// String is one CPU's line.
func (i Interruption) String() string {
	if i.PerSecond == 0 {
		return fmt.Sprintf("CPU %d: none", i.CPU)
	}
	return fmt.Sprintf("CPU %d: %s/s of %v, longest %v, %s lost", i.CPU, results.Count(i.PerSecond),
		results.Nanos(i.MedianNS), results.Nanos(i.LongestNS), percent(i.LostFraction))
}

func judgeClockRead(all []Interruption) Check {
	slowest := 0.0
	for _, i := range all {
		slowest = max(slowest, i.ClockReadNS)
	}
	c := Check{Subject: clockReadSubject, Value: results.Nanos(slowest).String(), Verdict: graded(slowest, maxClockRead, 10*maxClockRead)}
	c.Advice = "as fast as a read without a system call"
	if c.Verdict != OK {
		c.Advice = "each request is timed by two reads, on the client's account: see the clock source"
	}
	return c
}
