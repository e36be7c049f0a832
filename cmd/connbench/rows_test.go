package main

import (
	"errors"
	"fmt"
	"testing"

	"connbench/loadgen/sweep"
	"connbench/models"
	"connbench/models/all"
	"connbench/models/python"
)

// A row that nobody has named is left out for what it cannot do, and not for what
// no row can.
func TestRosterCannot(t *testing.T) {
	plan := sweep.DefaultPlan(nil)
	plan.Network, plan.Framing = "unix", "raw"
	wrong := sweep.DefaultPlan(nil)
	wrong.Network, wrong.Framing = "udp", "xml"
	work := sweep.DefaultPlan(nil)
	work.Work = "sleep:1ms"
	for _, row := range []struct {
		name   string
		plan   *sweep.Plan
		err    error
		cannot bool
	}{
		{"not on this system", &plan, fmt.Errorf("uring: not allowed: %w", errors.ErrUnsupported), true},
		{"no unix sockets", &plan, &models.ConfigError{Knob: "network", Value: "unix"}, true},
		{"no raw framing", &plan, &models.ConfigError{Knob: "framing", Value: models.Raw}, true},
		{"foreign", &work, work.CheckForeign("x", "tcp"), true},
		{"no such network", &wrong, &models.ConfigError{Knob: "network", Value: "udp"}, false},
		{"no such framing", &wrong, &models.ConfigError{Knob: "framing", Value: "xml"}, false},
		{"no such work", &plan, &models.ConfigError{Knob: "work", Value: "dance"}, false},
		{"trouble", &plan, errors.New("too many open files"), false},
	} {
		if got := (&roster{plan: row.plan}).cannot(row.err); got != row.cannot {
			t.Errorf("%s: %v", row.name, got)
		}
	}
}

func TestExplain(t *testing.T) {
	python := fmt.Errorf("no python3: %w", errors.ErrUnsupported)
	got := explain([]leftOut{
		{"a", fmt.Errorf("a: %w", python)},
		{"b", fmt.Errorf("b: not here")},
		{"c", fmt.Errorf("c: %w", python)},
		{"d", &models.ConfigError{Knob: "framing", Value: "length", Allowed: "d speaks http"}},
		{"e", &models.ConfigError{Knob: "framing", Value: "length", Allowed: "e speaks http"}},
	})
	if want := "a, c (no python3); b (not here); d, e (speaks http)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// No row is hidden behind another of its name.
func TestKnownNames(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range known() {
		if seen[name] {
			t.Errorf("%s is twice", name)
		}
		seen[name] = true
	}
	if n := len(all.Models()) + len(python.Rows()); len(seen) != n {
		t.Errorf("%d names of %d rows", len(seen), n)
	}
}
