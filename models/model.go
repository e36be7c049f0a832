package models

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// Model is one way to serve many clients.
type Model struct {
	Name     string   `json:"model"`    // as on the command line
	Summary  string   `json:"summary"`  // one line
	Networks []string `json:"networks"` // of "tcp", "unix", "udp"
	Unit     string   `json:"unit"`     // of concurrency: what each client gets
	Blocking bool     `json:"blocking"` // whether serving a client can hold up a thread or goroutine
	Knobs    []Knob   `json:"knobs"`    // of Config, those honoured beyond the ones that all models honour

	// Framings are the codecs that the model speaks, the first where nobody says; nil for all.
	Framings []Framing `json:"framings,omitempty"`

	// ServesAtOnce is how many connections are served at the same time under a
	// Config; the others wait their turn. Nil means all of them.
	ServesAtOnce func(Config) int `json:"-"`

	// Engine is the module and the version of the third-party engine that serves, or the
	// package of the standard library; "" for our own models.
	Engine string `json:"engine,omitempty"`
	// Lacks are the cases of models/modeltest that the engine cannot pass, or those
	// as "network/case" that it cannot pass there, or a part of one as "case/part", each
	// with the reason. Only an engine may lack any.
	Lacks map[string]string `json:"lacks,omitempty"`

	// Open listens. It is given a valid Config; call [Model.Listen].
	Open func(Config) (Server, error) `json:"-"`
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
// the times that accepting had to pause. All models of ours do.
type Counting interface {
	Counters() map[string]int64
}

// Names lists the names of models.
func Names(models []Model) []string {
	names := make([]string, len(models))
	for i, m := range models {
		names[i] = m.Name
	}
	return names
}

// DefaultFraming is what holds where nobody says.
func (m Model) DefaultFraming() Framing {
	if len(m.Framings) > 0 {
		return m.Framings[0]
	}
	return Length
}

// OpenSeveral opens the model of a name in cfg.Processes processes that share the port. Package
// processes puts its own here; without that a program serves in one.
var OpenSeveral = func(string, Config) (Server, error) {
	return nil, fmt.Errorf("several processes: %w", errors.ErrUnsupported)
}

// Listen checks cfg against what the model honours and opens the server. Errors
// that come from cfg are [*ConfigError]; a model that this system cannot run
// returns one wrapping [errors.ErrUnsupported].
func (m Model) Listen(cfg Config) (Server, error) {
	if err := m.Check(cfg); err != nil {
		return nil, err
	}
	open := m.Open
	if cfg.Processes > 1 {
		open = func(cfg Config) (Server, error) { return OpenSeveral(m.Name, cfg) }
	}
	cfg.perform = cfg.Work.performer()
	cfg.codec = cfg.open()
	s, err := open(cfg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	return s, nil
}
