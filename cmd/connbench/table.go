package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"connbench/cmd/connbench/live"
	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/plots/page"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
)

type tableCommand struct {
	rowFlags      `embed:""`
	networkFlag   `embed:""`
	protocolFlags `embed:""`
	workFlag      `embed:""`
	Tutorial      bool       `help:"Only the rows of which the tutorial's table says something, in Go and in Python, and of them only how many clients they serve at their rate: some five minutes."`
	Payload       sweep.Size `help:"Payload of a request; by default 64B." placeholder:"SIZE"`

	SLO        time.Duration `name:"slo" help:"What the 99th percentile of the response may reach; by default 10ms." placeholder:"D"`
	ClientRate float64       `help:"Requests a second of each client; by default 1. Busy clients send ten times as many, quiet ones a tenth." placeholder:"R"`
	Confirm    time.Duration `help:"How long a probe measures, at the least, that confirms a number of clients at their rate; by default 5s." placeholder:"D"`
	MaxClients int           `help:"Where the search for the most clients ends; by default 50000." placeholder:"N"`
	Saturating int           `help:"Clients that are to saturate a server, and of which the highest rate is asked beside that of a thousand; by default 64." placeholder:"N"`

	Trials        int `help:"Trials of throughput, and of latency at half of it; by default 3." placeholder:"N"`
	Retries       int `help:"How often a noisy trial of throughput, or of latency at half of it, is repeated; by default twice." placeholder:"N"`
	windowFlags   `kong:"embed='',set='duration=300ms, and of a probe of capacity a request of each client',set='warmup=100ms'"`
	patienceFlags `embed:""`
	seedFlag      `embed:""`

	serverKnobs `embed:""`

	trialFlags `embed:""`

	planned sweep.Table // see check
}

func (c *tableCommand) Help() string {
	return "The comparison table with data: for each row the most clients that it serves within a limit of latency and errors, found " +
		"and confirmed for longer, and what keeps it from more; where chance decides, an estimate with an interval; its throughput, its latency at half of that, the memory " +
		"of an idle connection, threads, source, and a use that follows from these figures. The run's folder keeps every trial."
}

func (c *tableCommand) check(given []string) error {
	if err := c.Fleet.Check(true); err != nil {
		return err
	}
	if c.Resume != "" {
		return resumesAlone(given)
	}
	if c.Tutorial && slices.Contains(given, "models") {
		return &loadgen.SpecError{Field: "tutorial", Value: c.Tutorial, Allowed: "without --models"}
	}
	c.planned = c.table(given)
	any := c.planned
	return checkRows(&any.Plan, &c.Fleet, any.Validate)
}

func (c *tableCommand) Run(ctx context.Context, s streams) error {
	team, release, err := s.claim(ctx, &c.Fleet, true)
	if err != nil {
		return err
	}
	defer release()
	table := c.planned
	store, stored, err := resume(s, c.Resume, "table", &table)
	if err != nil {
		return err
	}
	x, err := newSession(ctx, &table.Plan, team, table.Validate)
	if err != nil {
		return err
	}
	defer x.close()
	if store, err = x.open(s, store, c.Out, table, results.Run{Kind: results.TableRun}, beginAnew, false); err != nil {
		return err
	}
	defer store.Close()
	r := &sweep.TableRunner{Runner: x.runner(store, stored), Table: table}
	r.StopTimeout = stopThousands
	p := live.New(c.progress(s), live.NewTableCourse(&table, stored), stored)
	p.Attach(&r.Runner)
	r.Stage = func(step, question int) {
		if c, err := comparisonTable(&store.Run, r.Stored, &table); err == nil {
			p.Known(fmt.Sprintf("step %d of %d, %s", step+1, len(sweep.TableSteps), document.Answered(c, question)))
		}
	}
	err = r.Run(ctx)
	p.End()
	m := &measured{s, store.Dir, &store.Run, r.All(), c.form(), nil}
	return m.conclude(err, m.reportTable)
}

// stopThousands is how long a server may take to end its thousands of threads.
const stopThousands = 30 * time.Second

func (c *tableCommand) table(given []string) sweep.Table {
	t := sweep.DefaultTable(nil)
	overlay(&t, c, given)
	t.Clients = []int{t.Saturating}
	if slices.Contains(given, "payload") {
		t.Payloads = sweep.Sizes(c.Payload)
	}
	if t.Brief = c.Tutorial; c.Tutorial {
		t.Models = slices.DeleteFunc(known(), func(name string) bool { return tutorialWords[name] == read.Words{} })
	}
	c.putKnobs(&t.Plan, given)
	return t
}

// reportTable prints a table in a form, and writes it into its folder in each, with its figures
// and its page.
func (m *measured) reportTable() error {
	c, err := m.table()
	if err != nil {
		return err
	}
	said, d := document.Profiles(c), drawer(m.run)
	if missed := document.Missed(m.trials); missed != nil {
		said.Add(document.Lines(missed...))
	}
	return m.present(said, "\n", func() *files {
		f := &files{err: saveAs(m.dir, said, "table.txt", "table.json", "table.csv", "table.md")}
		f.add(d.Table(c))
		f.page = func() (string, error) { return page.SaveTable(m.dir, m.run, m.trials, c, d.Order, f.figures) }
		return f
	})
}

// table is the comparison table of the run.
func (m *measured) table() (*read.ComparisonTable, error) {
	var table sweep.Table
	if err := json.Unmarshal(m.run.Plan, &table); err != nil {
		return nil, fmt.Errorf("%s: plan: %w", m.dir, err)
	}
	return comparisonTable(m.run, m.trials, &table)
}

func comparisonTable(run *results.Run, trials []results.Trial, table *sweep.Table) (*read.ComparisonTable, error) {
	c := &read.ComparisonTable{
		Goal:       table.Goal(&run.Environment),
		ClientRate: table.ClientRate,
		Questions:  read.Questions(table.ClientRate, table.Saturating),
		Saturating: table.Saturating,
		Words:      tutorialWords,
		Sources:    map[string]read.Source{},
		Env:        &run.Environment,
	}
	told := slices.DeleteFunc(slices.Clone(trials), func(t results.Trial) bool { return t.HostLost })
	c.Profiles = read.Profiles(c.Goal, c.Questions, told, run.Models)
	counted, err := sources()
	if err != nil {
		return nil, err
	}
	for name, source := range counted {
		if slices.Contains(run.Models, name) {
			c.Sources[name] = read.Source{
				Lines:      source.Own.Lines + source.Shared.Lines,
				Cyclomatic: source.Own.Cyclomatic + source.Shared.Cyclomatic,
			}
		}
	}
	return c, nil
}

// The tutorial's comparison table, in its words; it gives them without a measurement.
var (
	threadWords = read.Words{
		Clients: "hundreds", Complexity: "low", Blocking: "yes", Use: "development and low-traffic services",
	}
	selectWords = read.Words{
		Clients: "thousands", Complexity: "medium", Blocking: "no", Use: "I/O-bound servers on a single thread",
	}
	asyncioWords = read.Words{
		Clients: "tens of thousands", Complexity: "medium-high", Blocking: "no", Use: "high-concurrency Python services",
	}
)

// tutorialWords is what the tutorial says of rows that are of its three kinds; a
// goroutine per connection is what Go has for its coroutines.
var tutorialWords = map[string]read.Words{
	"thread":                        threadWords,
	"python-threading":              threadWords,
	"python-socketserver-threading": threadWords,
	"select":                        selectWords,
	"poll":                          selectWords,
	"reactor":                       selectWords,
	"python-selectors":              selectWords,
	"goroutine":                     asyncioWords,
	"python-asyncio":                asyncioWords,
}
