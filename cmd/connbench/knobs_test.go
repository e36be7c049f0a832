package main

import (
	"errors"
	"slices"
	"testing"

	"connbench/loadgen/sweep"
	"connbench/models"
	"connbench/models/blocking"
	"connbench/models/datagram"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// What the flags are by default is what a Config is.
func TestDefaultsAgree(t *testing.T) {
	var flags knobs
	if _, err := newParser(&flags).Parse(nil); err != nil {
		t.Fatal(err)
	}
	want := models.DefaultConfig()
	got := flags.config(want.Network, want.Address)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(models.Config{})); diff != "" {
		t.Error(diff)
	}
}

// Every knob of a model is a flag, and its value is written as it is read.
func TestKnobsAreFlags(t *testing.T) {
	var k serverKnobs
	texts := k.texts()
	for _, knob := range models.AllKnobs() {
		if _, ok := texts[string(knob)]; !ok && knob != models.KnobFraming {
			t.Errorf("%s is no flag", knob)
		}
	}
	plan := sweep.Plan{Knobs: map[string]string{
		"read-buffer": "4096", "rcvbuf": "0", "sndbuf": "1MiB", "backlog": "7", "nodelay": "False", "reuseaddr": "0",
		"reuseport": "yes", "idle-timeout": "90s", "workers": "3", "loops": "2", "spread": "reuseport", "trigger": "edge",
		"processes": "4", "tls": "true",
	}}
	if err := k.read(&plan); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"read-buffer": "4KiB", "rcvbuf": "0B", "sndbuf": "1MiB", "backlog": "7", "nodelay": "false", "reuseaddr": "false",
		"reuseport": "true", "idle-timeout": "1m30s", "workers": "3", "loops": "2", "spread": "reuseport", "trigger": "edge",
		"processes": "4", "tls": "true",
	}
	if diff := cmp.Diff(want, plan.Knobs); diff != "" {
		t.Error(diff)
	}
	cfg := models.Config{Knobs: k.Knobs}
	var again serverKnobs
	if err := again.read(&plan); err != nil {
		t.Fatal(err)
	}
	if again != k || cfg.RecvBuffer != 0 || cfg.SendBuffer != 1<<20 || cfg.NoDelay || !cfg.ReusePort || !cfg.TLS || cfg.Loops != 2 {
		t.Errorf("%+v, %+v", again, cfg)
	}
}

func TestKnobsRefused(t *testing.T) {
	for _, knobs := range []map[string]string{{"bogus": "1"}, {"framing": "raw"}, {"backlog": "x"}, {"read-buffer": "1KB"}, {"nodelay": ""}} {
		var k serverKnobs
		if err := k.read(&sweep.Plan{Knobs: knobs}); !isUsage(err) {
			t.Errorf("%v: %v, want a usage error", knobs, err)
		}
	}
}

// A model that lacks a knob is told from a value that is wrong.
func TestLacks(t *testing.T) {
	for _, row := range []struct {
		model models.Model
		set   func(*models.Config)
		lacks bool
	}{
		{datagram.UDP, func(c *models.Config) { c.Backlog = 5 }, true},
		{datagram.UDP, func(c *models.Config) { c.RecvBuffer = -1 }, false},
		{blocking.Goroutine, func(c *models.Config) { c.Workers = 5 }, true},
		{blocking.Goroutine, func(c *models.Config) { c.Backlog = -1 }, false},
		{blocking.Goroutine, func(c *models.Config) { c.Network = "udp" }, false},
	} {
		cfg := models.DefaultConfig()
		cfg.Network = row.model.Networks[0]
		row.set(&cfg)
		err := lacks(row.model, row.model.Check(cfg))
		var lack *lackError
		var config *models.ConfigError
		if errors.As(err, &lack) != row.lacks || !errors.As(err, &config) {
			t.Errorf("%s: %v, lack %v, want %v", row.model.Name, err, !row.lacks, row.lacks)
		}
	}
	if lacks(datagram.UDP, nil) != nil {
		t.Error("nothing wrong is an error")
	}
	left := []leftOut{{"a", &lackError{&models.ConfigError{Knob: "loops"}}}, {"b", &lackError{&models.ConfigError{Knob: "loops"}}}}
	if got := explain(left); got != "a, b (no knob loops)" {
		t.Error(got)
	}
}

// Only what is given comes into a plan, over what a file says.
func TestKnobsOfAPlan(t *testing.T) {
	f := planFlags{serverKnobs: serverKnobs{models.Knobs{Backlog: 9, Workers: 3, ReadBuffer: 4096}}}
	plan := sweep.Plan{Knobs: map[string]string{"backlog": "1", "loops": "2"}}
	f.putKnobs(&plan, []string{"backlog", "models", "read-buffer"})
	want := map[string]string{"backlog": "9", "loops": "2", "read-buffer": "4KiB"}
	if diff := cmp.Diff(want, plan.Knobs); diff != "" {
		t.Error(diff)
	}
	if got := knobFlags(plan.Knobs); !slices.Equal(got, []string{"--backlog=9", "--loops=2", "--read-buffer=4KiB"}) {
		t.Error(got)
	}
	var none sweep.Plan
	f.putKnobs(&none, []string{"models"})
	if none.Knobs != nil {
		t.Error(none.Knobs)
	}
}
