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

	pace  time.Duration // that a trial is thought to take before one is done
	later time.Duration // that what comes after the plans is thought to take

	trials, blocks int // planned; with a precision there may be more
	at             sweep.Progress
	since          time.Time // when that was
	measured       int       // trials by then, in turns those too that are not stored yet
	atOnce         int       // of these the last
}

// NewPlanCourse is the course of plans, of which so many trials are done.
func NewPlanCourse(title string, done int, plans ...sweep.Plan) *PlanCourse {
	c := &PlanCourse{title: title, now: time.Now, start: time.Now(), before: done}
	c.since = c.start
	c.at.Done, c.measured, c.atOnce = done, done, 1
	for i := range plans {
		trials := len(plans[i].Order())
		c.trials += trials
		c.blocks += trials / len(plans[i].Models)
		c.pace += plans[i].Takes()
		if profiles := plans[i].Profiling(); profiles != nil {
			c.later += profiles.Takes()
		}
	}
	c.pace /= time.Duration(max(1, c.trials))
	return c
}

// Before is the course with how long what follows it is thought to take.
func (c *PlanCourse) Before(later time.Duration) *PlanCourse {
	c.later += later
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
	if at.Done+at.Kept > c.measured {
		c.atOnce = 1 + at.Kept
	}
	c.at, c.since, c.measured = at, c.now(), at.Done+at.Kept
}

func (c *PlanCourse) extent() (share float64, words string) {
	total := max(c.trials-c.at.Spared, c.at.Done)
	share = float64(c.at.Done) / float64(total)
	return share, fmt.Sprintf("%d of %d trials · %s · %s", c.at.Done, total, c.blocksDone(), c.left())
}

func (c *PlanCourse) line(at sweep.Progress) string {
	result := outcome(at.Trial)
	switch {
	case at.Trial.HostLost:
		result += ", to be made again"
	case at.Repeat:
		result += ", noisy: to be repeated"
	}
	title := c.title
	if title != "" {
		title += " "
	}
	return fmt.Sprintf("%s%d/%d %s: %s, %s, %s", title, c.at.Done, max(c.trials-c.at.Spared, c.at.Done), loadOf(at.Trial), result, c.blocksDone(), c.left())
}

func (c *PlanCourse) blocksDone() string {
	return fmt.Sprintf("%d of %d blocks", c.at.Blocks, max(c.blocks, c.at.Blocks))
}

// left says how long it will take: at the pace so far, in which the trials that had to be repeated are.
func (c *PlanCourse) left() string {
	planned, pace := c.later, c.pace
	if done := c.measured - c.before; done > 0 {
		pace = c.since.Sub(c.start) / time.Duration(done)
	}
	trials := c.trials - c.at.Spared
	if trials > c.measured {
		planned += max(0, time.Duration(trials-c.measured)*pace-min(time.Duration(c.atOnce)*pace, c.now().Sub(c.since)))
	}
	switch most := max(planned, c.at.Until.Sub(c.now()), 0).Round(time.Second); {
	case c.at.Until.IsZero():
		return fmt.Sprintf("%v left", planned.Round(time.Second))
	case c.at.Done < trials:
		return fmt.Sprintf("%v to %v left", planned.Round(time.Second), most)
	default:
		return fmt.Sprintf("%s known too little, at most %v left", results.Plural(c.at.Wide, "row"), most)
	}
}
