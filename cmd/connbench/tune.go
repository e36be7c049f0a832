package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"connbench/cmd/connbench/live"
	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/models"
	"connbench/models/kernel"
	"connbench/results"
)

type tuneCommand struct {
	What  string `arg:"" optional:"" help:"buffers: the read buffer, SO_RCVBUF, SO_SNDBUF and TCP_NODELAY; backlog, workers or loops."`
	Model string `help:"The model to tune, which has the knob; by default goroutine." default:"goroutine" placeholder:"NAME"`
	Exec  string `help:"A server from elsewhere instead, told the value in the place of {value}; see run. Of nginx, haproxy and redis by name the backlog." placeholder:"'NAME=COMMAND ... {addr} ... {value}'"`
	Knob  string `help:"Of buffers: only read-buffer, rcvbuf, sndbuf or nodelay; by default all that the model has." placeholder:"KNOB"`

	Values        []string     `help:"Values to try, two or more; by default from far too small to far too large." placeholder:"VALUE"`
	Clients       []int        `help:"Numbers of clients, and of backlog sizes of storms; by default 256 for buffers, 64,512,4096 for backlog and else 16,256." placeholder:"N"`
	Payloads      []sweep.Size `help:"Payloads of a request; by default 64B, and for buffers 64B,4KiB,64KiB." placeholder:"SIZE"`
	networkFlag   `embed:""`
	workFlag      `embed:""`
	protocolFlags `embed:""`

	processesFlag `embed:""`

	Trials      int `help:"Trials of each value at each point; by default 8. 6 are the fewest that tell two values apart." default:"8" placeholder:"N"`
	Retries     int `help:"How often a noisy trial is repeated; by default once, and those of a storm, which noise later does not touch, never." placeholder:"N"`
	windowFlags `kong:"embed='',set='duration=200ms, of a storm 100ms',set='warmup=50ms, of a storm none'"`
	seedFlag    `embed:""`

	trialFlags `embed:""`

	planned *tune // see check
}

func (c *tuneCommand) Help() string {
	return "Tries values of a knob on one model, each as a row of its own, interleaved in shuffled blocks, and says which to set: what it " +
		"gains over the default, what memory it takes, where it does not matter, and how a program in Go sets it."
}

func (c *tuneCommand) check(given []string) (err error) {
	if err := c.Fleet.Check(true); err != nil {
		return err
	}
	switch {
	case c.Resume != "" && c.What != "":
		return usage(fmt.Errorf("--resume goes on with the run as it was planned: leave out %s", c.What))
	case c.Resume != "":
		return resumesAlone(given)
	case c.What == "":
		return usage(errors.New(`expected "<what>": buffers, backlog, workers or loops (see connbench tune --help)`))
	case !slices.ContainsFunc(tunables(), func(k tunable) bool { return k.what == c.What }):
		return usage(fmt.Errorf(`%q: what to tune must be one of "buffers","backlog","workers","loops" (see connbench tune --help)`, c.What))
	}
	if c.planned, err = c.tune(given, kernel.Try); err != nil {
		return err
	}
	base := c.planned.base()
	if err := checkServers(&base, &c.Fleet); err != nil {
		return err
	}
	return c.planned.validate(func(string) string { return base.Network })
}

func (c *tuneCommand) Run(ctx context.Context, s streams) error {
	team, release, err := s.claim(ctx, &c.Fleet, true)
	if err != nil {
		return err
	}
	defer release()
	t, store, stored, err := c.begin(s)
	if err != nil {
		return err
	}
	base := t.base()
	x, err := newSession(ctx, &base, team, t.validate)
	if err != nil {
		return err
	}
	defer x.close()
	if err := t.addRows(ctx, x); err != nil {
		return err
	}
	if store, err = x.open(s, store, c.Out, t, results.Run{Kind: results.TuneRun, Trials: t.trials()}, beginAnew, false); err != nil {
		return err
	}
	defer store.Close()
	t.warn(s)
	r := x.runner(store, stored)
	p := live.New(c.progress(s), live.NewPlanCourse("", results.Finished(stored), t.plans()...), stored)
	p.Attach(&r)
	err = t.run(ctx, &r)
	p.End()
	m := &measured{s, store.Dir, &store.Run, r.All(), c.form(), nil}
	if err := m.conclude(err, m.reportTune); err != nil {
		return err
	}
	return measuredAny(r.Stored)
}

func (c *tuneCommand) begin(s streams) (t *tune, store *results.Store, stored []results.Trial, err error) {
	if c.Resume == "" {
		return c.planned, nil, nil, nil
	}
	t = &tune{}
	if store, stored, err = resume(s, c.Resume, "tune", t); err == nil {
		if err = t.check(); err != nil {
			store.Close()
			err = usage(fmt.Errorf("%s: plan: %w", c.Resume, err))
		}
	}
	return t, store, stored, err
}

func (c *tuneCommand) tune(given []string, try prober) (*tune, error) {
	var err error
	if c.Exec, err = tunedPreset(c.What, c.Exec); err != nil {
		return nil, err
	}
	m, err := c.model(given)
	if err != nil {
		return nil, err
	}
	knobs, err := c.knobs(m)
	if err != nil {
		return nil, err
	}
	t := &tune{What: c.What, Model: m.Name, Exec: c.Exec}
	plan := c.plan(datagrams(m.Networks), given)
	for i := range knobs {
		values := knobs[i].values
		if slices.Contains(given, "values") {
			values = c.Values
		}
		if len(knobs) > 1 && slices.Contains(given, "values") {
			return nil, &loadgen.SpecError{Field: "values", Value: fmt.Sprintf("%q", c.Values), Allowed: "with --knob, which says of what: " + list(names(knobs))}
		}
		tuned, err := knobs[i].tuned(m, values, try)
		if err != nil {
			return nil, err
		}
		if c.Exec != "" {
			tuned.Default = "" // nobody knows
			for j := range tuned.Settings {
				tuned.Settings[j].Go = withValue(c.Exec, tuned.Settings[j].Row)
			}
		}
		t.Knobs = append(t.Knobs, tunedPlans(tuned, plan))
	}
	return t, nil
}

func (c *tuneCommand) model(given []string) (models.Model, error) {
	switch {
	case c.Exec == "":
		return tunedModel(c.Model)
	case slices.Contains(given, "model"):
		return models.Model{}, usage(errors.New("--model and --exec can't be used together"))
	}
	return tunedExec(c.Exec, c.Network)
}

func (c *tuneCommand) plan(udp bool, given []string) sweep.Plan {
	p := sweep.DefaultPlan(nil)
	p.Payloads, p.Clients = sweep.Sizes(64), []int{16, 256}
	p.Warmup, p.Duration = sweep.Duration(50*time.Millisecond), sweep.Duration(200*time.Millisecond)
	p.Retries, p.Slice = 1, defaultSlice
	switch c.What {
	case "buffers":
		p.Payloads, p.Clients = sweep.Sizes(64, 4<<10, 64<<10), []int{256}
		if udp {
			p.Payloads[2].Size = 32 << 10 // the longest that a datagram has room for
		}
	case "backlog":
		p.Clients = []int{64, 512, 4096}
		// A few requests of each, and not all at once.
		p.Warmup, p.Duration, p.Think = 0, sweep.Duration(100*time.Millisecond), sweep.Duration(50*time.Millisecond)
		p.Retries = 0
	}
	p.Trials = c.Trials
	c.put(&p)
	overlay(&p, c, given)
	if slices.Contains(given, "payloads") {
		p.Payloads = sweep.Sizes(c.Payloads...) // and no mix: advice is for a size
	}
	return p
}
