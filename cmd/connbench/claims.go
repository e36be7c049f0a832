package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"time"

	"connbench/cmd/connbench/live"
	"connbench/loadgen"
	"connbench/loadgen/claims"
	"connbench/loadgen/sweep"
	"connbench/plots/page"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
	"connbench/results/stats"
)

type claimsCommand struct {
	claimsPlan `embed:""`
	seedFlag   `embed:""`

	outFlag   `embed:""`
	Resume    string `help:"Go on with the experiments in this folder, as they were planned." placeholder:"DIR"`
	formFlags `embed:""`
	quietFlag `embed:""`
}

// claimsPlan is what run.json keeps as the plan.
type claimsPlan struct {
	Only []string `json:"only,omitempty" help:"Numbers of the experiments to make, 1 to 10; by default all." placeholder:"N"`

	Trials   int            `json:"trials" help:"Trials, or repetitions, of each row of an experiment. 6 are the fewest of which an interval has two bounds." default:"8" range:"1 to 100" placeholder:"N"`
	Duration sweep.Duration `json:"duration" help:"How long each measures." default:"300ms" range:"50ms to 1m" placeholder:"D"`

	cpuFlags `embed:""`
}

func (c *claimsCommand) Help() string {
	return "What a tutorial on socket servers claims without a measurement, put to the test: each claim as an experiment that ends in figures, and in " +
		"confirmed, refuted or not decidable here. The run's folder keeps every trial; it takes about a quarter of an hour."
}

func (x *session) streams() []string {
	return slices.DeleteFunc(slices.Clone(x.plan.Models), func(model string) bool { return x.lineup.rows[model].Network == "udp" })
}

// row is one of a session's, told knobs.
func (x *session) row(ctx context.Context, model string, knobs map[string]string) (sweep.Row, error) {
	if len(knobs) == 0 {
		if row, has := x.lineup.rows[model]; has {
			return row, nil
		}
		for _, l := range x.lineup.left {
			if l.name == model {
				return sweep.Row{}, fmt.Errorf("%s: %w", model, l.why)
			}
		}
	}
	one := *x.plan
	one.Models, one.Knobs = []string{model}, knobs
	made, err := x.makeLineup(ctx, &one)
	if err != nil {
		return sweep.Row{}, err
	}
	return made.rows[model], nil
}

func (c *claimsCommand) Run(ctx context.Context, s streams) error {
	store, stored, decided, err := c.begin(s)
	if err != nil {
		return err
	}
	base := sweep.DefaultPlan(nil)
	base.Seed, base.ServerCPUs, base.ClientCPUs = c.Seed, c.ServerCPUs, c.ClientCPUs
	x, err := newSession(ctx, &base, nil, base.Validate)
	if err != nil {
		return err
	}
	defer x.close()
	if store, err = x.open(s, store, c.Out, c.claimsPlan, results.Run{Kind: results.ClaimsRun}, beginAnew, false); err != nil {
		return err
	}
	defer store.Close()
	course := live.NewClaimsCourse()
	p := live.New(c.progress(s), course, stored)
	r := x.runner(store, stored)
	p.Attach(&r)
	runs := &claimsRunner{Runner: r}
	b := c.bench(x, runs)
	b.Decided = decided
	b.Begin = func(done, of, place int, title string) {
		runs.First = firstOf(place)
		course.Experiment(done, of, title)
		p.Say(fmt.Sprintf("experiment %d of %d", done+1, of), title)
	}
	err = b.Run(ctx, c.Only, func(all []read.Claim) error {
		decided = all
		return read.SaveClaims(store.Dir, all)
	})
	p.End()
	m := &measured{s, store.Dir, &store.Run, runs.Stored, c.form(), nil}
	if err != nil && decided == nil {
		return unfinished(err, "claims", store.Dir)
	}
	return m.conclude(err, func() error { return m.reportClaims(decided) })
}

// begin opens the run to go on with, if there is one, and takes up its plan.
func (c *claimsCommand) begin(s streams) (store *results.Store, stored []results.Trial, decided []read.Claim, err error) {
	if c.Resume == "" {
		return nil, nil, nil, nil
	}
	c.claimsPlan = claimsPlan{}
	if store, stored, err = resume(s, c.Resume, "claims", &c.claimsPlan); err != nil {
		return nil, nil, nil, err
	}
	c.Seed = store.Run.Seed
	if decided, err = read.OpenClaims(c.Resume); err == nil {
		err = cmp.Or(checkRanges(c, "trials", "duration"), c.validate())
	}
	if err != nil {
		store.Close()
		err = usage(err)
	}
	return store, stored, decided, err
}

func (c *claimsCommand) check(given []string) error {
	if c.Resume != "" {
		return resumesAlone(given)
	}
	return c.validate()
}

func (c *claimsCommand) validate() error {
	for _, n := range c.Only {
		if !slices.Contains(claims.Numbers(), n) {
			return &loadgen.SpecError{Field: "only", Value: n, Allowed: "1 to " + strconv.Itoa(len(claims.Numbers()))}
		}
	}
	_, _, err := c.place()
	return err
}

func (c *claimsCommand) bench(x *session, runs *claimsRunner) *claims.Bench {
	b := &claims.Bench{
		Client: []string{x.executable, "client"}, Placement: x.placement, Repeats: c.Trials, Duration: time.Duration(c.Duration), Seed: c.Seed,
		Models: x.streams(),
	}
	b.Row, b.Trials = x.row, runs.trials
	b.Capacity = func(ctx context.Context, model string) (read.Capacity, error) {
		row, err := b.Row(ctx, model, nil)
		if err != nil {
			return read.Capacity{}, err
		}
		return runs.capacity(ctx, row, c.Seed)
	}
	b.Leaker = func(closes bool) sweep.Row {
		return sweep.Row{Name: "leaking server", Network: "tcp", Command: []string{x.executable, "leaking-server", "--closes=" + strconv.FormatBool(closes)}}
	}
	return b
}

func (m *measured) reportClaims(all []read.Claim) error {
	d := document.Claims(all, &m.run.Environment)
	d.Fields = []document.Field{{Name: "dir", Value: m.dir}, {Name: "claims", Value: all}}
	return m.present(d, "", func() *files {
		return &files{
			err:  document.SaveSummary(m.dir, stats.Summarize(m.trials, m.run.Models)),
			page: func() (string, error) { return page.SaveClaims(m.dir, m.run, m.trials, all) },
		}
	})
}

// leakingServer is a server that experiments run; see [claims.Leak].
type leakingServer struct {
	Closes bool `help:"Close each connection, instead of leaking it."`
}

func (c *leakingServer) Run(ctx context.Context, s streams) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { l.Close() })
	if err := json.NewEncoder(s.out).Encode(greeting{Model: "leaking", Network: "tcp", Addr: l.Addr().String(), PID: os.Getpid()}); err != nil {
		return err
	}
	return claims.Leak(l, c.Closes)
}

// claimsRunner runs the trials of experiments into one store. With trials that are stored
// it goes on where these end.
type claimsRunner struct{ sweep.Runner }

// firstOf are the numbers that are taken before an experiment, which is the same whatever
// was measured for the others: one that was interrupted finds its trials again.
func firstOf(place int) sweep.Numbers {
	const most = 100_000 // trials of one experiment, far more than any has
	return sweep.Numbers{Trials: place * most, Blocks: place * most}
}

func (r *claimsRunner) trials(ctx context.Context, p sweep.Plan, rows map[string]sweep.Row, within ...string) ([]results.Trial, error) {
	client := r.Client
	defer func() { r.Client = client }()
	r.Plan, r.Rows, r.Client = p, rows, slices.Concat(within, client)
	if err := r.Run(ctx); err != nil {
		return nil, err
	}
	before := r.First
	r.First = p.After(before)
	return slices.DeleteFunc(slices.Clone(r.Stored), func(t results.Trial) bool { return t.Trial < before.Trials || t.Trial >= r.First.Trials }), nil
}

func (r *claimsRunner) capacity(ctx context.Context, row sweep.Row, seed uint64) (c read.Capacity, err error) {
	table := &sweep.TableRunner{Runner: r.Runner, Table: sweep.DefaultTable([]string{row.Name})}
	table.Table.Seed = seed
	table.Rows, table.StopTimeout = map[string]sweep.Row{row.Name: row}, stopThousands
	c, r.First, err = table.Capacity(ctx, row.Name)
	r.Stored = table.Stored
	return c, err
}
