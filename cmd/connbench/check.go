package main

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/models"

	"github.com/alecthomas/kong"
)

// checked is a command that can say of itself what cannot be done, before it does
// anything: no process is started then, and no file made. Given are the names of the
// flags on the command line. What depends on the rows and the machine comes later.
type checked interface {
	check(given []string) error
}

// check reports the first thing in a command line that can be read and not be meant.
func check(k *kong.Context) error {
	for _, p := range k.Path {
		switch {
		case p.Flag != nil && !p.Resolved:
			if err := checkValue(p.Flag.Value, "a value; without --"+p.Flag.Name+" it has its default"); err != nil {
				return err
			}
		case p.Positional != nil:
			if err := checkValue(p.Positional, p.Positional.Help); err != nil {
				return err
			}
		}
	}
	if c, ok := k.Selected().Target.Addr().Interface().(checked); ok {
		return c.check(givenFlags(k))
	}
	return nil
}

// checkValue refuses what is never meant: nothing, what is no number, and the same twice.
func checkValue(v *kong.Value, allowed string) error {
	wrong := func(value, allowed string) error {
		return &loadgen.SpecError{Field: v.Name, Value: value, Allowed: allowed}
	}
	target := reflect.Indirect(v.Target)
	switch {
	case target.Kind() == reflect.String && target.Len() == 0:
		return wrong("", allowed)
	case target.Kind() == reflect.Float64 && !finiteNumber(target):
		return wrong(fmt.Sprint(target), "a finite number")
	case target.Kind() != reflect.Slice:
		return nil
	case target.Len() == 0 && v.Name == "models": // none beside those of --exec; a plan says whether that is enough
		return nil
	case target.Len() == 0:
		return wrong("an empty list", "at least one")
	case v.Tag.Sep == -1: // a text each, which says more than this could
		return nil
	}
	var before []any
	for i := range target.Len() {
		element := target.Index(i)
		switch {
		case element.Kind() == reflect.String && element.Len() == 0:
			return wrong("", "a value between two commas")
		case element.Kind() == reflect.Float64 && !finiteNumber(element):
			return wrong(fmt.Sprint(element), "a finite number")
		case slices.Contains(before, element.Interface()):
			return wrong(fmt.Sprintf("%v twice", element), "list each once")
		}
		before = append(before, element.Interface())
	}
	return nil
}

func finiteNumber(v reflect.Value) bool { return !math.IsNaN(v.Float()) && !math.IsInf(v.Float(), 0) }

// checkPlan reports the first thing in a plan that no row could do, here or anywhere.
func checkPlan(plan *sweep.Plan) error {
	p := *plan
	if p.Models == nil || len(p.Exec) > 0 { // there are rows, whatever their names
		p.Models = []string{"all"}
	}
	if err := checkServers(&p); err != nil {
		return err
	}
	return p.Validate(func(string) string { return p.Network })
}

// checkServers reports the first thing in a plan that no server could be told, and CPUs
// that there are not.
func checkServers(p *sweep.Plan) error {
	for _, text := range p.Exec {
		if _, err := sweep.ParseExec(text); err != nil {
			return err
		}
	}
	var k serverKnobs
	if err := k.read(p); err != nil {
		return err
	}
	cfg := models.DefaultConfig()
	cfg.Work, cfg.MaxFrame = models.Work(p.Work), int(p.MaxFrame)
	k.set(&cfg)
	any := models.Model{Name: "all", Networks: []string{cfg.Network}, Knobs: models.Knobs()}
	if err := any.Check(cfg); err != nil {
		return err
	}
	_, _, err := (&cpuFlags{p.ServerCPUs, p.ClientCPUs}).place()
	return err
}
