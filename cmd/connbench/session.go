package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"slices"

	"connbench/cmd/connbench/baseline"
	"connbench/cmd/connbench/fleet"
	"connbench/cmd/connbench/scratch"
	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"connbench/results"
)

// claim claims the machines that flags name for a command that starts servers too, or has one served;
// release gives them back. Both do nothing where the flags name none.
func (s streams) claim(ctx context.Context, f *fleet.Flags, servers bool) (team *fleet.Team, release func(), err error) {
	team, err = f.Team(ctx, fleet.Streams{Out: s.out, Err: s.err, Columns: columns(s.out)}, servers)
	if err != nil || team == nil {
		return nil, func() {}, err
	}
	return team, func() {
		if err := team.Close(); err != nil {
			s.warn(singleLine(err))
		}
	}, nil
}

// session is what a command needs that runs trials: rows, CPUs and a folder for sockets.
type session struct {
	plan       *sweep.Plan
	executable string
	scratch    *scratch.Folder
	lineup     *lineup
	placement  system.Placement
	team       *fleet.Team // on whose machines the trials run; nil for this one
	env        results.Environment
}

// newSession makes the rows of a plan, has validate check it, given the network of
// each row, and chooses CPUs. Team is the machines on which the trials run, nil for this one. The caller
// calls close.
func newSession(ctx context.Context, plan *sweep.Plan, team *fleet.Team, validate func(network func(model string) string) error) (*session, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	folder, err := makeScratch(executable)
	if err != nil {
		return nil, err
	}
	x := &session{plan: plan, executable: executable, scratch: folder, team: team}
	if err := x.fill(ctx, validate); err != nil {
		x.close()
		return nil, err
	}
	return x, nil
}

// makeScratch makes a scratch folder; the caller removes it.
func makeScratch(executable string) (*scratch.Folder, error) {
	folder, err := scratch.New(executable)
	if wraps[scratch.TempError](err) {
		err = usage(err)
	}
	return folder, err
}

// janitorCommand removes a scratch folder when its input ends.
type janitorCommand struct {
	Dir string `arg:""`
}

func (c janitorCommand) Run(s streams) error {
	err := scratch.Janitor(c.Dir, s.in)
	if wraps[scratch.Refusal](err) {
		err = usage(err)
	}
	return err
}

func (x *session) fill(ctx context.Context, validate func(network func(model string) string) error) (err error) {
	if x.lineup, err = x.makeLineup(ctx, x.plan); err != nil {
		return err
	}
	if err := validate(func(model string) string { return x.lineup.rows[model].Network }); err != nil {
		return err
	}
	if x.team != nil {
		x.placement.Apart, x.env = true, *x.lineup.there
		x.env.Hosts = x.team.Members
		return nil
	}
	var allowed []int
	if allowed, x.placement, err = (&cpuFlags{x.plan.ServerCPUs, x.plan.ClientCPUs}).place(); err != nil {
		return err
	}
	x.env = system.Describe(allowed, x.placement)
	x.env.Python = x.lineup.python
	x.env.GoSettings = goSettings(ctx, x.executable, x.placement.Server)
	x.env.Warnings = append(x.env.Warnings, cuts(x.plan)...)
	return nil
}

// checkApart reports what of a plan is of one machine alone.
func checkApart(plan *sweep.Plan) error {
	switch cpus := cmp.Or(plan.ServerCPUs, plan.ClientCPUs); {
	case plan.Network == "unix":
		return &loadgen.SpecError{Field: "network", Value: plan.Network, Allowed: "tcp with --hosts: a Unix socket is within a machine"}
	case cpus != "":
		return &loadgen.SpecError{Field: "server-cpus and client-cpus", Value: cpus, Allowed: "none with --hosts: the agents' --cpus say which"}
	}
	return nil
}

// makeLineup makes the rows of a plan on the machine that is to serve them; see the function of that
// name.
func (x *session) makeLineup(ctx context.Context, plan *sweep.Plan) (*lineup, error) {
	if x.team == nil {
		return makeLineup(ctx, plan, x.executable, x.scratch.Dir)
	}
	if err := checkApart(plan); err != nil {
		return nil, err
	}
	asked := *plan
	there, err := x.team.Lineup(ctx, &asked)
	if err != nil {
		return nil, err
	}
	plan.Models, plan.Exec = there.Models, there.Exec
	made := &lineup{rows: map[string]sweep.Row{}, python: there.Environment.Python, there: &there.Environment}
	for name, network := range there.Networks {
		made.rows[name] = sweep.Row{Name: name, Network: network, Order: &sweep.Order{Plan: asked, Model: name}}
	}
	made.left = results.Map(there.Left, func(out [2]string) leftOut { return leftOut{out[0], errors.New(out[1])} })
	return made, nil
}

func (x *session) close() { x.scratch.Remove() }

func (x *session) warn(s streams) {
	if len(x.lineup.left) > 0 {
		s.note("left out: " + explain(x.lineup.left))
	}
	if x.placement.Shared() {
		s.warn(x.env.Placement())
	}
	s.warn(x.env.Warnings...)
}

// create makes a run's folder: out, or by default runs/ and the time. Plan is what
// run.json keeps as the plan, and trials how many it comes to.
func (x *session) create(out string, plan any, run results.Run) (*results.Store, error) {
	written, err := json.Marshal(plan)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if out == "" {
		if out, err = results.DatedFolder(baseline.Dir, now); err != nil {
			return nil, err
		}
	}
	run.Command, run.Seed, run.Plan, run.Models = os.Args, x.plan.Seed, written, x.plan.Models
	run.CreatedAt, run.Environment = now.UTC(), x.env
	store, err := results.Create(out, run)
	if err != nil {
		return nil, outError(err)
	}
	return store, nil
}

// open makes the run's folder, unless there is one to go on with, which it may refuse, see goOn,
// and says what is not as one might expect. The caller closes the store.
func (x *session) open(s streams, store *results.Store, out string, plan any, run results.Run, instead string, apart bool) (*results.Store, error) {
	if store == nil {
		var err error
		if store, err = x.create(out, plan, run); err != nil {
			return nil, err
		}
	} else if err := x.goOn(store, instead, apart); err != nil {
		store.Close()
		return nil, err
	}
	x.warn(s)
	return store, nil
}

func outError(err error) error {
	err = fmt.Errorf("--out: %w", unwrapPath(err))
	if errors.Is(err, results.ErrInUse) {
		return err
	}
	return usage(err)
}

func (x *session) runner(store *results.Store, stored []results.Trial) sweep.Runner {
	r := sweep.Runner{
		Plan:      *x.plan,
		Rows:      x.lineup.rows,
		Client:    []string{x.executable, "client"},
		Placement: x.placement,
		Store:     store,
		Stored:    stored,

		StartTimeout: time.Duration(x.plan.StartTimeout),
	}
	if x.team != nil {
		r.Team = &x.team.Team
	}
	return r
}

// resumable are the commands that go on with a run, by the kind of run.
var resumable = map[string]string{"": "run", results.TableRun: "table", results.TuneRun: "tune", results.ClaimsRun: "claims", results.ScaleRun: "scale"}

// resumesAlone refuses flags beside --resume that say how to measure.
func resumesAlone(given []string) error {
	for _, flag := range given {
		if !slices.Contains(append([]string{"resume", "force", "json", "csv", "markdown", "quiet", "no-change", "profile"}, fleet.FlagNames...), flag) {
			return usage(fmt.Errorf("--resume goes on with the run as it was planned: leave out --%s", flag))
		}
	}
	return nil
}

// resume opens the run in dir, which must be one of the given command, to go on with it as
// it was planned, and reads that into plan; without a dir there is none. The caller closes the store.
func resume(s streams, dir, command string, plan any) (*results.Store, []results.Trial, error) {
	if dir == "" {
		return nil, nil, nil
	}
	store, trials, warnings, err := results.Reopen(dir)
	if errors.Is(err, results.ErrInUse) {
		return nil, nil, err
	}
	if err != nil {
		return nil, nil, usage(err)
	}
	if err := planOf(store, command, plan); err != nil {
		store.Close()
		return nil, nil, err
	}
	s.warn(warnings...)
	return store, trials, nil
}

func planOf(store *results.Store, command string, plan any) error {
	switch of, can := resumable[store.Run.Kind]; {
	case !can:
		return usage(fmt.Errorf("%s is of connbench %s, which does not go on: begin anew", store.Dir, store.Run.Kind))
	case of != command:
		return usage(fmt.Errorf("%s is of connbench %s; to go on: connbench %s --resume %s", store.Dir, of, of, store.Dir))
	}
	if err := json.Unmarshal(store.Run.Plan, plan); err != nil {
		return fmt.Errorf("%s: plan: %w", store.Dir, err)
	}
	return nil
}

// goOn is for trials of a session in a run that was begun by another. Where the machine or
// the software is not the same it is refused with what else to do, unless apart.
func (x *session) goOn(store *results.Store, instead string, apart bool) error {
	if over := store.Run.Environment.Roles(); over != "" && x.team == nil && !apart {
		return usage(fmt.Errorf("%s was begun over hosts: add --hosts %s, with --host-keys and --nats as they were", store.Dir, over))
	}
	if err := store.GoOnIn(x.env, apart); err != nil {
		return usage(fmt.Errorf("%w (%s)", err, instead))
	}
	return nil
}

// beginAnew is what else to do with what is put together of all its trials.
const beginAnew = "go on there, or begin anew"

func unfinished(err error, command, dir string) error {
	return fmt.Errorf("%w; finished trials are kept; to go on: connbench %s --resume %s", interruption(err), command, dir)
}
