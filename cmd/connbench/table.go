package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"connbench/loadgen/sweep"
	"connbench/models"
	"connbench/plots"

	"connbench/results"
	"connbench/results/read"
)

type tableCommand struct {
	Models   []string   `help:"Rows of the table; by default all that can run here." placeholder:"NAME"`
	Exec     []string   `help:"A server from elsewhere as a row too (repeatable); see run." sep:"none" placeholder:"'NAME=COMMAND ... {addr}'"`
	Network  string     `help:"Network of the stream models: tcp or unix; by default tcp. Models of udp are on udp." placeholder:"NETWORK"`
	Framing  string     `help:"Framing of the stream models: length or raw; by default length." placeholder:"length|raw"`
	Work     string     `help:"What the server does for each request; by default echo, nothing more." placeholder:"WORK"`
	Payload  sweep.Size `help:"Payload of a request; by default 64B." placeholder:"SIZE"`
	MaxFrame sweep.Size `help:"The longest payload; by default 1MiB." placeholder:"SIZE"`

	SLO        time.Duration `name:"slo" help:"What the 99th percentile of the response may reach; by default 10ms." placeholder:"D"`
	ClientRate float64       `help:"Requests a second of each client; by default 1." placeholder:"R"`
	MaxClients int           `help:"Where the search for the most clients ends; by default 50000." placeholder:"N"`
	Saturating int           `help:"Clients that are to saturate a server; by default 64." placeholder:"N"`

	Trials   int           `help:"Trials of throughput, and of latency at half of it; by default 5." placeholder:"N"`
	Retries  int           `help:"How often a noisy trial, or a probe that was lost, is repeated; by default twice." placeholder:"N"`
	Duration time.Duration `help:"How long these trials measure; by default 300ms. A probe of capacity measures for a request of each client." placeholder:"D"`
	Warmup   time.Duration `help:"How long before that, discarded; by default 100ms." placeholder:"D"`
	Timeout  time.Duration `help:"How long to wait for an answer; by default 1s." placeholder:"D"`
	Seed     uint64        `help:"Seed of the order and the payloads; by default 1." placeholder:"N"`

	StartTimeout time.Duration `help:"How long a server may take until it listens; by default 10s." placeholder:"D"`

	serverKnobs `embed:""`

	ServerCPUs string `name:"server-cpus" help:"CPUs of the servers, like 0,2-3; by default half of the allowed ones." placeholder:"LIST"`
	ClientCPUs string `name:"client-cpus" help:"CPUs of the client; by default the others." placeholder:"LIST"`

	Out      string `help:"The run's folder, to be made; by default runs/ and the time." placeholder:"DIR"`
	Resume   string `help:"Go on with the table in this folder, as it was planned." placeholder:"DIR"`
	JSON     bool   `help:"Print the table as JSON." xor:"form"`
	CSV      bool   `name:"csv" help:"Print the table as CSV." xor:"form"`
	Markdown bool   `help:"Print the table as Markdown." xor:"form"`

	planned sweep.Table // see check
}

func (c *tableCommand) Help() string {
	return "The comparison table with data: for each row the most clients that it serves within a limit of latency and errors, found " +
		"to within a tenth and tried once more, and what keeps it from more; its throughput, its latency at half of that, the memory " +
		"of an idle connection, threads, source, and a use that follows from these figures. The run's folder keeps every trial."
}

func (c *tableCommand) check(given []string) error {
	if c.Resume != "" {
		return resumesAlone(given)
	}
	c.planned = c.table(given)
	any := c.planned
	if any.Models == nil {
		any.Models = []string{"all"}
	}
	if err := checkServers(&any.Plan); err != nil {
		return err
	}
	return any.Validate(func(string) string { return any.Network })
}

func (c *tableCommand) Run(ctx context.Context, s streams) error {
	table, store, stored, err := c.begin(s)
	if err != nil {
		return err
	}
	x, err := newSession(ctx, &table.Plan, table.Validate)
	if err != nil {
		return err
	}
	defer x.close()
	if store == nil {
		if store, err = x.create(c.Out, table, results.Run{Kind: results.TableRun}); err != nil {
			return err
		}
	}
	defer store.Close()
	if err := x.goOn(store, beginAnew, false); err != nil {
		return err
	}
	x.warn(s)
	r := &sweep.TableRunner{Runner: x.runner(store, stored), Table: table}
	r.StopTimeout = stopThousands
	p := newProgress(s.err, newTableCourse(&table, stored), stored)
	p.attach(&r.Runner)
	err = r.Run(ctx)
	p.end()
	if err != nil {
		return unfinished(err, "table", store.Dir)
	}
	return c.form().report(s, store.Dir, nil)
}

// begin is the table to measure, and the one to go on with, if there is one.
func (c *tableCommand) begin(s streams) (table sweep.Table, store *results.Store, stored []results.Trial, err error) {
	if c.Resume == "" {
		return c.planned, nil, nil, nil
	}
	store, stored, err = resume(s, c.Resume, "table", &table)
	return table, store, stored, err
}

// stopThousands is how long a server may take to end its thousands of threads.
const stopThousands = 30 * time.Second

// table is the default one with the given flags over it.
func (c *tableCommand) table(given []string) sweep.Table {
	t := sweep.DefaultTable(nil)
	overrides := map[string]func(){
		"models":        func() { t.Models = append([]string{}, c.Models...) }, // not nil even if empty
		"exec":          func() { t.Exec = c.Exec },
		"network":       func() { t.Network = c.Network },
		"framing":       func() { t.Framing = c.Framing },
		"work":          func() { t.Work = c.Work },
		"payload":       func() { t.Payloads = []sweep.Size{c.Payload} },
		"max-frame":     func() { t.MaxFrame = c.MaxFrame },
		"slo":           func() { t.SLO = sweep.Duration(c.SLO) },
		"client-rate":   func() { t.ClientRate = c.ClientRate },
		"max-clients":   func() { t.MaxClients = c.MaxClients },
		"saturating":    func() { t.Saturating = c.Saturating; t.Clients = []int{c.Saturating} },
		"trials":        func() { t.Trials = c.Trials },
		"retries":       func() { t.Retries = c.Retries },
		"duration":      func() { t.Duration = sweep.Duration(c.Duration) },
		"warmup":        func() { t.Warmup = sweep.Duration(c.Warmup) },
		"timeout":       func() { t.Timeout = sweep.Duration(c.Timeout) },
		"seed":          func() { t.Seed = c.Seed },
		"start-timeout": func() { t.StartTimeout = sweep.Duration(c.StartTimeout) },
		"server-cpus":   func() { t.ServerCPUs = c.ServerCPUs },
		"client-cpus":   func() { t.ClientCPUs = c.ClientCPUs },
	}
	for _, flag := range given {
		if apply, ok := overrides[flag]; ok {
			apply()
		}
	}
	c.putKnobs(&t.Plan, given)
	return t
}

// tableForm is how a table is printed.
type tableForm int

const (
	terminalTable tableForm = iota
	jsonTable
	csvTable
	markdownTable
)

func (c *tableCommand) form() tableForm {
	switch {
	case c.JSON:
		return jsonTable
	case c.CSV:
		return csvTable
	case c.Markdown:
		return markdownTable
	}
	return terminalTable
}

// report reads a table back from its folder, prints it in this form, and writes it there
// in each, unless held says why this process does not hold the folder.
func (f tableForm) report(s streams, dir string, held error) error {
	run, trials, _, err := results.Open(dir)
	if err != nil {
		return err
	}
	var table sweep.Table
	if err := json.Unmarshal(run.Plan, &table); err != nil {
		return fmt.Errorf("%s: plan: %w", dir, err)
	}
	c, err := comparisonTable(&run, trials, &table)
	if err != nil {
		return err
	}
	if err := f.write(s.out, c); err != nil {
		return err
	}
	files, err := save(dir, held, func() (string, error) { return saveTable(dir, &run, trials, c) })
	if f == terminalTable {
		fmt.Fprintf(s.out, "\nrun:     %s\n%s", dir, files)
	}
	return err
}

// saveTable writes a table in each form, its figures and its page.
func saveTable(dir string, run *results.Run, trials []results.Trial, c *results.ComparisonTable) (lines string, err error) {
	for name, form := range map[string]tableForm{"table.txt": terminalTable, "table.json": jsonTable, "table.csv": csvTable, "table.md": markdownTable} {
		var b bytes.Buffer
		if err := form.write(&b, c); err != nil {
			return "", err
		}
		if err := results.WriteFile(filepath.Join(dir, name), b.Bytes()); err != nil {
			return "", err
		}
	}
	if _, err := drawn(func() ([]string, error) { return plots.TableFigures(results.FiguresDir(dir), c) }); err != nil {
		return "", err
	}
	page, err := plots.SaveTableHTML(dir, run, trials, c)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("report:  %s\n", page), nil
}

func (f tableForm) write(w io.Writer, c *results.ComparisonTable) error {
	switch f {
	case jsonTable:
		return c.WriteJSON(w)
	case csvTable:
		return c.WriteCSV(w)
	case markdownTable:
		return c.Write(w, results.Markdown)
	}
	return c.Write(w, results.Terminal)
}

// comparisonTable puts together what was measured and what is known of the rows.
func comparisonTable(run *results.Run, trials []results.Trial, table *sweep.Table) (*results.ComparisonTable, error) {
	c := &results.ComparisonTable{
		Goal:       table.Goal(&run.Environment),
		ClientRate: table.ClientRate,
		Saturating: table.Saturating,
		Words:      tutorialWords,
		Sources:    map[string]results.Source{},
		Env:        &run.Environment,
	}
	c.Profiles = read.Profiles(c.Goal, trials, run.Models)
	counted, err := complexities(models.Names(goModels()))
	if err != nil {
		return nil, err
	}
	for name, source := range counted {
		if slices.Contains(run.Models, name) {
			c.Sources[name] = results.Source{
				Lines:      source.Own.Lines + source.Shared.Lines,
				Cyclomatic: source.Own.Cyclomatic + source.Shared.Cyclomatic,
			}
		}
	}
	return c, nil
}
