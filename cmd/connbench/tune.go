package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/results"

	"github.com/alecthomas/kong"
)

type tuneCommand struct {
	What  string `arg:"" enum:"buffers,backlog,workers,loops" help:"buffers: the read buffer, SO_RCVBUF, SO_SNDBUF and TCP_NODELAY; backlog, workers or loops."`
	Model string `help:"The model to tune, which has the knob; by default goroutine." default:"goroutine" placeholder:"NAME"`
	Knob  string `help:"Of buffers: only read-buffer, rcvbuf, sndbuf or nodelay; by default all that the model has." placeholder:"KNOB"`

	Values   []string     `help:"Values to try, two or more; by default from far too small to far too large." placeholder:"VALUE"`
	Clients  []int        `help:"Numbers of clients, and of backlog sizes of storms; by default 256 for buffers, 64,512,4096 for backlog and else 16,256." placeholder:"N"`
	Payloads []sweep.Size `help:"Payloads of a request; by default 64B, and for buffers 64B,4KiB,64KiB." placeholder:"SIZE"`
	Network  string       `help:"Network of the stream models: tcp or unix; by default tcp. Models of udp are on udp." default:"tcp" placeholder:"NETWORK"`
	Work     string       `help:"What the server does for each request; by default echo, nothing more." default:"echo" placeholder:"WORK"`

	Trials   int           `help:"Trials of each value at each point; by default 8. 6 are the fewest that tell two values apart." default:"8" placeholder:"N"`
	Retries  int           `help:"How often a noisy trial is repeated; by default once, and those of a storm, which noise later does not touch, never." placeholder:"N"`
	Duration time.Duration `help:"How long a trial measures; by default 200ms." placeholder:"D"`
	Warmup   time.Duration `help:"How long before that, discarded; by default 50ms." placeholder:"D"`
	Seed     uint64        `help:"Seed of the order and the payloads; by default 1." default:"1" placeholder:"N"`

	ServerCPUs string `name:"server-cpus" help:"CPUs of the servers, like 0,2-3; by default half of the allowed ones." placeholder:"LIST"`
	ClientCPUs string `name:"client-cpus" help:"CPUs of the client; by default the others." placeholder:"LIST"`

	Out  string `help:"The run's folder, to be made; by default runs/ and the time." placeholder:"DIR"`
	JSON bool   `help:"Print the result as JSON."`
}

func (c *tuneCommand) Help() string {
	return "Tries values of a knob on one model, each as a row of its own, interleaved in shuffled blocks, and says which to set: what it " +
		"gains over the default, what memory it takes, where it does not matter, and how a program in Go sets it."
}

func (c *tuneCommand) Run(ctx context.Context, s streams, k *kong.Context) error {
	t, err := c.tune(givenFlags(k))
	if err != nil {
		return err
	}
	base := t.base()
	x, err := newSession(ctx, &base, t.validate)
	if err != nil {
		return err
	}
	defer x.close()
	if err := t.addRows(ctx, x); err != nil {
		return err
	}
	store, err := x.create(c.Out, t, results.Run{Kind: results.TuneRun, Trials: t.trials()})
	if err != nil {
		return err
	}
	defer store.Close()
	x.warn(s)
	p := newProgress(s.err, 0)
	err = t.run(ctx, x, store, p.trial)
	p.end()
	if err != nil {
		return fmt.Errorf("%w; the trials so far are in %s", interruption(err), store.Dir)
	}
	return c.finish(s, store.Dir)
}

// finish reports on a complete tune, which fails if nothing in it was measured.
func (c *tuneCommand) finish(s streams, dir string) error {
	run, trials, _, err := results.Open(dir)
	if err != nil {
		return err
	}
	if err := reportTune(s, dir, &run, trials, c.JSON); err != nil {
		return err
	}
	if !slices.ContainsFunc(trials, func(t results.Trial) bool { return t.Failure == "" }) {
		return fmt.Errorf("no trial could be measured: %s", trials[0].Failure)
	}
	return nil
}

// tune is what the flags ask for.
func (c *tuneCommand) tune(given []string) (*tune, error) {
	m, err := tunedModel(c.Model)
	if err != nil {
		return nil, err
	}
	knobs, err := c.knobs(m)
	if err != nil {
		return nil, err
	}
	t := &tune{What: c.What, Model: m.Name}
	plan := c.plan(datagrams(m.Networks), given)
	for i := range knobs {
		values := knobs[i].values
		if slices.Contains(given, "values") {
			values = c.Values
		}
		if len(knobs) > 1 && slices.Contains(given, "values") {
			return nil, &loadgen.SpecError{Field: "values", Value: fmt.Sprintf("%q", c.Values), Allowed: "with --knob, which says of what: " + list(names(knobs))}
		}
		tuned, err := knobs[i].tuned(m, values)
		if err != nil {
			return nil, err
		}
		t.Knobs = append(t.Knobs, tunedPlans(tuned, plan))
	}
	return t, nil
}

// plan is what the trials of all knobs have in common.
func (c *tuneCommand) plan(udp bool, given []string) sweep.Plan {
	p := sweep.DefaultPlan(nil)
	p.Payloads, p.Clients = []sweep.Size{64}, []int{16, 256}
	p.Warmup, p.Duration = sweep.Duration(50*time.Millisecond), sweep.Duration(200*time.Millisecond)
	p.Retries = 1
	switch c.What {
	case "buffers":
		p.Payloads, p.Clients = []sweep.Size{64, 4 << 10, 64 << 10}, []int{256}
		if udp {
			p.Payloads[2] = 32 << 10 // the longest that a datagram has room for
		}
	case "backlog":
		p.Clients = []int{64, 512, 4096}
		// A few requests of each, and not all at once.
		p.Warmup, p.Duration, p.Think = 0, sweep.Duration(100*time.Millisecond), sweep.Duration(50*time.Millisecond)
		p.Retries = 0
	}
	p.Network, p.Work, p.Trials, p.Seed = c.Network, c.Work, c.Trials, c.Seed
	p.ServerCPUs, p.ClientCPUs = c.ServerCPUs, c.ClientCPUs
	for flag, apply := range map[string]func(){
		"clients":  func() { p.Clients = c.Clients },
		"payloads": func() { p.Payloads = c.Payloads },
		"duration": func() { p.Duration = sweep.Duration(c.Duration) },
		"warmup":   func() { p.Warmup = sweep.Duration(c.Warmup) },
		"retries":  func() { p.Retries = c.Retries },
	} {
		if slices.Contains(given, flag) {
			apply()
		}
	}
	return p
}
