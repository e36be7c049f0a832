package live

import (
	"fmt"
	"time"

	"connbench/loadgen/sweep"
	"connbench/results"
)

// PlanCourse is the course of one plan, or of several in a row.
type PlanCourse struct {
	title  string // which of a command's courses it is; may be empty
	now    func() time.Time
	start  time.Time
	before int // trials that were done before the start

	pace  time.Duration // that a trial is thought to take before one is done; 0 is not known
	later time.Duration // that what comes after the plans is thought to take

	trials, blocks int // planned; with a precision there may be more
	at             sweep.Progress
	since          time.Time // when that was
}

// NewPlanCourse is the course of plans, of which so many trials are done.
func NewPlanCourse(title string, done int, plans ...sweep.Plan) *PlanCourse {
	c := &PlanCourse{title: title, now: time.Now, start: time.Now(), before: done}
	c.since = c.start
	c.at.Done = done
	for i := range plans {
		trials := len(plans[i].Order())
		c.trials += trials
		c.blocks += trials / len(plans[i].Models)
	}
	return c
}

// Expecting is the course with what its trials that are left, and what follows it, are thought to take.
func (c *PlanCourse) Expecting(now, later time.Duration) *PlanCourse {
	c.pace, c.later = now/time.Duration(max(1, c.trials)), later
	return c
}

func (c *PlanCourse) begin(t sweep.Trial, attempt int) string {
	trial, block, title := t.Number+1, t.Block+1, c.title
	if title != "" {
		title += " · "
	}
	return attempted(attempt, "%strial %d of %d · block %d of %d", title, trial, max(c.trials, trial), block, max(c.blocks, block))
}

func (c *PlanCourse) passed(at sweep.Progress) {
	c.at, c.since = at, c.now()
}

func (c *PlanCourse) extent() (share float64, words string) {
	total := max(c.trials-c.at.Spared, c.at.Done)
	share = float64(c.at.Done) / float64(total)
	return share, fmt.Sprintf("%d of %d trials · %s · %s", c.at.Done, total, c.blocksDone(), c.left())
}

func (c *PlanCourse) line(at sweep.Progress) string {
	result := outcome(at.Trial)
	if at.Repeat {
		result += ", noisy: to be repeated"
	}
	return fmt.Sprintf("%d/%d %s: %s, %s, %s", c.at.Done, max(c.trials-c.at.Spared, c.at.Done), loadOf(at.Trial), result, c.blocksDone(), c.left())
}

func (c *PlanCourse) blocksDone() string {
	return fmt.Sprintf("%d of %d blocks", c.at.Blocks, max(c.blocks, c.at.Blocks))
}

// left says how long it will take, as far as that is known: at the pace so far, in
// which the trials that had to be repeated are.
func (c *PlanCourse) left() string {
	planned, pace := c.later, c.pace
	done := c.at.Done - c.before
	if done > 0 {
		pace = c.since.Sub(c.start) / time.Duration(done)
	}
	trials := c.trials - c.at.Spared
	if trials > c.at.Done {
		planned += time.Duration(trials-c.at.Done)*pace - min(pace, c.now().Sub(c.since))
	}
	switch most := max(planned, c.at.Until.Sub(c.now()), 0).Round(time.Second); {
	case c.at.Until.IsZero() && done == 0 && pace == 0 && trials > c.at.Done:
		return "unknown time left"
	case c.at.Until.IsZero():
		return fmt.Sprintf("%v left", planned.Round(time.Second))
	case c.at.Done < trials:
		return fmt.Sprintf("%v to %v left", planned.Round(time.Second), most)
	default:
		return fmt.Sprintf("%s known too little, at most %v left", results.Plural(c.at.Wide, "row"), most)
	}
}
