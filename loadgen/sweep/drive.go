package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	// when its clients have gone.
	Before, After func(*Server) error
}

// Driven is what came of a Drive.
type Driven struct {
	*loadgen.Result
	Server *Server // which has ended
	Slow   error   // that it did not end when it was asked to; nil if it did

	spec     loadgen.Spec
	watch    *sample.Watch
	counters map[string]int64
	killed   time.Duration // after which it was, if it was slow
}

// Trial is the trial that it was, with what was seen of the server.
func (d *Driven) Trial() results.Trial {
	t := d.Result.Trial(&d.spec)
	d.watch.Fill(&t, d.Result, d.counters)
	t.ServerKilledAfterNS = int64(d.killed)
	return t
}

// deathNotice is how long the death of a server may take to show after a client
// has failed because of it.
const deathNotice = 200 * time.Millisecond

// Run starts server and client, drives the one with the other, and ends both. That the
// server has ended before it was asked to is an error, which says how.
func (d *Drive) Run(ctx context.Context) (*Driven, error) {
	// The clients begin first, since a process takes its time to begin: beside the server's.
	clients, err := loadgen.StartClients(d.Client, d.Spec.Processes(), d.Placement.Client)
	if err != nil {
		return nil, err
	}
	defer clients.Stop(0)
	srv, err := startServer(ctx, d.Row.of(&d.Spec), d.Placement.Server, cmp.Or(d.StartTimeout, defaultStartTimeout))
	if err != nil {
		return nil, err
	}
	defer srv.Kill()
	if err := srv.shown(d.Before); err != nil {
		return nil, err
	}
	spec := d.Spec
	spec.Network, spec.Address = d.Row.Network, srv.address
	driven := &Driven{Server: srv, spec: spec, watch: sample.Begin(srv, clients.PIDs(), d.Placement, spec, d.Depth)}
	stages := driven.watch.Stages()
	stages.Slack, stages.Connecting, stages.Live = d.ClientSlack, d.Connecting, d.Live
	if d.Stages != nil {
		d.Stages(&stages)
	}
	driven.Result, err = clients.Run(ctx, spec, stages)
	if err := d.outlived(srv, driven.watch.End(), err); err != nil {
		return nil, err
	}
	grace := cmp.Or(d.StopTimeout, defaultStopTimeout)
	clients.Stop(grace) // first, so that the server finds its connections closed
	if err := srv.shown(d.After); err != nil {
		return nil, err
	}
	driven.counters, err = srv.stop(grace)
	switch {
	case errors.Is(err, process.ErrKilled):
		driven.Slow, driven.killed = fmt.Errorf("server %s: %w", d.Row.Name, err), grace
	case err != nil:
		return nil, fmt.Errorf("server %s: %w", d.Row.Name, err)
	}
	return driven, nil
}

// outlived is what went wrong with a load that is over: with asking the server, with the
// server itself, or with the clients, which may be because of it.
func (d *Drive) outlived(srv *Server, asking, load error) error {
	if asking != nil {
		return fmt.Errorf("server %s: %w", d.Row.Name, asking)
	}
	wait := time.Duration(0)
	if load != nil {
		wait = deathNotice
	}
	if death := srv.death(wait); death != nil {
		return fmt.Errorf("server %s: it did not live through the trial: %w", d.Row.Name, death)
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
