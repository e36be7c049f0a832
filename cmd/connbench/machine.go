package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"connbench/loadgen/calibrate"
	"connbench/loadgen/doctor"
	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"os"
	"strconv"
)

type doctorCommand struct {
	Duration time.Duration `help:"How long to look at the CPUs while they are idle, and again while they are busy." default:"1s" range:"100ms to 1m"`

	cpuFlags `embed:""`

	JSON      bool `help:"Print the report as JSON."`
	quietFlag `embed:""`
}

func (c *doctorCommand) Help() string {
	return "What limits and disturbs a benchmark on this machine, each with what to do about it: limits, kernel settings, " +
		"the CPUs that a run would use, and the noise on them. Nothing is changed. A machine that is found bad is no " +
		"failure of the command."
}

func (c *doctorCommand) Run(ctx context.Context, s streams) error {
	allowed, placement, err := c.place()
	if err != nil {
		return err
	}
	fmt.Fprintf(c.progress(s), "connbench: watching the CPUs for %v\n", 2*c.Duration)
	report, err := doctor.Examine(ctx, doctor.Options{Allowed: allowed, Placement: placement, Duration: c.Duration, Tried: triedByDefault()})
	if err != nil {
		return err
	}
	return s.answer(c.JSON, report, report.Document)
}

type calibrateCommand struct {
	Service     time.Duration `help:"Mean service time of the calibration server; by default 1ms." range:"50µs to 100ms" placeholder:"D"`
	Duration    time.Duration `help:"How long a repetition measures; by default 2s." range:"10ms to 10m" placeholder:"D"`
	Repetitions int           `help:"Quiet repetitions wanted of each point; by default 5. Noisy ones are repeated, up to three times as many in all." range:"1 to 1000" placeholder:"N"`
	Quick       bool          `help:"Fewer and shorter repetitions: 1 minute on a quiet machine and up to 3 on a noisy one, instead of 4 to 13."`
	Seed        uint64        `help:"Seed of arrivals, service times and payloads." default:"1"`

	cpuFlags `embed:""`

	JSON      bool `help:"Print the report, every repetition in it, as JSON."`
	quietFlag `embed:""`
}

func (c *calibrateCommand) Help() string {
	return "How far the harness can be trusted on this machine: a server of known service time is loaded and the measured " +
		"response times are compared with queueing theory; an echo server (the model reactor) shows the client's pacing, " +
		"round trip and cost. A machine that is found bad is no failure of the command."
}

func (c *calibrateCommand) Run(ctx context.Context, s streams) error {
	bench, err := c.bench()
	if err != nil {
		return err
	}
	least, most := bench.Takes()
	fmt.Fprintf(c.progress(s), "connbench: this takes %v where nothing disturbs it, up to %v where repetitions have to be repeated\n", least.Round(time.Second), most.Round(time.Second))
	bench.Progress = func(line string) { fmt.Fprintln(c.progress(s), line) }
	report, err := bench.Run(ctx)
	if err != nil {
		return err
	}
	return s.answer(c.JSON, report, report.Document)
}

func (c *calibrateCommand) bench() (*calibrate.Bench, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	allowed, placement, err := c.place()
	if err != nil {
		return nil, err
	}
	return &calibrate.Bench{
		Options:     c.options(),
		Client:      []string{executable, "client"},
		Placement:   placement,
		Environment: system.Describe(allowed, placement),
		Echo:        sweep.Row{Name: "reactor", Network: "tcp", Command: []string{executable, "serve", "reactor", "--network", "tcp"}},
		Calibration: func(config calibrate.ServerConfig) sweep.Row {
			return sweep.Row{Name: "calibration", Network: "tcp", Command: []string{
				executable, "calibration-server", "--service", config.Service.String(),
				"--distribution", string(config.Distribution), "--seed", strconv.FormatUint(config.Seed, 10),
			}}
		},
	}, nil
}

func (c *calibrateCommand) options() calibrate.Options {
	o := calibrate.DefaultOptions()
	if c.Quick {
		o = calibrate.QuickOptions()
	}
	o.Seed = c.Seed
	o.Service, o.Duration = cmp.Or(c.Service, o.Service), cmp.Or(c.Duration, o.Duration)
	o.Repetitions = cmp.Or(c.Repetitions, o.Repetitions)
	return o
}

type calibrationServerCommand struct {
	Addr         string                 `help:"host:port." default:"127.0.0.1:0"`
	Service      time.Duration          `help:"Mean service time; 0 for an answer at once." default:"200us"`
	Distribution calibrate.Distribution `help:"fixed or exponential." default:"fixed" placeholder:"DISTRIBUTION"`
	Seed         uint64                 `help:"Seed of exponential service times." default:"1"`
}

func (c *calibrationServerCommand) config() calibrate.ServerConfig {
	return calibrate.ServerConfig{Address: c.Addr, Distribution: c.Distribution, Service: c.Service, Seed: c.Seed}
}

func (c *calibrationServerCommand) check([]string) error {
	config := c.config()
	return config.Validate()
}

func (c *calibrationServerCommand) Run(ctx context.Context, s streams) error {
	server, err := calibrate.Listen(c.config())
	if err != nil {
		return badAddress(err)
	}
	say := json.NewEncoder(s.out)
	if err := say.Encode(greeting{Model: "calibration", Network: "tcp", Addr: server.Addr().String(), PID: os.Getpid()}); err != nil {
		return err
	}
	counters, err := server.Serve(ctx)
	if err != nil {
		return err
	}
	return say.Encode(farewell{counters})
}
