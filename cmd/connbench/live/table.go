package live

import (
	"fmt"
	"slices"
	"time"

	"connbench/loadgen/sweep"
	"connbench/results"
)

// TableCourse is the course of a comparison table: the capacity of each row, which
// takes nobody knows how many trials, and then rounds of all rows.
type TableCourse struct {
	now    func() time.Time
	start  time.Time
	rows   []string
	rounds int            // of each probe but that of capacity
	stored map[string]int // trials before the start, by probe

	probe            string    // of the trials now
	since            time.Time // which began then
	before, done, of int       // rows, or trials
}

// NewTableCourse is the course of a table, of which some trials are stored.
func NewTableCourse(t *sweep.Table, stored []results.Trial) *TableCourse {
	c := &TableCourse{now: time.Now, start: time.Now(), rows: t.Models, rounds: t.Trials, stored: map[string]int{}}
	for i := range stored {
		if stored[i].Attempt == 0 {
			c.stored[stored[i].Probe]++
		}
	}
	return c
}

var tableProbes = []string{results.ProbeCapacity, results.ProbeSaturation, results.ProbeHalf}

func (c *TableCourse) begin(t sweep.Trial, attempt int) string {
	what, done, of := "trial", c.done, len(c.rows)*c.rounds
	switch {
	case t.Probe == results.ProbeCapacity:
		what, done, of = "row", max(0, slices.Index(c.rows, t.Model)), len(c.rows)
	case t.Probe != c.probe:
		done = c.stored[t.Probe]
	}
	if t.Probe != c.probe {
		c.probe, c.since, c.before = t.Probe, c.now(), done
	}
	c.done, c.of = done, of
	number := done + 1
	if what == "trial" && attempt > 0 {
		number = done // it counts already
	}
	step := slices.Index(tableProbes, t.Probe)
	words := []string{"how many clients it serves", "its throughput", "its latency at half of that"}[step]
	return attempted(attempt, "step %d of %d: %s · %s %d of %d", step+1, len(tableProbes), words, what, number, of)
}

func (c *TableCourse) passed(at sweep.Progress) {
	if c.probe != results.ProbeCapacity && at.Trial.Attempt == 0 {
		c.done++
	}
}

func (c *TableCourse) extent() (share float64, words string) {
	what := "trials"
	if c.probe == results.ProbeCapacity {
		what = "rows"
	}
	words = fmt.Sprintf("%d of %d %s of this step", c.done, c.of, what)
	if c.done > c.before {
		pace := c.now().Sub(c.since) / time.Duration(c.done-c.before)
		words += fmt.Sprintf(" · %v left of it", (time.Duration(max(0, c.of-c.done)) * pace).Round(time.Second))
	}
	words += fmt.Sprintf(" · %v so far", c.now().Sub(c.start).Round(time.Second))
	return float64(c.done) / float64(max(1, c.of)), words
}

func (c *TableCourse) line(at sweep.Progress) string {
	t := at.Trial
	what := fmt.Sprintf("%s, %s, %d clients", t.Model, t.Probe, t.Clients)
	if t.Loop == results.OpenLoop {
		what += fmt.Sprintf(", %s/s", results.Count(t.RateRPS))
	}
	return fmt.Sprintf("%v %s: %s", c.now().Sub(c.start).Round(time.Second), what, outcome(t))
}
