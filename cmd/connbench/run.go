package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"connbench/cmd/connbench/fleet"
	"connbench/cmd/connbench/live"
	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/results"

	"github.com/alecthomas/kong"
)

type runCommand struct {
	Plan      string `help:"A plan as YAML, with the names of these flags; flags override it." placeholder:"FILE"`
	planFlags `embed:""`

	Fleet       fleet.Flags `embed:""`
	resumeFlags `embed:""`
	Force       bool `help:"With --resume: go on although machine or software are not those of the run. Trials from there on are marked, and reported apart."`
	formFlags   `embed:""`
	quietFlag   `embed:""`

	planned sweep.Plan // see check
}

func (c *runCommand) check(given []string) (err error) {
	if err := c.Fleet.Check(true); err != nil {
		return err
	}
	if c.Resume != "" {
		return resumesAlone(given)
	}
	if c.planned, err = c.plan(c.Plan, given); err != nil {
		return err
	}
	if err := payloadOfNone(&c.planned, given); err != nil {
		return err
	}
	return checkPlan(&c.planned, &c.Fleet)
}

// payloadOfNone reports payloads that were asked for of requests that have none.
func payloadOfNone(plan *sweep.Plan, given []string) error {
	for _, flag := range []string{"payload", "payloads"} {
		if slices.Contains(given, flag) && plan.Bare() {
			return &loadgen.SpecError{Field: flag, Value: plan.Payloads[0], Allowed: "none with '" + plan.Asks() + "', which carries none"}
		}
	}
	return nil
}

func (c *runCommand) Help() string {
	return "Each model is measured at each number of clients and each payload, in shuffled blocks, every trial with a fresh " +
		"server process. The trials of a block take turns in slices; whole ones, as of open loops, are repeated where others on the machine have disturbed them. The run's folder keeps the plan, every trial, " +
		"a summary and the figures; a table, and which rows differ beyond chance, are printed at the end, or on Ctrl-C from the trials so far."
}

func (c *runCommand) Run(ctx context.Context, s streams) error {
	team, release, err := s.claim(ctx, &c.Fleet, true)
	if err != nil {
		return err
	}
	defer release()
	runner, cleanup, err := c.prepare(ctx, s, team)
	if err != nil {
		return err
	}
	defer cleanup()
	p := live.New(c.progress(s), live.NewPlanCourse("", runner.Done(), runner.Plan), runner.Stored)
	p.Attach(runner)
	p.NameLeaders(runner)
	err = runner.Run(ctx)
	p.End()
	m := &measured{s, runner.Store.Dir, &runner.Store.Run, runner.All(), c.form(), nil}
	report := func() error { return m.reportRun(false) }
	if err != nil {
		return m.conclude(err, report)
	}
	early := c.profiles(ctx, m, runner)
	if err := errors.Join(early, report()); err != nil {
		return err
	}
	return measuredAny(runner.Stored)
}

func measuredAny(trials []results.Trial) error {
	if !slices.ContainsFunc(trials, func(t results.Trial) bool { return t.Failure == "" }) {
		return fmt.Errorf("no trial could be measured: %s", trials[0].Failure)
	}
	return nil
}

// prepare checks everything that can be wrong before the first trial, and then
// opens the run's folder.
func (c *runCommand) prepare(ctx context.Context, s streams, team *fleet.Team) (*sweep.Runner, func(), error) {
	plan := c.planned
	if c.Force && c.Resume == "" {
		return nil, nil, usage(errors.New("--force is for --resume"))
	}
	store, stored, err := resume(s, c.Resume, "run", &plan)
	if err != nil {
		return nil, nil, err
	}
	if c.Profile != 0 {
		plan.Profile = sweep.Duration(c.Profile)
	}
	x, err := newSession(ctx, &plan, team, plan.Validate)
	if err != nil {
		return nil, nil, err
	}
	if store, err = x.open(s, store, c.Out, plan, results.Run{Trials: len(plan.Order())}, "--force goes on, and keeps these trials apart", c.Force); err != nil {
		x.close()
		return nil, nil, err
	}
	runner := x.runner(store, stored)
	return &runner, func() { store.Close(); x.close() }, nil
}

// unwrapPath leaves "PATH: reason" of an error about a path.
func unwrapPath(err error) error {
	if p, is := errors.AsType[*fs.PathError](err); is {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}

// defaultSlice is long beside what is discarded before it, and short beside the phases of a
// machine.
const defaultSlice = sweep.Duration(30 * time.Millisecond)

// planFlags are the flags that stand for fields of a plan.
type planFlags struct {
	rowFlags      `embed:""`
	Clients       []int           `help:"Numbers of clients; by default 1,16,256." placeholder:"N"`
	Payloads      []sweep.Payload `help:"Payloads of a request; by default 64B,4KiB. 64B*9+64KiB*1 is one: a mix, of which nine requests of ten have 64 B, at random; each of its sizes is measured apart." placeholder:"SIZE"`
	networkFlag   `embed:""`
	protocolFlags `embed:""`
	workFlag      `embed:""`

	Rates       sweep.RateList `help:"Requests a second in all, sent when they are due: open loops. By default a closed loop. One may change over what is measured, as load --rate has it: 1000..20000/10s,5000,spike=50000@3s+1s are two." placeholder:"R"`
	clientFlags `embed:""`

	windowFlags   `kong:"embed='',set='duration=300ms',set='warmup=100ms'"`
	Slice         time.Duration `help:"Of a closed loop of clients that stay connected: how much of a trial is measured at a time, all rows of a block in turn; 0 for a whole trial after the other. By default 30ms, and longer with many clients. A row that works in the turns of others, or has clients wait for longer than its own, has whole trials from then on." placeholder:"D"`
	patienceFlags `embed:""`
	Trials        int           `help:"Trials of each point; by default 20. With --precision the first ones of each point, 6 or more." placeholder:"N"`
	Racing        bool          `help:"Leave rows out of further blocks that are far behind beyond doubt (1.5 times the best, by the boundary of O'Brien and Fleming) or have left clients out each time, from half of the trials on; on by default." default:"true" negatable:""`
	Precision     sweep.Percent `help:"Go on with further trials until each comparison that matters (of a row with the best of its point, unless it is far behind) is known to within so much, as 5%." placeholder:"P%"`
	MaxTime       time.Duration `help:"With --precision: begin no further block after this long; by default 30m." placeholder:"D"`
	Profile       time.Duration `help:"Look, when all is measured, where the servers' time goes: six further trials of each row at each point, of so long each, with a CPU profile and the system calls. connbench why says what they come to. With --resume too." placeholder:"D"`
	Retries       int           `help:"How often a noisy trial is repeated at the end of its block; by default twice." placeholder:"N"`
	seedFlag      `embed:""`
	serverKnobs   `embed:""`

	cpuFlags `embed:""`
}

// plan is the default plan with the fields of a file, if there is one, and the
// given flags over it. Its models are nil where neither names any; see
// [roster.rows].
func (f *planFlags) plan(file string, given []string) (sweep.Plan, error) {
	plan := sweep.DefaultPlan(nil)
	plan.Racing, plan.Slice = true, defaultSlice
	if file != "" {
		r, err := os.Open(file)
		if err != nil {
			return plan, usage(err)
		}
		defer r.Close()
		if err := plan.ReadPlan(r, file); err != nil {
			return plan, usage(err)
		}
	}
	overlay(&plan, f, given)
	if slices.Contains(given, "precision") && f.Precision == 0 {
		return plan, &loadgen.SpecError{Field: "precision", Value: f.Precision, Allowed: "more than 0% to 100%"}
	}
	if slices.Contains(given, "arrivals") && len(plan.Rates) == 0 {
		return plan, arrivalsOfNothing(f.Arrivals, "rates")
	}
	f.putKnobs(&plan, given)
	return plan, nil
}

// givenFlags names the flags on the command line: what is given as zero or empty
// is meant to be.
func givenFlags(k *kong.Context) []string {
	var names []string
	for _, p := range k.Path {
		if p.Flag != nil {
			names = append(names, p.Flag.Name)
		}
	}
	return names
}
