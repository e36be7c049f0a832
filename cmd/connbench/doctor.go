package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"connbench/loadgen/doctor"
)

type doctorCommand struct {
	Duration time.Duration `help:"How long to look at the CPUs while they are idle, and again while they are busy." default:"1s"`

	cpuFlags `embed:""`

	JSON bool `help:"Print the report as JSON."`
}

func (c *doctorCommand) Help() string {
	return "What limits and disturbs a benchmark on this machine, each with what to do about it: limits, kernel settings, " +
		"the CPUs that a run would use, and the noise on them. Nothing is changed. A machine that is found bad is no " +
		"failure of the command."
}

// options are what to examine, which can be examined.
func (c *doctorCommand) options() (doctor.Options, error) {
	allowed, placement, err := c.place()
	if err != nil {
		return doctor.Options{}, err
	}
	options := doctor.Options{Allowed: allowed, Placement: placement, Duration: c.Duration, Tried: triedByDefault()}
	return options, options.Validate()
}

func (c *doctorCommand) check([]string) error {
	_, err := c.options()
	return err
}

func (c *doctorCommand) Run(ctx context.Context, s streams) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.err, "connbench: watching the CPUs for %v\n", 2*c.Duration)
	report, err := doctor.Examine(ctx, options)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(report)
	}
	return s.say(report.Document(), textForm)
}
