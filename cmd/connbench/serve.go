package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/process"
	"connbench/loadgen/sample"
	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"connbench/models"
	"connbench/models/kernel"
	"connbench/results"
)

type serveCommand struct {
	Model string `arg:"" help:"The model; 'connbench models' lists them."`

	Network string `help:"tcp, unix or udp; by default the first that the model serves." placeholder:"NETWORK"`
	Addr    string `help:"host:port, port 0 for any free one; a path on unix. By default 127.0.0.1:0." placeholder:"ADDR"`
	knobs   `embed:""`

	DrainTimeout time.Duration `help:"How long to let requests finish when interrupted." default:"5s" range:"0s or more"`
}

type knobs struct {
	frameFlags  `embed:""`
	Response    sweep.Size `name:"response-size" help:"Of http: bytes of what is at /." default:"64B"`
	workFlag    `embed:""`
	serverKnobs `embed:""`
}

func (k *knobs) config(network, addr string) models.Config {
	return models.Config{
		Network:  network,
		Address:  addr,
		Framing:  models.Framing(k.Framing),
		Work:     models.Work(k.Work),
		MaxFrame: int(k.MaxFrame),

		ResponseSize: k.response(),
		Knobs:        k.Knobs,
	}
}

// response is the length of what a server of http has.
func (k *knobs) response() int {
	if k.Framing != string(models.HTTP) {
		return 0
	}
	return int(k.Response)
}

// attendCommand starts and watches servers for a connbench on another host.
type attendCommand struct {
	Address   string `help:"The address that servers listen at." default:"127.0.0.1"`
	AllowExec bool   `help:"Start commands of --exec too."`
}

func (c *attendCommand) Run(ctx context.Context, s streams) error {
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	folder, err := makeScratch(executable)
	if err != nil {
		return err
	}
	defer folder.Remove()
	cpus, err := process.AllowedCPUs()
	if err != nil {
		return err
	}
	return sweep.Attend(ctx, s.in, s.out, sweep.Attending{CPUs: cpus, Usage: isUsage, Rows: func(ctx context.Context, plan *sweep.Plan) (*sweep.Lineup, error) {
		if len(plan.Exec) > 0 && !c.AllowExec {
			return nil, &loadgen.SpecError{Field: "exec", Value: plan.Exec[0], Allowed: "none here: this agent was not started with --allow-exec"}
		}
		asked := *plan
		made, err := (&roster{plan: &asked, executable: executable, scratch: folder.Dir, host: c.Address}).make(ctx)
		if err != nil {
			return nil, err
		}
		return c.lineup(ctx, &asked, made, executable, cpus), nil
	}})
}

// lineup is what there is to say of rows to another host.
func (c *attendCommand) lineup(ctx context.Context, plan *sweep.Plan, made *lineup, executable string, cpus []int) *sweep.Lineup {
	l := &sweep.Lineup{Models: plan.Models, Exec: plan.Exec, Rows: made.rows}
	l.Left = results.Map(made.left, func(out leftOut) [2]string { return [2]string{out.name, out.reason()} })
	l.Environment = system.Describe(cpus, system.Placement{Server: cpus, Apart: true})
	l.Environment.Python = made.python
	l.Environment.GoSettings = goSettings(ctx, executable, cpus)
	l.Environment.Warnings = append(l.Environment.Warnings, cuts(plan)...)
	return l
}

// goSettings are what shapes Go's runtime in servers of ours.
func goSettings(ctx context.Context, executable string, cpus []int) results.GoSettings {
	ours := sweep.Row{Name: "goroutine", Network: "tcp", Tells: true, Command: []string{executable, "serve", "goroutine"}}
	return sweep.GoSettings(ctx, ours, cpus)
}

// greeting is the first line of standard output.
type greeting struct {
	Model   string `json:"model"`
	Network string `json:"network"`
	Addr    string `json:"addr"`
	PID     int    `json:"pid"`

	Effective *kernel.Effective `json:"effective,omitempty"` // of its socket; absent where the system does not say
}

// farewell is the last.
type farewell struct {
	Counters map[string]int64 `json:"counters"`
}

func (c *serveCommand) Help() string {
	return "The first line of standard output is a JSON object with model, network, addr, pid and, where the kernel says so, what " +
		"came of buffers and backlog as effective; a knob that the kernel cuts is said on standard error. " +
		"A model that speaks one protocol alone is served in that. " +
		"SIGINT and SIGTERM let requests that have begun finish; a line with counters follows, and exit status 0. " +
		"SIGUSR1 prints a line with figures of Go's runtime, SIGUSR2 the same after a garbage collection. " +
		"On Linux signal 42 begins a CPU profile, and the next prints it in base64."
}

func (c *serveCommand) check(given []string) error {
	if m, err := findModel(c.Model); err == nil && !slices.Contains(given, "framing") {
		c.Framing = string(m.DefaultFraming())
	}
	m, cfg, err := c.target()
	if err != nil {
		return err
	}
	if slices.Contains(given, "response-size") {
		cfg.ResponseSize = int(c.Response) // which only http has
	}
	return m.Check(cfg)
}

func (c *serveCommand) target() (models.Model, models.Config, error) {
	m, err := findModel(c.Model)
	if err != nil {
		return m, models.Config{}, err
	}
	network, addr := cmp.Or(c.Network, m.Networks[0]), c.Addr
	if addr == "" && network != "unix" {
		addr = models.DefaultConfig().Address
	}
	return m, c.config(network, addr), nil
}

func (c *serveCommand) Run(ctx context.Context, s streams) error {
	m, cfg, err := c.target()
	if err != nil {
		return err
	}
	if m.Open == nil {
		return becomeEngines()
	}
	server, err := m.Listen(cfg)
	if err != nil {
		return badAddress(err)
	}
	hello := greeting{m.Name, cfg.Network, server.Addr().String(), os.Getpid(), effective(&cfg, server)}
	if hello.Effective != nil {
		s.warn(results.Map(system.Cuts("/", askedOf(&cfg), *hello.Effective), system.Cut.String)...)
	}
	return c.serve(ctx, s, hello, server)
}

func (c *serveCommand) serve(ctx context.Context, s streams, hello greeting, server models.Server) error {
	say := json.NewEncoder(s.out)
	asked := make(chan os.Signal, 1)
	var answers sample.Answers
	answers.Notify(asked)
	defer signal.Stop(asked)
	if err := say.Encode(hello); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()
	for serving := true; serving; {
		select {
		case err := <-served:
			return err
		case question := <-asked:
			if answer := answers.To(question); answer != nil {
				if err := say.Encode(answer); err != nil {
					return err
				}
			}
		case <-ctx.Done():
			serving = false
		}
	}
	drain, cancel := context.WithTimeout(context.Background(), c.DrainTimeout)
	defer cancel()
	err := server.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil // the connections that were cut are counted
	}
	if err := errors.Join(err, <-served); err != nil {
		return err
	}
	if counting, ok := server.(models.Counting); ok {
		return say.Encode(farewell{counting.Counters()})
	}
	return nil
}

// badAddress marks the errors of listening or connecting that another address
// would put right.
func badAddress(err error) error {
	for _, bad := range []error{
		syscall.EADDRINUSE, syscall.EADDRNOTAVAIL, syscall.EACCES, syscall.EINVAL,
		syscall.ENOENT, syscall.ENOTDIR, syscall.ENAMETOOLONG,
	} {
		if errors.Is(err, bad) {
			return usage(err)
		}
	}
	if wraps[*net.AddrError](err) || wraps[*net.DNSError](err) {
		return usage(err)
	}
	return err
}
