package sweep

import (
	"context"
	"time"

	"connbench/loadgen"
	"connbench/results"
)

// Server is a row's process outside of a plan.
type Server struct{ *server }

// StartServer starts a row on the given CPUs and waits until it listens. The caller
// calls Stop or Kill.
func StartServer(ctx context.Context, row Row, cpus []int) (*Server, error) {
	s, err := startServer(ctx, row, cpus, defaultStartTimeout)
	if err != nil {
		return nil, err
	}
	return &Server{s}, nil
}

const (
	defaultStartTimeout = 10 * time.Second
	defaultStopTimeout  = 5 * time.Second
)

// Address is where it listens.
func (s *Server) Address() string { return s.address }

// Stop ends the server and returns what it counted, if it did.
func (s *Server) Stop() (map[string]int64, error) { return s.stop(defaultStopTimeout) }

// Kill ends it at once; after Stop it does nothing.
func (s *Server) Kill() { s.process.Stop(0) }

// Watch samples a server and its CPUs at the two ends of a window.
type Watch struct {
	server    *Server
	placement Placement
	usage     usage
}

// Watch returns the stages of a load that is to be watched, placed as said.
func (s *Server) Watch(p Placement) (*Watch, loadgen.Stages) {
	w := &Watch{server: s, placement: p, usage: usage{serverCPUs: len(p.Server)}}
	take := func(into *snapshot) func() {
		return func() { *into = sample(s.process.PID(), p.Used()) }
	}
	return w, loadgen.Stages{Measuring: take(&w.usage.before), Measured: take(&w.usage.after)}
}

// Fill writes what was seen, and what the server counted, into the trial, which
// has the client's figures.
func (w *Watch) Fill(t *results.Trial, counters map[string]int64) {
	w.usage.counters = counters
	w.usage.fill(t)
}
