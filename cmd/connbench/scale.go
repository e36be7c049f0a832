package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"connbench/cmd/connbench/fleet"
	"connbench/cmd/connbench/live"
	"connbench/loadgen/doctor"
	"connbench/loadgen/sweep"
	"connbench/models"
	"connbench/results"
)

type scaleCommand struct {
	rowFlags    `embed:""`
	Connections []int      `help:"Numbers of connections, the fewest first; by default 1000,10000,100000,1000000." placeholder:"N"`
	Payload     sweep.Size `help:"Payload of a request; by default 64B." placeholder:"SIZE"`
	Rate        float64    `help:"Requests a second in all; by default 20000." placeholder:"R"`
	Active      float64    `help:"Share of the connections that sends them, drawn by the seed; the others are idle, and ask once in the end; by default 0.02." placeholder:"SHARE"`

	protocolFlags `embed:""`

	Trials        int `help:"Trials of each number; by default 1." placeholder:"N"`
	windowFlags   `kong:"embed='',set='duration=5s',set='warmup=1s'"`
	patienceFlags `embed:""`
	seedFlag      `embed:""`
	cpuFlags      `embed:""`

	resumeFlags `embed:""`
	formFlags   `embed:""`
	quietFlag   `embed:""`

	planned sweep.Plan // see check
}

func (c *scaleCommand) Help() string {
	return "What a row takes of the machine, and how fast it is, with ever more connections of which few are busy: memory of each at the server, at the client and of the " +
		"whole host, connections a second, latency and CPU at one rate. What one process has no descriptors for is served by several that share the port (--processes), or by " +
		"uring with direct descriptors. Without --models the rows are uring, prefork and goroutine. A row ends at what the machine has room for, and says so."
}

func (c *scaleCommand) check(given []string) error {
	if c.Resume != "" {
		return resumesAlone(given)
	}
	p := sweep.DefaultPlan([]string{"uring", "prefork", "goroutine"})
	p.Clients, p.Payloads, p.Rates, p.Active, p.Trials = []int{1000, 10_000, 100_000, 1_000_000}, sweep.Sizes(64), sweep.Rates(20_000), 0.02, 1
	p.Retries = 0
	p.Warmup, p.Duration, p.Timeout = sweep.Duration(time.Second), sweep.Duration(5*time.Second), sweep.Duration(5*time.Second)
	overlay(&p, c, given)
	if slices.Contains(given, "connections") {
		p.Clients = c.Connections
	}
	if slices.Contains(given, "payload") {
		p.Payloads = sweep.Sizes(c.Payload)
	}
	if slices.Contains(given, "rate") {
		p.Rates = sweep.Rates(c.Rate)
	}
	c.planned = p
	return checkPlan(&c.planned, &fleet.Flags{})
}

func (c *scaleCommand) Run(ctx context.Context, s streams) error {
	plan := c.planned
	store, stored, err := resume(s, c.Resume, results.ScaleRun, &plan)
	if err != nil {
		return err
	}
	x, err := newSession(ctx, &plan, nil, plan.Validate)
	if err != nil {
		return err
	}
	defer x.close()
	if store, err = x.open(s, store, c.Out, plan, results.Run{Kind: results.ScaleRun, Trials: len(plan.Order())}, beginAnew, false); err != nil {
		return err
	}
	defer store.Close()
	r := &sweep.ScaleRunner{Runner: x.runner(store, stored), Row: x.scaled, Room: noRoom}
	r.StopTimeout = stopThousands
	p := live.New(c.progress(s), live.NewPlanCourse("", r.Done(), plan), stored)
	p.Attach(&r.Runner)
	r.Stopped = func(model string, n int, why string) {
		ends := fmt.Sprintf("%s ends below %s: %s", model, results.Plural(n, "connection"), why)
		if c.Quiet { // it is no progress
			s.note(ends)
			return
		}
		p.Known(ends)
	}
	err = r.Run(ctx)
	p.End()
	m := &measured{s, store.Dir, &store.Run, r.Stored, c.form(), nil}
	return m.conclude(err, func() error { return m.reportRun(true) })
}

// scaled is a row for so many connections, with the knobs that it takes: direct descriptors where it
// has them, and else as many processes as have descriptors for them.
func (x *session) scaled(ctx context.Context, model string, connections int) (sweep.Row, map[string]string, error) {
	knobs := map[string]string{}
	room := int(x.env.OpenFiles) - results.SpareDescriptors
	direct := func(m models.Model) bool { return m.Name == model && m.Honours(models.KnobDirect) }
	switch {
	case x.env.OpenFiles == 0 || connections <= room:
	case slices.ContainsFunc(goModels(), direct):
		knobs["direct"] = "true"
	default:
		knobs["processes"] = strconv.Itoa(sweep.ProcessesFor(connections, room))
	}
	plan := *x.plan
	plan.Models, plan.Exec, plan.Knobs = []string{model}, onlyOf(plan.Exec, []string{model}), knobs
	lineup, err := x.makeLineup(ctx, &plan)
	if err != nil {
		return sweep.Row{}, nil, err
	}
	return lineup.rows[model], knobs, nil
}

// noRoom says why this machine has no room for so many connections, empty where it has: by what
// fewer took, or by what most take.
func noRoom(connections int, each float64) string {
	most, why, err := doctor.HostClients(each)
	if err != nil || uint64(connections) <= most {
		return ""
	}
	return fmt.Sprintf("this machine has room for about %s of them: %s", results.Count(float64(most)), why)
}
