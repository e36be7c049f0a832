package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/process"
	"connbench/loadgen/sample"
	"connbench/loadgen/system"
	"connbench/results"
)

// Drive is one load on one fresh server. It is the one way in which a server is started,
// driven, watched and ended, whatever is to be found out.
type Drive struct {
	Row       Row
	Spec      loadgen.Spec // its network and address are the row's
	Client    []string     // the command of a client process; see [loadgen.Serve]
	Placement system.Placement
	Team      *Team // on whose hosts they are; nil for this one
	Depth     sample.Depth

	StartTimeout time.Duration // for the server to say its address; 0 for 10 s
	StopTimeout  time.Duration // for a process to end when asked; 0 for 5 s
	ClientSlack  time.Duration // see [loadgen.Stages]

	// Stages, if not nil, changes those of the load.
	Stages func(*loadgen.Stages)
	// Connecting and Live, if not nil, are those of [loadgen.Stages].
	Connecting func(connected int)
	Live       func(loadgen.Live)
	// Before and After, if not nil, are called when the server has no client yet, and
	// when its clients have gone. On other hosts nobody can see it.
	Before, After func(*Server) error
}

// Driven is what came of a Drive.
type Driven struct {
	*loadgen.Result
	Server *Server // which has ended; nil of another host
	Slow   error   // that it did not end when it was asked to; nil if it did

	trial results.Trial
}

// Trial is the trial that it was, with what was seen of the server.
func (d *Driven) Trial() results.Trial { return d.trial }

// Run starts server and client, drives the one with the other, and ends both. That the
// server has ended before it was asked to is an error, which says how.
func (d *Drive) Run(ctx context.Context) (*Driven, error) {
	// The clients begin first, since a process takes its time to begin: beside the server's.
	clients, err := d.clients(ctx)
	if err != nil {
		return nil, err
	}
	defer clients.Stop(0)
	at, err := d.attendant(ctx)
	if err != nil {
		return nil, err
	}
	defer at.attend(context.WithoutCancel(ctx), &ask{Kill: true})
	begun, err := at.attend(ctx, &ask{Begin: &beginning{
		Row: d.Row, Order: d.Row.Order, Spec: d.Spec, Depth: d.Depth, Timeout: cmp.Or(d.StartTimeout, defaultStartTimeout), Clients: clients.PIDs(),
	}})
	if err != nil {
		return nil, err
	}
	spec := d.Spec
	spec.Network, spec.Address = d.Row.Network, begun.Address
	f := &followed{ctx: ctx, attendant: at}
	stages := f.stages(d.Depth)
	stages.Slack, stages.Connecting, stages.Live = d.ClientSlack, d.Connecting, d.Live
	if d.Stages != nil {
		d.Stages(&stages)
	}
	result, err := clients.Run(ctx, spec, stages)
	if err := f.outlived(err); err != nil {
		return nil, err
	}
	grace := cmp.Or(d.StopTimeout, defaultStopTimeout)
	clients.Stop(grace) // first, so that the server finds its connections closed
	ended, err := at.attend(ctx, &ask{Stop: &stopping{Grace: grace, Trial: result.Trial(&spec), Result: result}})
	if err != nil {
		return nil, err
	}
	return d.driven(at, result, ended.Trial), nil
}

func (d *Drive) clients(ctx context.Context) (loadgen.Clients, error) {
	if d.Team != nil {
		return d.Team.Hosts.Clients(ctx, &d.Spec)
	}
	return loadgen.StartClients(d.Client, d.Spec.Processes(), d.Placement.Client)
}

func (d *Drive) attendant(ctx context.Context) (attendant, error) {
	if d.Team != nil {
		return d.Team.attendant(ctx)
	}
	return &here{placement: d.Placement, before: d.Before, after: d.After}, nil
}

func (d *Drive) driven(at attendant, result *loadgen.Result, trial *results.Trial) *Driven {
	driven := &Driven{Result: result, trial: *trial}
	if h, is := at.(*here); is {
		driven.Server = h.server
	}
	if d.Team != nil {
		d.Team.note(&driven.trial)
	}
	if killed := time.Duration(trial.ServerKilledAfterNS); killed > 0 {
		driven.Slow = fmt.Errorf("server %s: did not end within %v and %w", d.Row.Name, killed, process.ErrKilled)
	}
	return driven
}

type followed struct {
	ctx       context.Context
	attendant attendant

	mu   sync.Mutex
	pids []int
	lost error // what the attendant could not do
}

// see has the attendant see to a stage. The error is what it could not do at any.
func (f *followed) see(stage loadgen.Stage) error {
	done, err := f.attendant.attend(f.ctx, &ask{Stage: stage})
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.lost = cmp.Or(f.lost, err)
	} else if done.PIDs != nil {
		f.pids = done.PIDs
	}
	return f.lost
}

func (f *followed) stages(depth sample.Depth) loadgen.Stages {
	if depth == sample.Nothing {
		return loadgen.Stages{}
	}
	return loadgen.Stages{
		Reached: f.see,
		Servers: func() []int {
			f.mu.Lock()
			defer f.mu.Unlock()
			return f.pids
		},
	}
}

// outlived is what went wrong with a load that is over: with the attendant or the server, or with
// the clients, which may be because of it.
func (f *followed) outlived(load error) error {
	f.mu.Lock()
	lost := f.lost
	f.mu.Unlock()
	if lost != nil {
		return lost
	}
	if errors.Is(load, process.ErrLost) {
		return load
	}
	if _, err := f.attendant.attend(context.WithoutCancel(f.ctx), &ask{Over: &ending{Failed: load != nil}}); err != nil {
		return err
	}
	return load
}

// shown shows the server to who wants to see it.
func (s *Server) shown(look func(*Server) error) error {
	if look == nil {
		return nil
	}
	return look(s)
}
