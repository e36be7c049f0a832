package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/models/foreign"
	"connbench/models/wire"
)

// outsider is a server from elsewhere among those of a plan: a command, or a preset.
type outsider struct {
	sweep.Exec
	text    string          // what --exec says
	preset  *foreign.Preset // nil of a command
	backlog int             // of a preset; 0 for as many as the kernel allows
	any     bool            // of all presets one, which may be left out
}

const (
	// allPresets stands for each preset that can be a row of the plan.
	allPresets = "all"
	// backlogSetting is what a preset can be told behind its name.
	backlogSetting = "--backlog="
)

// presetName is the name of a preset, or all, that what --exec says begins with, and its network
// and settings; the name is empty of a command.
func presetName(text string) (name, network, settings string) {
	first, settings, _ := strings.Cut(strings.TrimSpace(text), " ")
	name, network, _ = strings.Cut(first, "@")
	if name != allPresets && foreign.Find(name) == nil {
		return "", "", ""
	}
	return name, network, settings
}

// parseExec reads what --exec says: NAME=COMMAND, a preset, or all of them, which are several.
func parseExec(text string) ([]outsider, error) {
	wrong := func(value, allowed string) ([]outsider, error) {
		return nil, &loadgen.SpecError{Field: "exec", Value: value, Allowed: allowed}
	}
	name, network, settings := presetName(text)
	switch {
	case name == "" && !strings.Contains(text, "="):
		return wrong(strconv.Quote(text), "NAME=COMMAND ... {addr}, NAME@udp=COMMAND ... {addr}, or one of "+strings.Join(foreign.Names(), ", ")+" and "+allPresets)
	case name == "":
		e, err := sweep.ParseExec(text)
		return []outsider{{Exec: e, text: text}}, err
	case !slices.Contains([]string{"", "tcp", "unix"}, network):
		return wrong(fmt.Sprintf("%s on %q", name, network), "tcp or unix behind the @")
	}
	backlog := 0
	for setting := range strings.FieldsSeq(settings) {
		number, is := strings.CutPrefix(setting, backlogSetting)
		n, err := strconv.ParseUint(number, 10, 16)
		if !is || err != nil {
			return wrong(fmt.Sprintf("%s with %q", name, setting), backlogSetting+"N, N from 1 to 65535 or 0 for as many as the kernel allows")
		}
		backlog = int(n)
	}
	if name != allPresets {
		return []outsider{{sweep.Exec{Name: name, Network: network}, text, foreign.Find(name), backlog, false}}, nil
	}
	var all []outsider
	for _, p := range foreign.Presets() {
		one := strings.Replace(strings.TrimSpace(text), allPresets, p.Name, 1)
		all = append(all, outsider{sweep.Exec{Name: p.Name, Network: network}, one, &p, backlog, true})
	}
	return all, nil
}

// onlyOf leaves of the servers from elsewhere those of the given names.
func onlyOf(execs, names []string) []string {
	return slices.DeleteFunc(slices.Clone(execs), func(text string) bool {
		all, err := parseExec(text)
		return err != nil || len(all) != 1 || !slices.Contains(names, all[0].Name)
	})
}

// tunedPreset is what --exec of tune says, with the value where it goes if it says a preset, which
// can be told a backlog alone.
func tunedPreset(what, text string) (string, error) {
	switch name, _, _ := presetName(text); {
	case name == "":
		return text, nil
	case name == allPresets:
		return "", &loadgen.SpecError{Field: "exec", Value: name, Allowed: "one of " + strings.Join(foreign.Names(), ", ")}
	case what != "backlog":
		return "", &loadgen.SpecError{Field: "exec", Value: name, Allowed: "a command with " + valueMark + "; of a preset there is the backlog alone to tune"}
	}
	return text + " " + backlogSetting + valueMark, nil
}

func (r *roster) parseExecs() error {
	for _, text := range r.plan.Exec {
		all, err := parseExec(text)
		if err != nil {
			return err
		}
		for _, o := range all {
			if slices.Contains(known(), o.Name) {
				return &loadgen.SpecError{Field: "exec", Value: o.Name, Allowed: "a name that is not that of a model"}
			}
			if r.exec(o.Name) >= 0 {
				return &loadgen.SpecError{Field: "exec", Value: o.Name + " twice", Allowed: "list each once"}
			}
			r.execs = append(r.execs, o)
		}
	}
	return nil
}

// exec is the place of a server from elsewhere among those of the plan, or -1.
func (r *roster) exec(name string) int {
	return slices.IndexFunc(r.execs, func(o outsider) bool { return o.Name == name })
}

// unnamed reports whether nobody has asked for a row by its name.
func (r *roster) unnamed(name string, all bool) bool {
	if i := r.exec(name); i >= 0 {
		return r.execs[i].any
	}
	return all
}

// outsiderRow is the row of a server from elsewhere.
func (r *roster) outsiderRow(o *outsider) (sweep.Row, error) {
	if o.preset == nil {
		row, err := o.Row(r.plan, r.scratch)
		row.Host = r.host
		return row, err
	}
	row := sweep.Row{Name: o.Name, Network: cmp.Or(o.Network, r.plan.Network), Foreign: true, Sockets: r.scratch, Host: r.host}
	if err := r.presetCan(o.preset, row.Network); err != nil {
		return row, err
	}
	if _, err := o.preset.Program(); err != nil {
		return row, usage(err)
	}
	row.Command = []string{
		r.executable, "preset", o.Name, "{addr}", r.scratch, "--response-size", sweep.SizeMark, "--clients", sweep.ClientsMark,
		"--workers", strconv.Itoa(max(1, r.knobs.Processes)), "--backlog", strconv.Itoa(o.backlog),
	}
	return row, nil
}

// presetCan reports what of the plan a preset cannot do on a network, as a [*sweep.ForeignError].
func (r *roster) presetCan(preset *foreign.Preset, network string) error {
	refuse := func(field string, value any, allowed string) error {
		return &sweep.ForeignError{Name: preset.Name, Err: &loadgen.SpecError{Field: field, Value: value, Allowed: allowed}}
	}
	switch {
	case preset.Framing != r.plan.Framing:
		return refuse("framing", r.plan.Framing, preset.Framing+", which is what it speaks")
	case network != "tcp" && network != "unix":
		return refuse("network", network, "tcp or unix")
	case r.knobs.Processes > 1 && !preset.Workers:
		return refuse("processes", r.knobs.Processes, "one, which has one thread for requests")
	}
	if err := r.plan.CheckForeign(preset.Name, network); err != nil {
		return err
	}
	asked := r.plan.Spec(sweep.Trial{Clients: 1}, network, "")
	if asks := asked.Message().Asks(); preset.Framing == wire.HTTPCodec && asks != "GET /" && asks != "HEAD /" {
		return refuse("request", asks, "GET / or HEAD /: it has nothing elsewhere")
	}
	return nil
}

// presetCommand becomes the server of a preset: it writes the configuration into a folder of its
// own below Dir, and its process is the server's from then on, so that what ends it ends that.
type presetCommand struct {
	Name string `arg:""`
	Addr string `arg:"" help:"host:port, or the path of a Unix socket."`
	Dir  string `arg:"" help:"The folder below which its own is made."`

	Response int `name:"response-size" default:"64" range:"0 to 1073741824"`
	Clients  int `default:"64" range:"0 to 16777216"`
	Workers  int `default:"1" range:"1 to 1024"`
	Backlog  int `default:"0" range:"0 to 65535"`
}

func (c *presetCommand) check([]string) error {
	if foreign.Find(c.Name) == nil {
		return usage(fmt.Errorf("unknown preset %q (known: %s)", c.Name, strings.Join(foreign.Names(), ", ")))
	}
	return nil
}

func (c *presetCommand) Run() error {
	p := foreign.Find(c.Name)
	program, err := p.Program()
	if err != nil {
		return usage(err)
	}
	dir, err := os.MkdirTemp(c.Dir, c.Name+"-")
	if err != nil {
		return usage(unwrapPath(err))
	}
	command, err := p.Configure(dir, foreign.Options{
		Address: c.Addr, Response: c.Response, Clients: c.Clients, Workers: c.Workers, Backlog: c.Backlog,
	})
	if err != nil {
		return err
	}
	if err := os.Chdir(dir); err != nil {
		return err
	}
	openAll()
	return fmt.Errorf("%s: %w", program, syscall.Exec(program, command, os.Environ()))
}

// openAll has this process, and what it becomes, open as many files as it may. Without it that would
// be as many as its parent was given, which a server need not know how to raise.
func openAll() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	}
}
