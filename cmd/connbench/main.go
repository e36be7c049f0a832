// Command connbench measures server concurrency models against each other.
//
// This package is flags and wiring: a file per subcommand, the flags that several of them
// share in flags.go, and the view of a command under way in the package live. The field of
// a plan and its flag have one name, that of the plan's file, by which [overlay] puts the
// one into the other: a new field of [sweep.Plan] is that field and one line in flags.go or
// in [planFlags], and run --plan takes it too. A check of its range stands in Validate,
// which flags and plans both go through.
//
// A knob of servers is a field of [models.Knobs], which is the flag too: package models says
// how to add one. A Config gets it from [serverKnobs], a plan by [serverKnobs.putKnobs], a
// server of run by [knobFlags], all by name.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"connbench/cmd/connbench/baseline"
	"connbench/cmd/connbench/fleet"
	"connbench/cmd/connbench/manual"
	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"connbench/models"
	"connbench/models/blocking"
	"connbench/models/processes"
	"connbench/models/wire"
	"connbench/results"

	"github.com/alecthomas/kong"
)

func main() {
	if processes.Child() {
		os.Exit(processes.RunChild(modelOf))
	}
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2) // of which none is lost, however soon it follows
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go heed(signals, cancel)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// heed cancels at the first signal. The second one ends the process at once, as it does where nobody
// heeds it, and also where it was ignored in the beginning, as what a script starts in the background does.
func heed(signals chan os.Signal, cancel func()) {
	<-signals
	cancel()
	second := (<-signals).(syscall.Signal)
	signal.Reset()
	syscall.Kill(syscall.Getpid(), second)
	time.Sleep(time.Second) // that the signal ends it, and says so
	os.Exit(128 + int(second))
}

// The exit statuses.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitOpen   = 3 // what was asked cannot be decided by what was measured
)

// commands is the command line; each command is a file.
type commands struct {
	Models            modelsCommand            `cmd:"" help:"List every model with its traits."`
	Serve             serveCommand             `cmd:"" help:"Serve with one model until interrupted."`
	Load              loadCommand              `cmd:"" help:"Put a load on a server and say what it did."`
	Run               runCommand               `cmd:"" help:"Measure models against each other: the main job."`
	Table             tableCommand             `cmd:"" help:"The comparison table with data: how many clients each model serves, and at what price."`
	Scale             scaleCommand             `cmd:"" help:"What rows take, and how fast they are, with up to a million connections."`
	Choose            chooseCommand            `cmd:"" help:"Which model for this workload, and why."`
	Tune              tuneCommand              `cmd:"" help:"Which buffer sizes, backlog, workers or loops to set, and what that gains."`
	Claims            claimsCommand            `cmd:"" help:"What the tutorial claims, put to the test."`
	Report            reportCommand            `cmd:"" help:"Make the table and the figures of a run again, or say what has changed over a folder of runs."`
	Baseline          baseline.Command         `cmd:"" help:"Name a run, to hold others against it, or list the names."`
	Why               whyCommand               `cmd:"" help:"Say where the difference of two rows of a run comes from."`
	Compare           compareCommand           `cmd:"" help:"Say in what two runs, or two rows of one, differ beyond chance."`
	Calibrate         calibrateCommand         `cmd:"" help:"Find out how far the harness can be trusted on this machine."`
	Doctor            doctorCommand            `cmd:"" help:"Say what limits and disturbs a benchmark on this machine, and what to do about it."`
	Completion        manual.Completion        `cmd:"" help:"What a shell is to read to complete lines of this program."`
	Version           manual.Version           `cmd:"" help:"Say which commit and build this is."`
	VersionFlag       manual.VersionFlag       `name:"version" help:"Say which commit and build this is, and exit."`
	Complete          manual.Complete          `cmd:"" hidden:"" help:"What the last of words may be: for the scripts of completion."`
	Agent             fleet.Agent              `cmd:"" help:"Wait on this machine for work of a connbench elsewhere."`
	Hosts             fleet.Hosts              `cmd:"" help:"The machines that agents run on, and keys for them."`
	Client            clientCommand            `cmd:"" hidden:"" help:"A client process of run: a spec on standard input, a result on standard output."`
	Attend            attendCommand            `cmd:"" hidden:"" help:"Start and watch servers for a connbench on another host: what to do on standard input, what came of it on standard output."`
	Janitor           janitorCommand           `cmd:"" hidden:"" help:"Remove the scratch folder of run when standard input ends."`
	Preset            presetCommand            `cmd:"" hidden:"" help:"A server from elsewhere with a configuration of ours, in a folder below one of a run."`
	CalibrationServer calibrationServerCommand `cmd:"" hidden:"" help:"A server of known service time, for calibrate."`
	LeakingServer     leakingServer            `cmd:"" hidden:"" help:"A server that leaks descriptors, for claims."`
}

type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exit carries an exit status out of kong, which would end the process itself.
type exit int

// run is main without the process: it returns the exit status.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) (code int) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case exit:
			code = int(e)
		default:
			panic(e)
		}
	}()
	parsed, err := parse(ctx, args, streams{in, out, errOut})
	if err == nil {
		err = checkRoom(parsed.Selected().Name)
	}
	if err == nil {
		err = parsed.Run()
	}
	return say(errOut, err)
}

// checkRoom reports that there is no room for the threads of a command: those of one Go
// process, or of a server, its clients and a janitor too.
func checkRoom(command string) error {
	const process, session = 12, 48
	switch command {
	case "serve", "load":
		return blocking.CheckThreads(process)
	case "run", "table", "choose", "tune", "claims", "calibrate":
		return blocking.CheckThreads(session)
	}
	return nil
}

// parse reads a command line and checks it; see [check]. It panics with an exit where
// all there is to do is done, as for --help.
func parse(ctx context.Context, args []string, s streams) (*kong.Context, error) {
	return parseBy(commandParser(ctx, s), args)
}

func parseBy(parser *kong.Kong, args []string) (*kong.Context, error) {
	parsed, err := parser.Parse(args)
	if err != nil {
		return nil, usage(withHelp(err))
	}
	return parsed, check(parsed)
}

func commandParser(ctx context.Context, s streams) *kong.Kong {
	parser := newParser(&commands{},
		kong.Name("connbench"),
		kong.Description("Compare server concurrency models: which one for this workload, with data.\n\n"+
			"Results go to standard output, progress and warnings to standard error. "+
			"Exit status: 0 done, 1 failed, 2 bad usage, 3 not to be decided (compare --fail-on-regression)."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.WithHyphenPrefixedParameters(true), // so that -5s is a bad duration, not an unknown flag
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.BindTo(s.out, (*io.Writer)(nil)),
		kong.Bind(manual.Values(wordsOf)),
		kong.BindToProvider(func() (manual.Build, error) { return manual.BuildOf(system.Build()), nil }),
		kong.Bind(s, fleet.Streams{Out: s.out, Err: s.err, Columns: columns(s.out)}),
	)
	manual.AddExamples(parser.Model)
	return parser
}

// wordsOf are what a flag or an argument takes that takes a few words, for completion.
func wordsOf(name string) []string {
	switch name {
	case "model", "models":
		return known()
	case "framing":
		return wire.Names()
	case "network":
		return []string{"tcp", "unix", "udp"}
	case "work":
		return []string{"echo", "cpu:", "sleep:"}
	case "arrivals":
		return []string{string(loadgen.Constant), string(loadgen.Poisson)}
	case "what":
		return results.Distinct(tunables(), func(k tunable) string { return k.what })
	}
	return nil
}

func say(errOut io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	err = interruption(err)
	fmt.Fprintf(errOut, "connbench: %s\n", singleLine(err))
	switch {
	case isUsage(err):
		return exitUsage
	case wraps[openError](err):
		return exitOpen
	}
	return exitFailed
}

func singleLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// interruption is what to say of an error that a signal may have caused.
func interruption(err error) error {
	if errors.Is(err, context.Canceled) {
		return errInterrupted
	}
	return err
}

var errInterrupted = errors.New("interrupted")

func withHelp(err error) error {
	command := "connbench"
	if parse, is := errors.AsType[*kong.ParseError](err); is {
		if selected := parse.Context.Selected(); selected != nil {
			command = selected.FullPath()
		}
	}
	return fmt.Errorf("%w (see %s --help)", err, command)
}

// usageError is something that the caller can put right.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// openError is a question that the trials leave open.
type openError struct{ error }

func usage(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

func isUsage(err error) bool {
	return wraps[usageError](err) || wraps[*models.ConfigError](err) || wraps[*loadgen.SpecError](err) || wraps[*sweep.UsageError](err)
}

// wraps reports whether an error of that type is among those that err wraps.
func wraps[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}
