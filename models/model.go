package models

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
)

// Model is one way to serve many clients.
type Model struct {
	Name     string   // as on the command line
	Summary  string   // one line
	Networks []string // of "tcp", "unix", "udp"
	Unit     string   // of concurrency: what each client gets
	Blocking bool     // whether serving a client can hold up a thread or goroutine
	Knobs    []Knob   // of Config, those honoured beyond the ones that all models honour

	// ServesAtOnce is how many connections are served at the same time under a
	// Config; the others wait their turn. Nil means all of them.
	ServesAtOnce func(Config) int

	// Engine is the module and the version of the third-party engine that serves;
	// "" for the models of this package.
	Engine string
	// Lacks are the cases of models/modeltest that the engine cannot pass, or those
	// as "network/case" that it cannot pass there, each with the reason. Only an
	// engine may lack any.
	Lacks map[string]string

	// Open listens. It is given a valid Config; call [Model.Listen].
	Open func(Config) (Server, error)
}

// Server is a listening server.
//
// Its address is known, and clients can connect, before Serve is called. Serve
// accepts and serves until Shutdown and then returns nil; an error means that it
// could not go on. Shutdown stops accepting, lets each request that has begun to
// arrive be answered, closes idle connections, waits for Serve to return and
// leaves nothing behind: no goroutine, thread, descriptor or socket file. When
// its context ends first, it cuts the connections that are left and returns the
// context's error. A Server that was never served is released by Shutdown too.
type Server interface {
	Addr() net.Addr
	Serve() error
	Shutdown(context.Context) error
}

// Counting is a Server that counts what became of its connections, by class:
// accepted, clean, truncated, reset, malformed, oversized, idle, cut, failed, and backoff for
// the times that accepting had to pause. All models of this package do.
type Counting interface {
	Counters() map[string]int64
}

// All lists the models, in the order in which they are shown.
func All() []Model {
	return []Model{Sequential, Thread, ThreadNetpoll, Goroutine, GoroutineLean, Pool, PoolRequest, Select, Poll, Reactor, ReactorMulti, ReactorPool, Uring, Prefork, UDP, UDPMulti, UDPBatch}
}

// Names lists the names of models.
func Names(models []Model) []string {
	names := make([]string, len(models))
	for i, m := range models {
		names[i] = m.Name
	}
	return names
}

// Find returns the model of that name, or an error that lists the known ones.
func Find(name string) (Model, error) {
	all := All()
	i := slices.IndexFunc(all, func(m Model) bool { return m.Name == name })
	if i < 0 {
		return Model{}, fmt.Errorf("unknown model %q (known: %s)", name, strings.Join(Names(all), ", "))
	}
	return all[i], nil
}

// Listen checks cfg against what the model honours and opens the server. Errors
// that come from cfg are [*ConfigError]; a model that this system cannot run
// returns one wrapping [errors.ErrUnsupported].
func (m Model) Listen(cfg Config) (Server, error) {
	if err := m.Check(cfg); err != nil {
		return nil, err
	}
	cfg.perform = cfg.Work.performer()
	s, err := m.Open(cfg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	return s, nil
}
