package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/claims"
	"connbench/loadgen/sweep"
	"connbench/plots"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

type claimsCommand struct {
	Only []string `help:"Numbers of the experiments to make, 1 to 10; by default all." placeholder:"N"`

	Trials   int           `help:"Trials, or repetitions, of each row of an experiment. 6 are the fewest of which an interval has two bounds." default:"8" placeholder:"N"`
	Duration time.Duration `help:"How long each measures." default:"300ms" placeholder:"D"`
	Seed     uint64        `help:"Seed of the order and the payloads." default:"1" placeholder:"N"`

	ServerCPUs string `name:"server-cpus" help:"CPUs of the servers, like 0,2-3; by default half of the allowed ones." placeholder:"LIST"`
	ClientCPUs string `name:"client-cpus" help:"CPUs of the client; by default the others." placeholder:"LIST"`

	Out      string `help:"The run's folder, to be made; by default runs/ and the time." placeholder:"DIR"`
	JSON     bool   `help:"Print the result as JSON." xor:"form"`
	Markdown bool   `help:"Print the result as Markdown." xor:"form"`
}

func (c *claimsCommand) Help() string {
	return "What a tutorial on socket servers claims without a measurement, put to the test: each claim as an experiment that ends in figures, and in " +
		"confirmed, refuted or not decidable here. The run's folder keeps every trial; it takes about a quarter of an hour."
}

// streams are the models of a session that serve streams.
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
	made, err := makeLineup(ctx, &one, x.executable, x.scratch.dir)
	if err != nil {
		return sweep.Row{}, err
	}
	return made.rows[model], nil
}

// claimsPlan is what run.json keeps as the plan.
type claimsPlan struct {
	Only     []string       `json:"only,omitempty"`
	Trials   int            `json:"trials"`
	Duration sweep.Duration `json:"duration"`
}

func (c *claimsCommand) Run(ctx context.Context, s streams) error {
	base := sweep.DefaultPlan(nil)
	base.Seed, base.ServerCPUs, base.ClientCPUs = c.Seed, c.ServerCPUs, c.ClientCPUs
	x, err := newSession(ctx, &base, base.Validate)
	if err != nil {
		return err
	}
	defer x.close()
	store, err := x.create(c.Out, claimsPlan{c.Only, c.Trials, sweep.Duration(c.Duration)}, results.Run{Kind: results.ClaimsRun})
	if err != nil {
		return err
	}
	defer store.Close()
	x.warn(s)
	course := newClaimsCourse()
	p := newProgress(s.err, course, nil)
	b := c.bench(x, store, p.attach)
	b.Begin = func(done, of int, title string) {
		course.experiment(done, of, title)
		p.say(fmt.Sprintf("experiment %d of %d", done+1, of), title)
	}
	err = b.Run(ctx, c.Only, func(all []read.Claim) error { return read.SaveClaims(store.Dir, all) })
	p.end()
	if err != nil {
		return fmt.Errorf("%w; the claims decided so far: connbench report %s", interruption(err), store.Dir)
	}
	return reportClaims(s, store.Dir, c.form(), nil)
}

func (c *claimsCommand) check([]string) error {
	for _, n := range c.Only {
		if !slices.Contains(claims.Numbers(), n) {
			return &loadgen.SpecError{Field: "only", Value: n, Allowed: "1 to " + strconv.Itoa(len(claims.Numbers()))}
		}
	}
	if c.Trials < 1 || c.Trials > 100 {
		return &loadgen.SpecError{Field: "trials", Value: c.Trials, Allowed: "1 to 100"}
	}
	if c.Duration < 50*time.Millisecond || c.Duration > time.Minute {
		return &loadgen.SpecError{Field: "duration", Value: c.Duration, Allowed: "50ms to 1m"}
	}
	return checkCPUs(c.ServerCPUs, c.ClientCPUs)
}

// bench is what the experiments are made with, in a session.
func (c *claimsCommand) bench(x *session, store *results.Store, view func(*sweep.Runner)) *claims.Bench {
	taken := &numbers{}
	b := &claims.Bench{
		Client: []string{x.executable, "client"}, Placement: x.placement, Repeats: c.Trials, Duration: c.Duration, Seed: c.Seed,
		Models: x.streams(),
	}
	b.Row = x.row
	b.Trials = func(ctx context.Context, p sweep.Plan, rows map[string]sweep.Row) ([]results.Trial, error) {
		return taken.run(ctx, x, store, p, rows, view)
	}
	b.Capacity = func(ctx context.Context, model string) (read.Capacity, error) {
		row, err := b.Row(ctx, model, nil)
		if err != nil {
			return read.Capacity{}, err
		}
		return taken.capacity(ctx, x, store, model, row, view)
	}
	b.Leaker = func(closes bool) sweep.Row {
		return sweep.Row{Name: "leaking server", Network: "tcp", Command: []string{x.executable, "leaking-server", "--closes=" + strconv.FormatBool(closes)}}
	}
	return b
}

func (c *claimsCommand) form() tableForm {
	switch {
	case c.JSON:
		return jsonTable
	case c.Markdown:
		return markdownTable
	}
	return terminalTable
}

// reportClaims prints what became of claims, and writes it into their folder, unless held
// says why this process does not hold that.
func reportClaims(s streams, dir string, f tableForm, held error) error {
	run, trials, warnings, err := results.Open(dir)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		fmt.Fprintf(s.err, "connbench: warning: %s\n", w)
	}
	all, err := read.OpenClaims(dir)
	if err != nil {
		return err
	}
	switch f {
	case jsonTable:
		err = json.NewEncoder(s.out).Encode(struct {
			Dir    string          `json:"dir"`
			Claims []read.Claim `json:"claims"`
		}{dir, all})
	case markdownTable:
		err = results.WriteClaims(s.out, all, &run.Environment, results.Markdown)
	default:
		err = results.WriteClaims(s.out, all, &run.Environment, results.Terminal)
	}
	if err != nil {
		return err
	}
	files, err := save(dir, held, func() (string, error) {
		if err := results.WriteSummary(dir, stats.Summarize(trials, run.Models)); err != nil {
			return "", err
		}
		page, err := plots.SaveClaimsHTML(dir, &run, trials, all)
		return fmt.Sprintf("report:  %s\n", page), err
	})
	if f == terminalTable {
		if err != nil {
			files = ""
		}
		fmt.Fprintf(s.out, "run:     %s\n%s", dir, files)
	}
	return err
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
