package live

import (
	"fmt"
	"time"

	"connbench/loadgen/sweep"
)

// ClaimsCourse is the course of experiments, of which some run trials.
type ClaimsCourse struct {
	now    func() time.Time
	start  time.Time
	done   int // experiments
	of     int
	title  string // of the one under way
	trials int    // of it
}

func NewClaimsCourse() *ClaimsCourse { return &ClaimsCourse{now: time.Now, start: time.Now(), of: 1} }

// Experiment takes up one that begins now, the number of those before it, and how many
// there are.
func (c *ClaimsCourse) Experiment(done, of int, title string) {
	c.done, c.of, c.title, c.trials = done, of, title, 0
}

func (c *ClaimsCourse) begin(_ sweep.Trial, attempt int) string {
	return attempted(attempt, "%s · trial %d of it", c.title, c.trials+1)
}

func (c *ClaimsCourse) passed(at sweep.Progress) {
	if !at.Repeat {
		c.trials++
	}
}

func (c *ClaimsCourse) extent() (share float64, words string) {
	return float64(c.done) / float64(c.of),
		fmt.Sprintf("%d of %d experiments · %v so far", c.done, c.of, c.now().Sub(c.start).Round(time.Second))
}

func (c *ClaimsCourse) line(at sweep.Progress) string {
	return loadOf(at.Trial) + ": " + outcome(at.Trial)
}
