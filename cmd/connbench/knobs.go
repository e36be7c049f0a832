package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"connbench/models"
	"connbench/models/kernel"
	"connbench/results"

	"github.com/alecthomas/kong"
)

// serverKnobs are the flags of a server's Config that not every row has, of serve and
// of run.
type serverKnobs struct {
	models.Knobs `embed:"" group:"Knobs of servers"`
}

// newParser reads flags, those of sizes in bytes too.
func newParser(grammar any, options ...kong.Option) *kong.Kong {
	return kong.Must(grammar, append(options, kong.NamedMapper("size", kong.MapperFunc(sizeFlag)))...)
}

func sizeFlag(from *kong.DecodeContext, to reflect.Value) error {
	var text string
	var size sweep.Size
	err := from.Scan.PopValueInto("size", &text)
	if err == nil {
		err = size.UnmarshalText([]byte(text))
	}
	to.SetInt(int64(size))
	return err
}

// texts are the knobs by the names of their flags, as these take them.
func (k *serverKnobs) texts() map[string]string {
	all := map[string]string{}
	for _, f := range flagsOf(k) {
		all[f.Name] = fmt.Sprint(f.Target)
		if f.Tag.Type == "size" {
			text, _ := sweep.Size(f.Target.Int()).MarshalText()
			all[f.Name] = string(text)
		}
	}
	return all
}

func (k *serverKnobs) putKnobs(plan *sweep.Plan, given []string) {
	for name, text := range k.texts() {
		if !slices.Contains(given, name) {
			continue
		}
		if plan.Knobs == nil {
			plan.Knobs = map[string]string{}
		}
		plan.Knobs[name] = text
	}
}

// read takes the knobs from a plan, in which they are afterwards as texts writes them.
func (k *serverKnobs) read(plan *sweep.Plan) error {
	known := k.texts()
	for name := range plan.Knobs {
		if _, ok := known[name]; !ok {
			allowed := "of " + list(slices.Sorted(maps.Keys(known)))
			return &models.ConfigError{Knob: "knobs", Value: name, Allowed: allowed}
		}
	}
	if _, err := newParser(k).Parse(knobFlags(plan.Knobs)); err != nil {
		return usage(err)
	}
	now := k.texts()
	for name := range plan.Knobs {
		plan.Knobs[name] = now[name]
	}
	return nil
}

func knobFlags(knobs map[string]string) []string {
	return results.Map(slices.Sorted(maps.Keys(knobs)), func(name string) string { return "--" + name + "=" + knobs[name] })
}

// lackError is that a model has no such knob, where others have.
type lackError struct{ *models.ConfigError }

func (e *lackError) Unwrap() error { return e.ConfigError }

// lacks marks the error of a Config that a model cannot run with, if it is one.
func lacks(m models.Model, err error) error {
	config, is := errors.AsType[*models.ConfigError](err)
	if !is {
		return err
	}
	knob := models.Knob(config.Knob)
	if slices.Contains(models.AllKnobs(), knob) && knob != models.KnobFraming && !m.Honours(knob) {
		return &lackError{config}
	}
	return err
}

func list[T ~string](names []T) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = string(n)
	}
	return strings.Join(texts, ", ")
}

// askedOf is what a Config asks of the kernel that it may cut.
func askedOf(cfg *models.Config) kernel.SocketOptions {
	return kernel.SocketOptions{RecvBuffer: cfg.RecvBuffer, SendBuffer: cfg.SendBuffer, Backlog: cfg.Backlog}
}

// effective is what a server that listens has of the kernel, nil where that is not known:
// buffers where they were asked for, and of a stream its backlog.
func effective(cfg *models.Config, server models.Server) *kernel.Effective {
	tried, err := kernel.Try(cfg.Network, askedOf(cfg))
	if err != nil {
		return nil
	}
	came, err := kernel.ReadBack(cfg.Network, server.Addr())
	if err != nil {
		came = tried // as of prefork, whose children have the socket
	}
	came.Backlog = cmp.Or(came.Backlog, tried.Backlog)
	if cfg.RecvBuffer == 0 {
		came.RecvBuffer = 0
	}
	if cfg.SendBuffer == 0 {
		came.SendBuffer = 0
	}
	return &came
}

// cuts says which of a plan's knobs the kernel cuts on its network, as far as it says so.
func cuts(plan *sweep.Plan) []string {
	var knobs serverKnobs
	cfg := models.DefaultConfig()
	if knobs.read(plan) != nil {
		return nil // which the rows have refused
	}
	cfg.Knobs = knobs.Knobs
	asked := askedOf(&cfg)
	came, err := kernel.Try(plan.Network, asked)
	if err != nil || asked == (kernel.SocketOptions{}) {
		return nil
	}
	return results.Map(system.Cuts("/", asked, came), system.Cut.String)
}
