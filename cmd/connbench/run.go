package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/models"
	"connbench/results"
)

type runCommand struct {
	Plan     string       `help:"A plan as YAML, with the names of these flags; flags override it." placeholder:"FILE"`
	Models   []string     `help:"Models to compare; by default all." placeholder:"NAME,..."`
	Clients  []int        `help:"Numbers of clients; by default 1,16,256." placeholder:"N,..."`
	Payloads []sweep.Size `help:"Payloads of a request; by default 64B,4KiB." placeholder:"SIZE,..."`
	Network  string       `help:"Of the stream models: tcp or unix; by default tcp. Models of udp are on udp." placeholder:"NETWORK"`
	Framing  string       `help:"Of the stream models: length or raw; by default length." placeholder:"FRAMING"`
	Work     string       `help:"What the server does for each request; by default echo." placeholder:"WORK"`
	MaxFrame sweep.Size   `help:"The longest payload; by default 1MiB." placeholder:"SIZE"`
	Pipeline int          `help:"Requests that a client may have unanswered; by default 1." placeholder:"N"`

	Duration time.Duration `help:"How long a trial measures; by default 1s." placeholder:"D"`
	Warmup   time.Duration `help:"How long before that, discarded; by default 200ms." placeholder:"D"`
	Timeout  time.Duration `help:"For an answer; by default 1s." placeholder:"D"`
	Trials   int           `help:"Trials of each point; by default 3." placeholder:"N"`
	Seed     *uint64       `help:"Of the order and the payloads; by default 1." placeholder:"N"`

	ServerCPUs string `name:"server-cpus" help:"CPUs of the servers, like 0,2-3; by default half of the allowed ones." placeholder:"LIST"`
	ClientCPUs string `name:"client-cpus" help:"CPUs of the client; by default the others." placeholder:"LIST"`

	Out    string `help:"The run's folder, to be made; by default runs/ and the time." placeholder:"DIR"`
	Resume string `help:"Go on with the run in this folder, as it was planned." placeholder:"DIR"`
	JSON   bool   `help:"Print the run and its trials as JSON."`
}

func (c *runCommand) Run(ctx context.Context, s streams) error {
	runner, cleanup, err := c.prepare(s)
	if err != nil {
		return err
	}
	defer cleanup()
	total := runner.Store.Run.Trials
	p := newProgress(s.err, len(runner.Done), total)
	runner.Progress = p.trial
	err = runner.Run(ctx)
	p.end()
	if err == nil {
		return c.finish(s, runner.Store)
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	return fmt.Errorf("%w; finished trials are kept; to go on: connbench run --resume %s", err, runner.Store.Dir)
}

// finish reports on a complete run, which fails if nothing in it was measured.
func (c *runCommand) finish(s streams, store *results.Store) error {
	if err := report(s, store.Dir, c.JSON); err != nil {
		return err
	}
	_, trials, _, err := results.Open(store.Dir)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(trials, func(t results.Trial) bool { return t.Failure == "" }) {
		return fmt.Errorf("no trial could be measured: %s", trials[0].Failure)
	}
	return nil
}

// prepare checks everything that can be wrong before the first trial, and then
// opens the run's folder.
func (c *runCommand) prepare(s streams) (*sweep.Runner, func(), error) {
	store, done, plan, err := c.resume(s)
	if err != nil {
		return nil, nil, err
	}
	if store == nil {
		if plan, err = c.plan(); err != nil {
			return nil, nil, err
		}
	}
	executable, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	sockets, err := os.MkdirTemp("", "connbench-")
	if err != nil {
		return nil, nil, err
	}
	cleanup := func() { os.RemoveAll(sockets) }
	rows, err := rows(plan, executable, sockets)
	if err == nil {
		err = plan.Validate(func(model string) string { return rows[model].Network })
	}
	var allowed []int
	if err == nil {
		allowed, err = loadgen.AllowedCPUs()
	}
	var placement sweep.Placement
	if err == nil {
		placement, err = sweep.Place(allowed, plan.ServerCPUs, plan.ClientCPUs)
	}
	if err == nil && store == nil {
		store, err = c.create(plan, sweep.Describe(allowed, placement))
	}
	if err != nil {
		cleanup()
		return nil, nil, err
	}
	if placement.Shared() {
		fmt.Fprintf(s.err, "connbench: warning: %s\n", store.Run.Environment.Placement())
	}
	return &sweep.Runner{
		Plan:      plan,
		Rows:      rows,
		Client:    []string{executable, "client"},
		Placement: placement,
		Store:     store,
		Done:      done,
	}, func() { store.Close(); cleanup() }, nil
}

// resume opens the run to go on with, if there is one.
func (c *runCommand) resume(s streams) (*results.Store, map[int]bool, sweep.Plan, error) {
	var plan sweep.Plan
	if c.Resume == "" {
		return nil, nil, plan, nil
	}
	if given := c.given(); len(given) > 0 {
		return nil, nil, plan, usage(fmt.Errorf("--resume goes on with the plan as it was: leave out --%s", given[0]))
	}
	store, trials, warnings, err := results.Reopen(c.Resume)
	if err != nil {
		return nil, nil, plan, usage(err)
	}
	for _, w := range warnings {
		fmt.Fprintf(s.err, "connbench: warning: %s\n", w)
	}
	if err := json.Unmarshal(store.Run.Plan, &plan); err != nil {
		store.Close()
		return nil, nil, plan, fmt.Errorf("%s: plan: %w", c.Resume, err)
	}
	done := map[int]bool{}
	for _, t := range trials {
		done[t.Trial] = true
	}
	return store, done, plan, nil
}

// plan is the default plan with the file's fields and the flags over it.
func (c *runCommand) plan() (sweep.Plan, error) {
	plan := sweep.DefaultPlan(models.Names(models.All()))
	if c.Plan != "" {
		f, err := os.Open(c.Plan)
		if err != nil {
			return plan, usage(err)
		}
		defer f.Close()
		if err := plan.ReadPlan(f, c.Plan); err != nil {
			return plan, usage(err)
		}
	}
	for _, o := range c.overrides(&plan) {
		if o.given {
			o.apply()
		}
	}
	return plan, nil
}

// override is a flag that stands for a field of the plan.
type override struct {
	flag  string
	given bool
	apply func()
}

func (c *runCommand) overrides(p *sweep.Plan) []override {
	return []override{
		{"models", c.Models != nil, func() { p.Models = c.Models }},
		{"clients", c.Clients != nil, func() { p.Clients = c.Clients }},
		{"payloads", c.Payloads != nil, func() { p.Payloads = c.Payloads }},
		{"network", c.Network != "", func() { p.Network = c.Network }},
		{"framing", c.Framing != "", func() { p.Framing = c.Framing }},
		{"work", c.Work != "", func() { p.Work = c.Work }},
		{"max-frame", c.MaxFrame != 0, func() { p.MaxFrame = c.MaxFrame }},
		{"pipeline", c.Pipeline != 0, func() { p.Pipeline = c.Pipeline }},
		{"duration", c.Duration != 0, func() { p.Duration = sweep.Duration(c.Duration) }},
		{"warmup", c.Warmup != 0, func() { p.Warmup = sweep.Duration(c.Warmup) }},
		{"timeout", c.Timeout != 0, func() { p.Timeout = sweep.Duration(c.Timeout) }},
		{"trials", c.Trials != 0, func() { p.Trials = c.Trials }},
		{"seed", c.Seed != nil, func() { p.Seed = *c.Seed }},
		{"server-cpus", c.ServerCPUs != "", func() { p.ServerCPUs = c.ServerCPUs }},
		{"client-cpus", c.ClientCPUs != "", func() { p.ClientCPUs = c.ClientCPUs }},
	}
}

// given names the flags that would change a plan.
func (c *runCommand) given() []string {
	var names []string
	if c.Plan != "" {
		names = append(names, "plan")
	}
	for _, o := range c.overrides(new(sweep.Plan)) {
		if o.given {
			names = append(names, o.flag)
		}
	}
	return names
}

// create makes the run's folder.
func (c *runCommand) create(plan sweep.Plan, env results.Environment) (*results.Store, error) {
	written, err := json.Marshal(plan)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	dir := c.Out
	if dir == "" {
		dir = filepath.Join("runs", now.Format("20060102-150405"))
	}
	store, err := results.Create(dir, results.Run{
		Command:     os.Args,
		Seed:        plan.Seed,
		Plan:        written,
		Models:      plan.Models,
		Trials:      len(plan.Order()),
		CreatedAt:   now.UTC(),
		Environment: env,
	})
	if err != nil {
		return nil, usage(fmt.Errorf("--out: %w", unwrapPath(err)))
	}
	return store, nil
}

// unwrapPath leaves "PATH: reason" of an error about a path.
func unwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}

// rows are the servers of a plan's models, each checked against what the model
// honours. Unix sockets are made in the folder sockets.
func rows(plan sweep.Plan, executable, sockets string) (map[string]sweep.Row, error) {
	rows := map[string]sweep.Row{}
	for _, name := range plan.Models {
		m, err := models.Find(name)
		if err != nil {
			return nil, usage(err)
		}
		cfg := models.DefaultConfig()
		cfg.Network, cfg.Work, cfg.MaxFrame = plan.Network, models.Work(plan.Work), int(plan.MaxFrame)
		cfg.Framing = models.Framing(plan.Framing)
		if slices.Equal(m.Networks, []string{"udp"}) {
			cfg.Network, cfg.Framing = "udp", models.Length
		}
		if cfg.Network == "unix" {
			cfg.Address = filepath.Join(sockets, name)
		}
		if err := m.Check(cfg); err != nil {
			return nil, err
		}
		rows[name] = sweep.Row{Name: name, Network: cfg.Network, Command: []string{
			executable, "serve", name, "--network", cfg.Network, "--addr", cfg.Address,
			"--framing", string(cfg.Framing), "--work", string(cfg.Work), "--max-frame", strconv.Itoa(cfg.MaxFrame),
		}}
	}
	return rows, nil
}
