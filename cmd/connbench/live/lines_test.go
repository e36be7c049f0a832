package live

import (
	"strings"
	"testing"
	"time"

	"connbench/loadgen/sweep"
	"connbench/results"
)

// The first event is told at once, then the newest every five seconds, and in the end
// what is left; no verdict and no row's first failure is lost.
func TestLines(t *testing.T) {
	type event struct {
		after   time.Duration // the one before
		model   string
		failure string
		verdict string
	}
	for _, tt := range []struct {
		name   string
		events []event
		want   string
	}{
		{"none", nil, ""},
		{"one", []event{{model: "a"}}, "0\n"},
		{"the last is told in the end", []event{{model: "a"}, {time.Second, "b", "", ""}, {time.Second, "c", "", ""}},
			"0\n2; since the last line 2 of 2 valid\n"},
		{"every five seconds", []event{{model: "a"}, {4999 * time.Millisecond, "b", "", ""}, {time.Millisecond, "c", "", ""}, {5 * time.Second, "d", "", ""}},
			"0\n2; since the last line 2 of 2 valid\n3\n"},
		{"verdicts are counted", []event{{model: "a"}, {time.Second, "b", "", results.Noisy}, {time.Second, "c", "", results.Noisy}, {3 * time.Second, "d", "", ""}},
			"0\n3; since the last line 1 of 3 valid · NOISY 2\n"},
		{"a row's first failure is kept", []event{{model: "a"}, {time.Second, "b", "no address", ""}, {time.Second, "b", "again", ""}, {3 * time.Second, "c", "", ""}},
			"0\n3; since the last line 1 of 3 valid · 2 failed; b, 1 client, 64 B: failed: no address\n"},
		{"a failure that is the line itself is told once", []event{{0, "a", "dead", ""}, {5 * time.Second, "b", "gone", ""}}, "0\n1\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			c := newClock()
			l := newLines(&b, c.now)
			for i, e := range tt.events {
				c.t = c.t.Add(e.after)
				trial := measured(i, e.model, 1)
				if trial.Failure = e.failure; e.verdict != "" {
					trial.Verdicts = []string{e.verdict}
				}
				l.trial(trial, string(rune('0'+i)))
			}
			l.flush()
			if b.String() != tt.want {
				t.Errorf("got\n%swant\n%s", b.String(), tt.want)
			}
		})
	}
}

// Whatever a command tells of comes through the same five seconds.
func TestProgressInLines(t *testing.T) {
	var b strings.Builder
	c := newClock()
	p := &Progress{lines: newLines(&b, c.now), view: newView(planCourseAt(c, "", 0, coursePlan()), c.now)}
	for i := range 21 {
		p.Say("experiment", "one")
		p.begin(sweep.Trial{Number: i, Model: "reactor", Clients: 16, Payload: sweep.Payload{Size: 64}}, 0)
		p.connecting(8)
		p.trial(sweep.Progress{Done: i + 1, Total: 40, Trial: measured(i, "reactor", 16)})
		c.t = c.t.Add(time.Second)
	}
	p.End()
	if n := strings.Count(b.String(), "\n"); n != 6 {
		t.Errorf("%d lines of 21 seconds, want 5 and the end:\n%s", n, b.String())
	}
}
