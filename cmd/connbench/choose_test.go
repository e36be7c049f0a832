package main

import (
	"slices"
	"testing"
	"time"

	"connbench/loadgen/sweep"
	"connbench/models"
	"connbench/results/read"
)

// chosenPlan is the plan of a choose without flags.
func chosenPlan(rows ...string) sweep.Plan {
	c := chooseCommand{Clients: 64, Payload: 64, Trials: 8}
	plan := c.plan(nil)
	plan.Models = rows
	return plan
}

// Of eight rows there is an answer within a minute.
func TestChooseTakes(t *testing.T) {
	plan := chosenPlan("a", "b", "c", "d", "e", "f", "g", "h")
	if got := plan.TakesScouted(); got < 45*time.Second || got > time.Minute {
		t.Errorf("eight rows take %v", got)
	}
	plan.Rates = sweep.Rates(1000)
	if got := plan.TakesScouted(); got != plan.Takes() {
		t.Errorf("with a rate %v, which is not its stage's %v", got, plan.Takes())
	}
}

// Rows are not tried with more clients than they serve at once, however many of these are idle, nor
// with what they cannot do.
func TestAble(t *testing.T) {
	rows := []string{"goroutine", "pool", "sequential", "udp", "python-sequential", "mine", "mine-udp"}
	for _, tt := range []struct {
		name   string
		change func(*sweep.Plan)
		want   read.Out
	}{
		{"few clients", func(p *sweep.Plan) { p.Clients = []int{1} }, read.Out{}},
		{"as many as there are workers", func(*sweep.Plan) {}, read.Out{
			"sequential": "serves 1 at once of 64 clients", "python-sequential": "serves 1 at once of 64 clients",
		}},
		{"many, most of them idle", func(p *sweep.Plan) { p.Clients, p.Active = []int{1000}, 0.05 }, read.Out{
			"pool": "serves 64 at once of 1000 clients", "sequential": "serves 1 at once of 1000 clients", "python-sequential": "serves 1 at once of 1000 clients",
		}},
		{"work", func(p *sweep.Plan) { p.Clients, p.Work = []int{1}, "cpu:20us" }, read.Out{
			"python-sequential": "does not do work", "mine": "does not do work", "mine-udp": "does not do work",
		}},
		{"much at once", func(p *sweep.Plan) { p.Clients, p.Payloads = []int{1}, sweep.Sizes(1<<17) }, read.Out{
			"udp": "has no room for 128 KiB in a datagram", "mine-udp": "has no room for 128 KiB in a datagram",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan := chosenPlan(rows...)
			plan.Exec = []string{"mine=cat {addr}", "mine-udp@udp=cat {addr}"}
			tt.change(&plan)
			left, out := able(rows, &plan)
			for _, row := range rows {
				if out[row] != tt.want[row] || slices.Contains(left, row) == (out[row] != "") {
					t.Errorf("%s: %q, want %q; left %q", row, out[row], tt.want[row], left)
				}
			}
		})
	}
}

// A row that cannot serve eight times the clients is not tried with them.
func TestAbleAfterAChange(t *testing.T) {
	plan := chosenPlan("goroutine", "pool")
	for _, change := range sweep.Variants(&plan) {
		changed := change.Plan
		_, out := able(plan.Models, &changed)
		if tooMany := changed.Clients[0] > 64; (out["pool"] != "") != tooMany || changed.Trials != 6 || changed.Work == string(models.Echo) && change.What == "work" {
			t.Errorf("%s %s: %q, %+v", change.What, change.To, out, changed)
		}
	}
}
