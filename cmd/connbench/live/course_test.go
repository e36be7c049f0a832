package live

import (
	"testing"
	"time"

	"connbench/loadgen/sweep"
	"connbench/results"
)

// clock is a time that tests set.
type clock struct{ t time.Time }

func newClock() *clock { return &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time { return c.t }

// plans are two models at two numbers of clients, ten times.
func coursePlan() sweep.Plan {
	p := sweep.DefaultPlan([]string{"goroutine", "reactor"})
	p.Clients, p.Payloads, p.Trials = []int{16, 256}, sweep.Sizes(64), 10
	return p
}

func planCourseAt(c *clock, title string, done int, plans ...sweep.Plan) *PlanCourse {
	course := NewPlanCourse(title, done, plans...)
	course.now, course.start = c.now, c.now()
	return course
}

// measured is a trial that went well.
func measured(number int, model string, clients int) *results.Trial {
	return &results.Trial{
		Trial: number, Model: model, Clients: clients, PayloadBytes: 64, Loop: results.ClosedLoop, ClientsActive: clients, ClientsServed: clients,
		ThroughputRPS: 123456, ResponseLatency: &results.Latency{P99: results.Nanos(345 * time.Microsecond)},
	}
}

func TestPlanCourseWords(t *testing.T) {
	until := newClock().t.Add(10 * time.Minute)
	for _, tt := range []struct {
		name   string
		before int
		passed time.Duration
		at     sweep.Progress
		want   string
	}{
		{"nothing yet", 0, 0, sweep.Progress{Total: 40}, "0 of 40 trials · 0 of 20 blocks · 26s left"},
		{"a quarter", 0, 20 * time.Second, sweep.Progress{Done: 10, Total: 40, Blocks: 5}, "10 of 40 trials · 5 of 20 blocks · 1m0s left"},
		{"gone on", 30, 5 * time.Second, sweep.Progress{Done: 35, Total: 40, Blocks: 17}, "35 of 40 trials · 17 of 20 blocks · 5s left"},
		{"gone on with a repeat", 30, 5 * time.Second, sweep.Progress{Done: 30, Total: 40, Blocks: 15}, "30 of 40 trials · 15 of 20 blocks · 7s left"},
		{"done", 0, time.Minute, sweep.Progress{Done: 40, Total: 40, Blocks: 20}, "40 of 40 trials · 20 of 20 blocks · 0s left"},
		{"a precision", 0, 20 * time.Second, sweep.Progress{Done: 10, Total: 40, Blocks: 5, Until: until}, "10 of 40 trials · 5 of 20 blocks · 1m0s to 9m40s left"},
		{"beyond the plan", 0, 2 * time.Minute, sweep.Progress{Done: 44, Total: 40, Blocks: 22, Until: until, Wide: 3},
			"44 of 44 trials · 22 of 22 blocks · 3 rows known too little, at most 8m0s left"},
		{"late", 0, time.Hour, sweep.Progress{Done: 44, Total: 40, Blocks: 22, Until: until, Wide: 1},
			"44 of 44 trials · 22 of 22 blocks · 1 row known too little, at most 0s left"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newClock()
			course := planCourseAt(c, "", tt.before, coursePlan())
			c.t = c.t.Add(tt.passed)
			course.passed(tt.at)
			if share, got := course.extent(); got != tt.want || share < 0 || share > 1 {
				t.Errorf("%v, %q, want %q", share, got, tt.want)
			}
		})
	}
}

func TestPlanCoursePlaces(t *testing.T) {
	course := planCourseAt(newClock(), "", 0, coursePlan())
	for _, tt := range []struct {
		trial   sweep.Trial
		attempt int
		want    string
	}{
		{sweep.Trial{}, 0, "trial 1 of 40 · block 1 of 20"},
		{sweep.Trial{Number: 39, Block: 19}, 2, "trial 40 of 40 · block 20 of 20 · attempt 3"},
		{sweep.Trial{Number: 41, Block: 20}, 0, "trial 42 of 42 · block 21 of 21"},
	} {
		if got := course.begin(tt.trial, tt.attempt); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.trial, got, tt.want)
		}
	}
	if got := planCourseAt(newClock(), "choice", 0, coursePlan()).begin(sweep.Trial{}, 0); got != "choice · trial 1 of 40 · block 1 of 20" {
		t.Errorf("with a title: %q", got)
	}
}

// The trial under way is taken off, as long as it takes no longer than the others.
func TestPlanCourseCountsDown(t *testing.T) {
	c := newClock()
	course := planCourseAt(c, "", 0, coursePlan())
	c.t = c.t.Add(20 * time.Second)
	course.passed(sweep.Progress{Done: 10, Total: 40, Blocks: 5})
	for _, want := range []string{"1m0s left", "59s left", "58s left", "58s left"} {
		if got := course.left(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		c.t = c.t.Add(time.Second)
	}
}

// The rows of a block that take turns are measured together, before the first of them is stored.
func TestPlanCourseOfTurns(t *testing.T) {
	c := newClock()
	course := planCourseAt(c, "", 0, coursePlan())
	c.t = c.t.Add(4 * time.Second)
	for i, want := range []string{"1m16s left", "1m16s left", "1m12s left"} {
		if i == 2 {
			c.t = c.t.Add(4 * time.Second)
		}
		course.passed(sweep.Progress{Done: i + 1, Total: 40, Kept: []int{1, 0, 1}[i]})
		if got := course.left(); got != want {
			t.Errorf("after trial %d %q, want %q", i+1, got, want)
		}
	}
	c.t = c.t.Add(3 * time.Second)
	if got := course.left(); got != "1m9s left" {
		t.Errorf("in the next block: %q", got)
	}
}

// Profiles come after the plan.
func TestPlanCourseOfProfiles(t *testing.T) {
	c := newClock()
	plan := coursePlan()
	plan.Profile = sweep.Duration(time.Second)
	course := planCourseAt(c, "", 0, plan)
	course.passed(sweep.Progress{Done: 40, Total: 40, Blocks: 20})
	if got := course.left(); got != "37s left" {
		t.Errorf("before 24 profiles: %q", got)
	}
}

// What follows the plans is in the time that is left, from the start.
func TestPlanCourseExpects(t *testing.T) {
	c := newClock()
	course := planCourseAt(c, "choice", 0, coursePlan()).Before(time.Minute)
	course.since = c.t
	if got := course.left(); got != "1m26s left" {
		t.Errorf("before the first: %q", got)
	}
	c.t = c.t.Add(20 * time.Second)
	course.passed(sweep.Progress{Done: 10, Total: 40, Blocks: 5})
	if got := course.left(); got != "2m0s left" {
		t.Errorf("at half the pace: %q", got)
	}
}

// Of several plans the numbers go on.
func TestPlanCourseOfSeveral(t *testing.T) {
	course := planCourseAt(newClock(), "", 0, coursePlan(), coursePlan())
	course.passed(sweep.Progress{Done: 40, Total: 40, Blocks: 20})
	if got, want := course.begin(sweep.Trial{Number: 40, Block: 20}, 0), "trial 41 of 80 · block 21 of 40"; got != want {
		t.Errorf("begins with %q, want %q", got, want)
	}
	course.passed(sweep.Progress{Done: 41, Total: 80, Blocks: 20})
	if _, got := course.extent(); got != "41 of 80 trials · 20 of 40 blocks · 0s left" {
		t.Errorf("then %q", got)
	}
}

func TestPlanCourseLines(t *testing.T) {
	course := planCourseAt(newClock(), "", 0, coursePlan())
	open, failed, few := measured(1, "reactor", 16), measured(2, "goroutine", 16), measured(3, "reactor", 256)
	open.RateRPS, open.Loop = 20_000, results.OpenLoop
	failed.Failure = "server goroutine: no address"
	lost := measured(4, "reactor", 16)
	lost.Failure, lost.HostLost = "host b is lost: its agent was started anew", true
	few.ClientsServed = 7
	for i, tt := range []struct {
		at   sweep.Progress
		want string
	}{
		{sweep.Progress{Trial: open, Repeat: true}, "1/40 reactor, 16 clients, 64 B, 20k/s asked: 123k req/s, p99 345 µs, noisy: to be repeated, 0 of 20 blocks, 0s left"},
		{sweep.Progress{Trial: failed, Blocks: 1}, "2/40 goroutine, 16 clients, 64 B: failed: server goroutine: no address, 1 of 20 blocks, 0s left"},
		{sweep.Progress{Trial: few, Blocks: 1}, "3/40 reactor, 256 clients, 64 B: 123k req/s, p99 345 µs, 7 served, 1 of 20 blocks, 0s left"},
		{sweep.Progress{Trial: lost, Blocks: 1, Repeat: true}, "4/40 reactor, 16 clients, 64 B: failed: host b is lost: its agent was started anew, to be made again, 1 of 20 blocks, 0s left"},
	} {
		tt.at.Done, tt.at.Total = i+1, 40
		course.passed(tt.at)
		if got := course.line(tt.at); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestTableCourse(t *testing.T) {
	c := newClock()
	table := sweep.DefaultTable([]string{"goroutine", "reactor", "sequential", "udp"})
	table.Trials = 5
	course := NewTableCourse(&table, []results.Trial{
		{Probe: results.ProbeHalf}, {Probe: results.ProbeHalf, Attempt: 1}, {Probe: results.ProbeCapacity},
	})
	course.now, course.start = c.now, c.now()
	check := func(trial sweep.Trial, attempt int, place, words string) {
		t.Helper()
		if got := course.begin(trial, attempt); got != place {
			t.Errorf("%q, want %q", got, place)
		}
		if _, got := course.extent(); got != words {
			t.Errorf("%q, want %q", got, words)
		}
		done := measured(trial.Number, trial.Model, 16)
		done.Attempt = attempt
		course.passed(sweep.Progress{Trial: done})
	}
	saturation := sweep.Trial{Model: "udp", Probe: results.ProbeSaturation}
	check(saturation, 0, "step 1 of 7: throughput · trial 1 of 20", "0 of 20 trials of this step · 0s so far")
	c.t = c.t.Add(time.Second)
	check(saturation, 1, "step 1 of 7: throughput · trial 1 of 20 · attempt 2", "1 of 20 trials of this step · 19s left of it · 1s so far")
	check(saturation, 0, "step 1 of 7: throughput · trial 2 of 20", "1 of 20 trials of this step · 19s left of it · 1s so far")
	busy := func(model string) sweep.Trial {
		return sweep.Trial{Model: model, Probe: results.ProbeCapacity, Step: 3}
	}
	check(busy("goroutine"), 0, "step 4 of 7: busy clients · row 1 of 4", "0 of 4 rows of this step · 1s so far")
	c.t = c.t.Add(10 * time.Second)
	check(busy("reactor"), 0, "step 4 of 7: busy clients · row 2 of 4", "1 of 4 rows of this step · 30s left of it · 11s so far")
	rate := sweep.Trial{Model: "goroutine", Probe: results.ProbeRate, Step: 1}
	check(rate, 0, "step 2 of 7: the highest rate of few clients · row 1 of 4", "0 of 4 rows of this step · 11s so far")
	half := sweep.Trial{Model: "udp", Probe: results.ProbeHalf, Step: 6}
	check(half, 0, "step 7 of 7: latency at half of the throughput · trial 2 of 20", "1 of 20 trials of this step · 11s so far")
	c.t = c.t.Add(time.Second)
	check(half, 0, "step 7 of 7: latency at half of the throughput · trial 3 of 20", "2 of 20 trials of this step · 18s left of it · 12s so far")
}

func TestTableCourseLine(t *testing.T) {
	c := newClock()
	course := &TableCourse{now: c.now, start: c.now()}
	c.t = c.t.Add(90 * time.Second)
	trial := measured(0, "sequential", 2)
	trial.Probe, trial.Loop, trial.RateRPS, trial.ClientsServed = results.ProbeCapacity, results.OpenLoop, 100, 1
	want := "1m30s sequential, capacity, 2 clients, 100/s: 123k req/s, p99 345 µs, 1 served"
	if got := course.line(sweep.Progress{Trial: trial}); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTally(t *testing.T) {
	c := newTally()
	if got := c.words(); got != "0 of 0 valid" {
		t.Errorf("none: %q", got)
	}
	add := func(number, attempt int, failure string, verdicts ...string) {
		trial := measured(number, "goroutine", 16)
		trial.Attempt, trial.Failure, trial.Verdicts = attempt, failure, verdicts
		c.add(trial)
	}
	add(0, 0, "")
	add(1, 0, "", results.Noisy)
	add(2, 0, "", results.Noisy, results.ClientBound)
	add(3, 0, "it died")
	add(1, 1, "")
	add(2, 1, "", results.Noisy)
	if got, want := c.words(), "2 of 4 valid · 1 failed · 2 repeated · NOISY 3 · CLIENT_BOUND 1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
