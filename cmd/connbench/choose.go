package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"connbench/cmd/connbench/live"
	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/models"
	"connbench/models/source"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
)

type chooseCommand struct {
	Clients     int        `help:"Clients that are connected." default:"64"`
	Payload     sweep.Size `help:"Payload of a request." default:"64B"`
	Rate        *float64   `help:"Requests a second in all; by default as many as a closed loop comes to." placeholder:"R"`
	workFlag    `embed:""`
	Idle        float64  `help:"Share of the clients that are connected and send nothing." default:"0"`
	SLO         read.SLO `name:"slo" help:"What a row has to keep to: p50, p90, p99 or p999 below a duration." default:"p99<10ms"`
	networkFlag `embed:""`

	rowFlags `embed:""`
	Trials   int           `help:"Trials of each row, 6 or more; after a change 6." default:"10"`
	Duration time.Duration `help:"How long a trial measures." default:"300ms"`
	Retries  int           `help:"How often a noisy trial is repeated." default:"2"`
	seedFlag `embed:""`
	NoChange bool `help:"Do not measure what would change the answer."`

	cpuFlags    `embed:""`
	resumeFlags `embed:""`

	folder *results.Folder // of all its runs, once it is held
}

func (c *chooseCommand) Help() string {
	return "Measures the rows on one workload and says which to choose, why, which is the simplest that will do, and whether more or fewer " +
		"clients, other payloads or other work would change that. Rows that keep the limit are ranked by the server's CPU time a request; " +
		"what cannot be told apart stays a tie."
}

// contenders is how many rows are measured again after a change: those that may come
// first, and the next ones.
const contenders = 6

func (c *chooseCommand) check(given []string) error {
	if c.Resume != "" {
		return resumesAlone(given)
	}
	return c.validate()
}

func (c *chooseCommand) Run(ctx context.Context, s streams) error {
	plan, err := c.begin()
	if err != nil {
		return err
	}
	defer c.release()
	lines, err := sourceLines()
	if err != nil {
		return err
	}
	choice, err := c.measure(ctx, s, plan, firstChoice, lines)
	if err != nil {
		return err
	}
	var changes []read.Change
	if names := choice.contenders(); !c.NoChange && len(names) > 1 {
		if changes, err = c.changes(ctx, s, plan, names, lines); err != nil {
			return err
		}
	}
	dir := c.folder.Dir
	answer := document.Choice(&choice.Choice, changes)
	answer.Add(document.Lines(choice.where))
	if err := saveAs(dir, answer, "choice.txt"); err != nil {
		return err
	}
	if err := s.say(answer, textForm); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "runs:    %s\n", dir)
	return nil
}

// validate reports what a plan would not, or not by the name that it has here.
func (c *chooseCommand) validate() error {
	switch {
	case c.Trials < 6:
		return &loadgen.SpecError{Field: "trials", Value: c.Trials, Allowed: "6 or more: of fewer no interval has two bounds"}
	case c.Rate != nil && *c.Rate == 0:
		return &loadgen.SpecError{Field: "rate", Value: *c.Rate, Allowed: "more than 0; without --rate the loop is closed"}
	case !(c.Idle >= 0 && c.Idle < 1):
		return &loadgen.SpecError{Field: "idle", Value: c.Idle, Allowed: "a share from 0 to less than 1"}
	}
	plan := c.plan()
	return checkPlan(&plan)
}

// plan is of the workload itself.
func (c *chooseCommand) plan() sweep.Plan {
	p := sweep.DefaultPlan(nil)
	if c.Models != nil {
		p.Models = c.Models
	}
	p.Exec, p.Network, p.Work, p.Seed, p.Trials, p.Retries = c.Exec, c.Network, c.Work, c.Seed, c.Trials, c.Retries
	p.Clients, p.Payloads, p.Duration = []int{c.Clients}, []sweep.Size{c.Payload}, sweep.Duration(c.Duration)
	p.Active = 1 - c.Idle
	if c.Rate != nil {
		p.Rates = []float64{*c.Rate}
	}
	p.ServerCPUs, p.ClientCPUs = c.ServerCPUs, c.ClientCPUs
	return p
}

// chosen is a choice, and on which machine.
type chosen struct {
	read.Choice
	where string
}

// contenders are the rows to measure again after a change.
func (c *chosen) contenders() []string {
	var names []string
	for _, x := range c.Candidates {
		if x.Keeps && len(names) < contenders {
			names = append(names, x.Model)
		}
	}
	return names
}

// measure runs a plan into a folder of that name in the one of the whole choice, and reads
// the choice from it.
func (c *chooseCommand) measure(ctx context.Context, s streams, plan sweep.Plan, name string, lines map[string]int) (*chosen, error) {
	store, stored, err := c.begun(s, name, &plan)
	if err != nil {
		return nil, err
	}
	x, err := newSession(ctx, &plan, plan.Validate)
	if err != nil {
		return nil, err
	}
	defer x.close()
	if err := c.hold(); err != nil {
		return nil, err
	}
	dir := filepath.Join(c.folder.Dir, name)
	if store == nil {
		run, err := c.run(&plan)
		if err != nil {
			return nil, err
		}
		if store, err = x.create(dir, plan, run); err != nil {
			return nil, err
		}
	}
	defer store.Close()
	if err := x.goOn(store, beginAnew, false); err != nil {
		return nil, err
	}
	x.warn(s)
	runner := x.runner(store, stored)
	p := live.New(s.err, live.NewPlanCourse(name, results.Finished(stored), plan), stored)
	p.Attach(&runner)
	err = runner.Run(ctx)
	p.End()
	if err != nil {
		return nil, unfinished(err, "choose", c.folder.Dir)
	}
	choice := read.Choose(runner.Stored, plan.Models, c.SLO, lines)
	return &chosen{choice, fmt.Sprintf("%s; %s, same-host", x.env.Placement(), x.env.Machine())}, nil
}

// changes measures the contenders with one thing about the workload changed at a time.
func (c *chooseCommand) changes(ctx context.Context, s streams, plan sweep.Plan, names []string, lines map[string]int) ([]read.Change, error) {
	plan.Trials = 6
	var changes []read.Change
	for _, change := range variants(&plan) {
		changed := plan
		change.apply(&changed)
		changed.Models = able(names, &changed)
		changed.Exec = onlyOf(plan.Exec, changed.Models)
		if len(changed.Models) == 0 {
			continue
		}
		name := strings.NewReplacer(":", "-", " ", "", "/", "-").Replace(change.What + "-" + change.To)
		choice, err := c.measure(ctx, s, changed, name, lines)
		if err != nil {
			return nil, err
		}
		change.Choice = choice.Choice
		changes = append(changes, change.Change)
	}
	return changes, nil
}

// able leaves the rows that can do what a changed plan asks for: work is for models of
// ours, and a datagram has its size.
func able(names []string, plan *sweep.Plan) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		i := slices.IndexFunc(goModels(), func(m models.Model) bool { return m.Name == name })
		if plan.Work != string(models.Echo) && i < 0 {
			return true
		}
		return plan.Payloads[0] > maxDatagram && (i < 0 || datagrams(goModels()[i].Networks))
	})
}

// maxDatagram is the longest payload of UDP over IPv4.
const maxDatagram = 65507

// onlyOf leaves of the commands those of the given names.
func onlyOf(execs, names []string) []string {
	var left []string
	for _, text := range execs {
		e, err := sweep.ParseExec(text)
		for _, name := range names {
			if err == nil && e.Name == name {
				left = append(left, text)
			}
		}
	}
	return left
}

// variant is a change to a plan.
type variant struct {
	read.Change
	apply func(*sweep.Plan)
}

// The changes are by factors that a workload may well be wrong by.
const (
	clientsFactor = 8
	payloadFactor = 16
	workFactor    = 8
	someWork      = "cpu:20us" // where the server did none
)

// variants are the nearest changes in clients, payload and work.
func variants(plan *sweep.Plan) []variant {
	var all []variant
	add := func(what, from, to string, apply func(*sweep.Plan)) {
		all = append(all, variant{read.Change{What: what, From: from, To: to}, apply})
	}
	clients, payload := plan.Clients[0], plan.Payloads[0]
	for _, n := range []int{clients / clientsFactor, clients * clientsFactor} {
		if n > 0 {
			add("clients", fmt.Sprint(clients), fmt.Sprint(n), func(p *sweep.Plan) { p.Clients = []int{n} })
		}
	}
	for _, n := range []sweep.Size{payload / payloadFactor, payload * payloadFactor} {
		if n > 0 && n <= sweep.DefaultPlan(nil).MaxFrame {
			add("payload", payload.String(), n.String(), func(p *sweep.Plan) { p.Payloads = []sweep.Size{n} })
		}
	}
	for _, work := range otherWork(plan.Work) {
		add("work", plan.Work, work, func(p *sweep.Plan) { p.Work = work })
	}
	return all
}

// otherWork is more and less of the same.
func otherWork(work string) []string {
	kind, amount, found := strings.Cut(work, ":")
	d, err := time.ParseDuration(amount)
	if !found || err != nil {
		return []string{someWork}
	}
	return []string{fmt.Sprintf("%s:%v", kind, d/workFactor), fmt.Sprintf("%s:%v", kind, d*workFactor)}
}

// sourceLines is the lines of source that each model takes.
func sourceLines() (map[string]int, error) {
	counted, err := source.Count(models.Names(goModels()))
	if err != nil {
		return nil, err
	}
	lines := map[string]int{}
	for name, source := range counted {
		lines[name] = source.Own.Lines + source.Shared.Lines
	}
	return lines, nil
}
