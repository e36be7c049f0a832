package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
	Clients       int        `help:"Clients that are connected." default:"64"`
	Payload       sweep.Size `help:"Payload of a request." default:"64B"`
	Rate          *float64   `help:"Requests a second in all; by default 35 % of what the slowest row answers, which is found first." placeholder:"R"`
	workFlag      `embed:""`
	Idle          float64  `help:"Share of the clients that are connected and send nothing." default:"0"`
	SLO           read.SLO `name:"slo" help:"What a row has to keep to: p50, p90, p99 or p999 below a duration." default:"p99<10ms"`
	networkFlag   `embed:""`
	protocolFlags `embed:""`

	rowFlags `embed:""`

	processesFlag `embed:""`

	Trials   int           `help:"Trials of each row, 6 or more; after a change 6." default:"8"`
	Duration time.Duration `help:"How long a trial measures." default:"300ms"`
	Retries  int           `help:"How often a noisy trial is repeated." default:"2"`
	seedFlag `embed:""`
	NoChange bool `help:"Do not measure what would change the answer."`

	cpuFlags    `embed:""`
	resumeFlags `embed:""`

	asked     choiceAsked     // see check and begin
	folder    *results.Folder // of all its runs, once it is held
	lines     map[string]int  // of source, by model
	later     time.Duration   // that the stages after the one under way take
	announced bool            // that, of all
}

func (c *chooseCommand) Help() string {
	return "Measures the rows on one workload and says which to choose, why, which is the simplest that will do, and then whether more or fewer " +
		"clients, other payloads or other work would change that. Without --rate a short closed loop finds what each row can answer, and all are " +
		"then offered 35 % of what the slowest can; rows below a quarter of the fastest are out. Rows that keep the limit are ranked by the server's " +
		"CPU time a request; what cannot be told apart stays a tie. Rows that are known not to serve so many clients at once are not tried."
}

// contenders is how many rows are measured again after a change: those that may come
// first, and the next ones.
const contenders = 5

func (c *chooseCommand) check(given []string) error {
	if c.Resume != "" {
		return resumesAlone(given)
	}
	switch {
	case c.Trials < 6:
		return &loadgen.SpecError{Field: "trials", Value: c.Trials, Allowed: "6 or more: of fewer no interval has two bounds"}
	case c.Rate != nil && *c.Rate == 0:
		return &loadgen.SpecError{Field: "rate", Value: *c.Rate, Allowed: "more than 0; without --rate it is found"}
	case !(c.Idle >= 0 && c.Idle < 1):
		return &loadgen.SpecError{Field: "idle", Value: c.Idle, Allowed: "a share from 0 to less than 1"}
	}
	c.asked = choiceAsked{c.plan(given), c.SLO, c.NoChange}
	return checkPlan(&c.asked.Workload)
}

// plan is of the workload itself.
func (c *chooseCommand) plan(given []string) sweep.Plan {
	p := sweep.DefaultPlan(nil)
	p.Clients, p.Payloads, p.Active, p.Trials = []int{c.Clients}, sweep.Sizes(c.Payload), 1-c.Idle, c.Trials
	if c.Rate != nil {
		p.Rates = sweep.Rates(*c.Rate)
	}
	c.put(&p)
	overlay(&p, c, given)
	return p
}

func (c *chooseCommand) Run(ctx context.Context, s streams) error {
	plan, err := c.begin()
	if err != nil {
		return err
	}
	defer c.release()
	if c.lines, err = sourceLines(); err != nil {
		return err
	}
	choice, where, early := c.measure(ctx, s, plan, firstChoice, nil)
	if choice == nil {
		return early
	}
	answer := document.Choice(choice)
	answer.Add(document.Lines(where))
	if early != nil {
		fmt.Fprint(s.out, "interrupted: the answer so far\n\n")
		return errors.Join(early, s.say(answer, textForm))
	}
	if err := errors.Join(s.say(answer, textForm), saveAs(c.folder.Dir, answer, "choice.txt")); err != nil {
		return err
	}
	if names := contendersOf(choice); !c.NoChange && len(names) > 1 {
		if err := c.changes(ctx, s, names, choice, answer); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.out, "runs:    %s\n", c.folder.Dir)
	return nil
}

// contendersOf are the rows to measure again after a change.
func contendersOf(c *read.Choice) []string {
	var names []string
	for _, x := range c.Candidates {
		if x.Keeps && len(names) < contenders {
			names = append(names, x.Model)
		}
	}
	return names
}

// measure reads a choice from the stages of a plan, and says where they ran: where it has no rate, a
// short closed loop that finds one, and the plan itself. Out are rows that are not in it, and why.
// Where it is interrupted it is the choice of the trials so far, if they say anything.
func (c *chooseCommand) measure(ctx context.Context, s streams, plan sweep.Plan, name string, out read.Out) (choice *read.Choice, where string, err error) {
	x, err := newSession(ctx, &plan, plan.Validate)
	if err != nil {
		return nil, "", err
	}
	defer x.close()
	if err := c.hold(); err != nil {
		return nil, "", err
	}
	where = fmt.Sprintf("%s; %s, same-host", x.env.Placement(), x.env.Machine())
	if name == firstChoice {
		c.asked.Workload = plan // whose models are known by now
		plan.Models, out = able(plan.Models, &plan)
	}
	models := slices.Clone(plan.Models)
	var offer *read.Offer
	if len(plan.Rates) == 0 && len(plan.Models) > 0 {
		trials, err := c.stage(ctx, s, x, scouting(plan), capacityFirst+name)
		if err != nil {
			return nil, "", err
		}
		offer = read.Offered(trials)
		plan.Rates = sweep.Rates(offer.RateRPS)
		plan.Models = without(models, offer.Out)
	}
	var trials []results.Trial
	if len(plan.Models) > 0 {
		if trials, err = c.stage(ctx, s, x, plan, name); err != nil && (len(trials) == 0 || name != firstChoice || !errors.Is(err, errInterrupted)) {
			return nil, "", err
		}
	}
	if offer != nil {
		maps.Copy(out, offer.Out)
	}
	made := read.Choose(trials, models, c.SLO, c.lines, out)
	made.Offer = offer
	if trials == nil {
		made.Point = results.Key{Clients: plan.Clients[0], PayloadBytes: int(plan.Payloads[0].Size), Work: plan.Work, Loop: results.ClosedLoop}
	}
	return &made, where, err
}

// stage runs a plan into a folder of that name in the one of the whole choice.
func (c *chooseCommand) stage(ctx context.Context, s streams, x *session, plan sweep.Plan, name string) ([]results.Trial, error) {
	x.plan = &plan
	store, stored, err := c.begun(s, x, name, &plan)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	runner := x.runner(store, stored)
	if !c.announced {
		c.announced = true
		x.warn(s)
		c.announce(s)
	}
	c.later = max(0, c.later-plan.Takes())
	p := live.New(s.err, live.NewPlanCourse(name, results.Finished(stored), plan).Expecting(plan.Takes(), c.later), stored)
	p.Attach(&runner)
	err = runner.Run(ctx)
	p.End()
	if err != nil {
		err = unfinished(err, "choose", c.folder.Dir)
	}
	return runner.Stored, err
}

// scouting is the closed loop that finds what the rows of a plan can answer. Noise is no matter, as the
// best trial counts.
func scouting(plan sweep.Plan) sweep.Plan {
	plan.Trials, plan.Retries, plan.Duration = 3, 0, min(plan.Duration, sweep.Duration(200*time.Millisecond))
	return plan
}

// takes is about how long the stages of a plan take.
func takes(plan sweep.Plan) time.Duration {
	total := plan.Takes()
	if len(plan.Rates) == 0 {
		scout := scouting(plan)
		total += scout.Takes()
	}
	return total
}

// announce says how long all stages will take, unless some of them may be done.
func (c *chooseCommand) announce(s streams) {
	plan := c.asked.Workload
	plan.Models, _ = able(plan.Models, &plan)
	first := takes(plan)
	said := fmt.Sprintf("the answer in about %v", first.Round(time.Second))
	c.later = first
	if n := min(contenders, len(plan.Models)); !c.NoChange && n > 1 {
		later := changesTake(&plan, plan.Models[:n])
		c.later += later
		said += fmt.Sprintf(", what would change it about %v later", later.Round(time.Second))
	}
	if c.Resume == "" {
		fmt.Fprintf(s.err, "connbench: %s\n", said)
	}
}

// changesTake is about how long it takes to measure rows with each change.
func changesTake(plan *sweep.Plan, names []string) time.Duration {
	total := time.Duration(0)
	for _, change := range variants(plan) {
		changed := change.of(plan)
		changed.Models, _ = able(names, &changed)
		total += takes(changed)
	}
	return total
}

// changes measures the contenders with one thing about the workload changed at a time, and adds to
// the answer what becomes of it.
func (c *chooseCommand) changes(ctx context.Context, s streams, names []string, before *read.Choice, answer document.Document) error {
	plan := c.asked.Workload
	c.later = changesTake(&plan, names)
	fmt.Fprintln(s.out, "\nWhat would change the answer:")
	lines := []string{"What would change the answer:"}
	for _, change := range variants(&plan) {
		var out read.Out
		changed := change.of(&plan)
		changed.Models, out = able(names, &changed)
		changed.Exec = onlyOf(plan.Exec, changed.Models)
		if len(changed.Models) == 0 {
			continue
		}
		name := strings.NewReplacer(":", "-", " ", "", "/", "-").Replace(change.What + "-" + change.To)
		choice, _, err := c.measure(ctx, s, changed, name, out)
		if err != nil {
			return err
		}
		change.Choice = *choice
		line := document.Lines("  " + document.Changed(&change.Change, before))
		lines = append(lines, line.Lines...)
		if err := s.say(document.Document{Blocks: []document.Block{line}}, textForm); err != nil {
			return err
		}
		all := document.Document{Blocks: append(slices.Clip(answer.Blocks), document.Lines(lines...))}
		if err := saveAs(c.folder.Dir, all, "choice.txt"); err != nil {
			return err
		}
	}
	return nil
}

// variant is a change to a plan.
type variant struct {
	read.Change
	apply func(*sweep.Plan)
}

// of is a plan with the change, and as few trials as there may be.
func (v *variant) of(plan *sweep.Plan) sweep.Plan {
	changed := *plan
	changed.Trials = 6
	v.apply(&changed)
	return changed
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
	clients, payload := plan.Clients[0], plan.Payloads[0].Size
	for _, n := range []int{clients / clientsFactor, clients * clientsFactor} {
		if n > 0 {
			add("clients", fmt.Sprint(clients), fmt.Sprint(n), func(p *sweep.Plan) { p.Clients = []int{n} })
		}
	}
	for _, n := range []sweep.Size{payload / payloadFactor, payload * payloadFactor} {
		if n > 0 && n <= sweep.DefaultPlan(nil).MaxFrame {
			add("payload", payload.String(), n.String(), func(p *sweep.Plan) { p.Payloads = sweep.Sizes(n) })
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

// sourceLines is the lines of source that each model takes and not every one does.
func sourceLines() (map[string]int, error) {
	counted, err := source.Count(models.Names(goModels()))
	if err != nil {
		return nil, err
	}
	lines := map[string]int{}
	for name, source := range counted {
		lines[name] = source.Beyond.Lines
	}
	return lines, nil
}
