package live

import (
	"fmt"
	"slices"
	"time"

	"connbench/loadgen/sweep"
	"connbench/results"
)

// TableCourse is the course of a comparison table, step by step: rounds of all rows, or a
// question of each row, which takes nobody knows how many trials.
type TableCourse struct {
	now    func() time.Time
	start  time.Time
	rows   []string
	rounds int            // of a step of rounds
	stored map[string]int // trials before the start, by probe

	step             int       // of the trials now, -1 for none
	asks             bool      // it is a question
	since            time.Time // which began then
	before, done, of int       // rows, or trials
}

// NewTableCourse is the course of a table, of which some trials are stored.
func NewTableCourse(t *sweep.Table, stored []results.Trial) *TableCourse {
	c := &TableCourse{now: time.Now, start: time.Now(), rows: t.Models, rounds: t.Trials, stored: map[string]int{}, step: -1}
	for i := range stored {
		if stored[i].Attempt == 0 {
			c.stored[stored[i].Probe]++
		}
	}
	return c
}

func (c *TableCourse) begin(t sweep.Trial, attempt int) string {
	what, done, of := "trial", c.done, len(c.rows)*c.rounds
	asks := t.Probe == results.ProbeCapacity || t.Probe == results.ProbeRate
	switch {
	case asks:
		what, done, of = "row", max(0, slices.Index(c.rows, t.Model)), len(c.rows)
	case t.Step != c.step:
		done = c.stored[t.Probe]
	}
	if t.Step != c.step {
		c.step, c.asks, c.since, c.before = t.Step, asks, c.now(), done
	}
	c.done, c.of = done, of
	number := done + 1
	if what == "trial" && attempt > 0 {
		number = done // it counts already
	}
	return attempted(attempt, "step %d of %d: %s · %s %d of %d", t.Step+1, len(sweep.TableSteps), sweep.TableSteps[t.Step], what, number, of)
}

func (c *TableCourse) passed(at sweep.Progress) {
	if !c.asks && at.Trial.Attempt == 0 {
		c.done++
	}
}

func (c *TableCourse) extent() (share float64, words string) {
	what := "trials"
	if c.asks {
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
	what := fmt.Sprintf("%s, %s, %s", t.Model, t.Probe, results.Plural(t.Clients, "client"))
	if t.Loop == results.OpenLoop {
		what += fmt.Sprintf(", %s/s", results.Count(t.RateRPS))
	}
	return fmt.Sprintf("%v %s: %s", c.now().Sub(c.start).Round(time.Second), what, outcome(t))
}
