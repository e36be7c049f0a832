package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"connbench/cmd/connbench/fleet"
	"connbench/cmd/connbench/live"
	"connbench/loadgen"
	"connbench/loadgen/sweep"
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

	trialFlags `embed:""`

	asked     choiceAsked     // see check and begin
	team      *fleet.Team     // on whose machines trials run; nil for this one
	folder    *results.Folder // of all its runs, once it is held
	held      error           // why it is not, where its runs are read
	lines     map[string]int  // of source, by model
	later     time.Duration   // that what follows the plan under way takes
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
	if err := c.Fleet.Check(true); err != nil {
		return err
	}
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
	if err := payloadOfNone(&c.asked.Workload, given); err != nil {
		return err
	}
	return checkPlan(&c.asked.Workload, &c.Fleet)
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
	team, release, err := s.claim(ctx, &c.Fleet, true)
	if err != nil {
		return err
	}
	defer release()
	c.team = team
	plan, err := c.begin()
	if err != nil {
		return err
	}
	defer c.release()
	if c.lines, err = sourceLines(); err != nil {
		return err
	}
	return c.conclude(s, plan, func(plan sweep.Plan, name string, out read.Out) (*read.Choice, []string, error) {
		return c.measure(ctx, s, plan, name, out)
	})
}

// contendersOf are the rows to measure again after a change.
func contendersOf(c *read.Choice) []string {
	kept := slices.DeleteFunc(slices.Clone(c.Candidates), func(x read.Candidate) bool { return !x.Keeps })
	return results.Map(kept[:min(len(kept), contenders)], func(x read.Candidate) string { return x.Model })
}

// measure measures the stages of a plan; see [choosing].
func (c *chooseCommand) measure(ctx context.Context, s streams, plan sweep.Plan, name string, out read.Out) (choice *read.Choice, where []string, err error) {
	x, err := newSession(ctx, &plan, c.team, plan.Validate)
	if err != nil {
		return nil, nil, err
	}
	defer x.close()
	if err := c.hold(); err != nil {
		return nil, nil, err
	}
	where = []string{fmt.Sprintf("%s; %s, %s", x.env.Placement(), x.env.Machine(), x.env.Where())}
	if name == firstChoice {
		c.asked.Workload = plan // whose models are known by now
	}
	choice, trials, err := c.read(plan, name, out, func(stage sweep.Plan, name string) ([]results.Trial, error) {
		return c.stage(ctx, s, x, plan, stage, name)
	})
	return choice, append(where, document.Missed(trials)...), err
}

// read reads a choice from the trials of the stages of a plan: where it has no rate, a short closed loop
// that finds one, and the plan itself. Out are rows that are not in it, and why. Where it is
// interrupted it is the choice of the trials so far, if they say anything.
func (c *chooseCommand) read(plan sweep.Plan, name string, out read.Out, stage func(sweep.Plan, string) ([]results.Trial, error)) (choice *read.Choice, trials []results.Trial, err error) {
	if name == firstChoice {
		plan.Models, out = able(plan.Models, &plan)
	}
	models := slices.Clone(plan.Models)
	var offer *read.Offer
	if len(plan.Rates) == 0 && len(plan.Models) > 0 {
		trials, err := stage(plan.Scout(), capacityFirst+name)
		if err != nil {
			return nil, nil, err
		}
		offer = read.Offered(trials)
		plan.Rates = sweep.Rates(offer.RateRPS)
		plan.Models = without(models, offer.Out)
	}
	if len(plan.Models) > 0 {
		if trials, err = stage(plan, name); err != nil && (len(trials) == 0 || name != firstChoice || !errors.Is(err, errInterrupted)) {
			return nil, nil, err
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
	return &made, trials, err
}

// stage runs a plan, which is whole or its scout, into a folder of that name in the one of the whole choice.
func (c *chooseCommand) stage(ctx context.Context, s streams, x *session, whole, plan sweep.Plan, name string) ([]results.Trial, error) {
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
	later := c.later
	if len(plan.Rates) == 0 { // the plan itself is next
		whole.Models = plan.Models
		later += whole.Takes()
	}
	p := live.New(c.progress(s), live.NewPlanCourse(name, results.Finished(stored), plan).Before(later), stored)
	p.Attach(&runner)
	err = runner.Run(ctx)
	p.End()
	if err != nil {
		err = unfinished(err, "choose", c.folder.Dir)
	}
	return runner.Stored, err
}

// announce says how long all stages will take, unless some of them may be done.
func (c *chooseCommand) announce(s streams) {
	plan := c.asked.Workload
	plan.Models, _ = able(plan.Models, &plan)
	first := plan.TakesScouted()
	said := fmt.Sprintf("the answer in about %v", first.Round(time.Second))
	if n := min(contenders, len(plan.Models)); !c.NoChange && n > 1 {
		c.later = variantsTake(sweep.Variants(&plan), plan.Models[:n])
		said += fmt.Sprintf(", what would change it about %v later", c.later.Round(time.Second))
	}
	if c.Resume == "" {
		fmt.Fprintf(c.progress(s), "connbench: %s\n", said)
	}
}

// variantsTake is about how long it takes to measure rows with each change.
func variantsTake(variants []sweep.Variant, names []string) time.Duration {
	total := time.Duration(0)
	for _, change := range variants {
		changed := change.Plan
		changed.Models, _ = able(names, &changed)
		total += changed.TakesScouted()
	}
	return total
}

// sourceLines is the lines of source that each model takes and not every one does.
func sourceLines() (map[string]int, error) {
	counted, err := sources()
	if err != nil {
		return nil, err
	}
	lines := map[string]int{}
	for name, source := range counted {
		lines[name] = source.Beyond.Lines
	}
	return lines, nil
}
