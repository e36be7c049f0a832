package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"connbench/loadgen/process"
	"connbench/loadgen/sweep"
	"connbench/models"
	"connbench/models/python"
	"connbench/models/wire"
	"connbench/results"
	"connbench/results/read"
)

type lineup struct {
	rows   map[string]sweep.Row // by name
	left   []leftOut
	python string               // the version of the interpreter that runs rows, if one does
	there  *results.Environment // of the machine that serves them, if it is another
}

// leftOut is a row that nobody has asked for by name, and why it is not there.
type leftOut struct {
	name string
	why  error
}

// makeLineup makes the rows of a plan. Where the plan names no models it gets all
// that can do here what it asks for; its servers from elsewhere are among its models afterwards,
// and of all presets those that there are have been named.
func makeLineup(ctx context.Context, plan *sweep.Plan, executable, scratch string) (*lineup, error) {
	return (&roster{plan: plan, executable: executable, scratch: scratch, host: process.Loopback}).make(ctx)
}

func (r *roster) make(ctx context.Context) (*lineup, error) {
	r.python = sync.OnceValues(func() (python.Interpreter, error) {
		found, err := python.Find(ctx)
		if err != nil {
			return found, err
		}
		return found, python.Install(r.scratch)
	})
	if err := r.parseExecs(); err != nil {
		return nil, err
	}
	if err := r.knobs.read(r.plan); err != nil {
		return nil, err
	}
	return r.lineup()
}

// roster makes rows: of our models, of the tutorial's servers in Python and of
// servers from elsewhere. Each is checked against what the plan asks of it.
type roster struct {
	plan       *sweep.Plan
	executable string
	host       string // at which address of this machine servers listen
	scratch    string // the run's folder for sockets and programs, which is removed in the end
	execs      []outsider
	knobs      serverKnobs                        // the plan's
	python     func() (python.Interpreter, error) // with the programs in scratch
	version    string                             // of that, once there is a row of it
}

// known names what a plan can be of without saying more.
func known() []string {
	return slices.Concat(models.Names(goModels()), python.Names(python.Rows()))
}

func (r *roster) lineup() (*lineup, error) {
	made := &lineup{rows: map[string]sweep.Row{}}
	names, all := r.plan.Models, r.plan.Models == nil
	if all {
		names = known()
	}
	for _, e := range r.execs {
		if !slices.Contains(names, e.Name) {
			names = append(slices.Clip(names), e.Name)
		}
	}
	r.plan.Models, r.plan.Exec = []string{}, nil
	for _, name := range names {
		row, err := r.row(name)
		switch {
		case err == nil:
			made.rows[name] = row
			r.plan.Models = append(r.plan.Models, name)
			if i := r.exec(name); i >= 0 {
				r.plan.Exec = append(r.plan.Exec, r.execs[i].text)
			}
		case r.unnamed(name, all) && r.cannot(err):
			made.left = append(made.left, leftOut{name, err})
		default:
			return nil, err
		}
	}
	made.python = r.version
	if len(made.rows) == 0 && len(made.left) > 0 {
		return nil, usage(fmt.Errorf("no row is left: %s", explain(made.left)))
	}
	return made, nil
}

// cannot reports whether an error says that one row cannot do what others can, and
// not that the plan is wrong.
func (r *roster) cannot(err error) bool {
	if errors.Is(err, errors.ErrUnsupported) || wraps[*lackError](err) {
		return true
	}
	if config, is := errors.AsType[*models.ConfigError](err); is {
		return config.Knob == "network" && slices.Contains([]string{"tcp", "unix"}, r.plan.Network) ||
			config.Knob == "framing" && slices.Contains(wire.Names(), r.plan.Framing)
	}
	return wraps[*sweep.ForeignError](err)
}

func (r *roster) row(name string) (sweep.Row, error) {
	if i := r.exec(name); i >= 0 {
		return r.outsiderRow(&r.execs[i])
	}
	if row := pythonRow(name); row != nil {
		return r.pythonRow(*row)
	}
	others := python.Names(python.Rows())
	others = append(others, results.Map(r.execs, func(e outsider) string { return e.Name })...)
	m, err := findModel(name, others...)
	if err != nil {
		return sweep.Row{}, err
	}
	return r.modelRow(m)
}

// modelRow is the row of a model in Go. One of this binary has been seen to listen here.
func (r *roster) modelRow(m models.Model) (sweep.Row, error) {
	cfg := models.DefaultConfig()
	cfg.Network, cfg.Work, cfg.MaxFrame = r.plan.Network, models.Work(r.plan.Work), int(r.plan.MaxFrame)
	cfg.Framing = models.Framing(r.plan.Framing)
	if datagrams(m.Networks) {
		if err := r.echoesNothing(m.Name); err != nil {
			return sweep.Row{}, err
		}
		cfg.Network, cfg.Framing = "udp", models.Length
	}
	cfg.Address = net.JoinHostPort(r.host, "0")
	if cfg.Network == "unix" {
		cfg.Address = filepath.Join(r.scratch, m.Name)
	}
	cfg.Knobs = r.knobs.Knobs
	if err := m.Check(cfg); err != nil {
		return sweep.Row{}, lacks(m, err)
	}
	executable := r.executable
	var size []string
	if cfg.Framing == models.HTTP {
		size = []string{"--response-size", sweep.SizeMark}
	}
	var err error
	if m.Open == nil {
		executable, err = enginesPath()
	} else {
		err = listens(m, cfg)
	}
	if err != nil {
		return sweep.Row{}, err
	}
	return sweep.Row{Name: m.Name, Network: cfg.Network, Tells: true, Command: append([]string{
		executable, "serve", m.Name, "--network", cfg.Network, "--addr", cfg.Address,
		"--framing", string(cfg.Framing), "--work", string(cfg.Work), "--max-frame", strconv.Itoa(cfg.MaxFrame),
	}, append(size, knobFlags(r.plan.Knobs)...)...)}, nil
}

// datagrams reports whether a row serves datagrams only, whatever the network of
// the plan's streams.
func datagrams(networks []string) bool { return slices.Equal(networks, []string{"udp"}) }

// echoesNothing refuses a row of datagrams where requests have no payload to echo.
func (r *roster) echoesNothing(name string) error {
	if !r.plan.Bare() {
		return nil
	}
	return &models.ConfigError{Knob: string(models.KnobFraming), Value: r.plan.Framing, Allowed: name + " echoes datagrams, and '" + r.plan.Asks() + "' has nothing in it"}
}

func listens(m models.Model, cfg models.Config) error {
	cfg.Work = models.Echo // which takes no time to prepare
	s, err := m.Listen(cfg)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return s.Shutdown(ctx)
}

// pythonRow is the program in Python of that name, nil where there is none.
func pythonRow(name string) *python.Row {
	return results.Find(python.Rows(), func(r *python.Row) bool { return r.Name == name })
}

func (r *roster) pythonRow(row python.Row) (sweep.Row, error) {
	made := sweep.Row{Name: row.Name, Network: r.plan.Network, Foreign: true, Profiles: true, Sockets: r.scratch, Host: r.host}
	options := python.Options{Framing: r.plan.Framing, MaxFrame: int(r.plan.MaxFrame), Size: sweep.SizeMark}
	if datagrams(row.Networks) {
		if err := r.echoesNothing(row.Name); err != nil {
			return made, err
		}
		made.Network, options.Framing = "udp", ""
	} else if !slices.Contains(row.Framings, r.plan.Framing) {
		return made, &models.ConfigError{Knob: string(models.KnobFraming), Value: r.plan.Framing, Allowed: row.Name + " speaks " + strings.Join(row.Framings, ", ")}
	}
	if !slices.Contains(row.Networks, made.Network) {
		return made, &models.ConfigError{Knob: "network", Value: made.Network, Allowed: row.Name + " serves " + strings.Join(row.Networks, ", ")}
	}
	if err := r.plan.CheckForeign(row.Name, made.Network); err != nil {
		return made, err
	}
	made.Processes = r.knobs.Processes
	options.ReusePort = made.Processes > 1
	found, err := r.python()
	if err != nil {
		return made, fmt.Errorf("%s: %w", row.Name, err)
	}
	r.version = found.Version
	made.Command = row.Command(found.Path, r.scratch, "{addr}", options)
	return made, nil
}

func explain(left []leftOut) string {
	var reasons []string
	names := map[string][]string{}
	for _, l := range left {
		why := l.reason()
		if names[why] == nil {
			reasons = append(reasons, why)
		}
		names[why] = append(names[why], l.name)
	}
	for i, why := range reasons {
		reasons[i] = fmt.Sprintf("%s (%s)", strings.Join(names[why], ", "), why)
	}
	return strings.Join(reasons, "; ")
}

// reason is why, without the name.
func (l *leftOut) reason() string {
	if lack, is := errors.AsType[*lackError](l.why); is {
		return "no knob " + lack.Knob
	}
	if config, is := errors.AsType[*models.ConfigError](l.why); is && config.Knob == string(models.KnobFraming) {
		return strings.TrimPrefix(config.Allowed, l.name+" ")
	}
	return strings.TrimSuffix(strings.TrimPrefix(l.why.Error(), l.name+": "), ": "+errors.ErrUnsupported.Error())
}

// without leaves out some names.
func without(names []string, out read.Out) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return out[name] != "" })
}

// able leaves the rows that can do what a plan asks for, and says why the others cannot.
func able(names []string, plan *sweep.Plan) ([]string, read.Out) {
	out := read.Out{}
	for _, name := range names {
		if why := unable(name, plan); why != "" {
			out[name] = why
		}
	}
	return without(names, out), out
}

// unable is why a row cannot do what a plan asks for, "" where nothing is known to keep it: some
// serve only so many connections at once, be they idle or not; work is for models of ours, and a
// datagram has its size.
func unable(name string, plan *sweep.Plan) string {
	atOnce, ours, udp := 0, false, false
	if m := results.Find(goModels(), func(m *models.Model) bool { return m.Name == name }); m != nil {
		ours, udp = true, datagrams(m.Networks)
		if m.ServesAtOnce != nil {
			atOnce = m.ServesAtOnce(models.DefaultConfig())
		}
	}
	if r := pythonRow(name); r != nil {
		atOnce, udp = r.AtOnce, datagrams(r.Networks)
	}
	for _, text := range onlyOf(plan.Exec, []string{name}) {
		all, _ := parseExec(text)
		udp = all[0].Network == "udp"
	}
	switch {
	case atOnce > 0 && atOnce < plan.Clients[0]:
		return fmt.Sprintf("serves %d at once of %s", atOnce, results.Plural(plan.Clients[0], "client"))
	case !ours && plan.Work != string(models.Echo):
		return "does not do work"
	case udp && plan.Payloads[0].Size > maxDatagram:
		return fmt.Sprintf("has no room for %s in a datagram", plan.Payloads[0])
	}
	return ""
}

// maxDatagram is the longest payload of UDP over IPv4.
const maxDatagram = 65507
