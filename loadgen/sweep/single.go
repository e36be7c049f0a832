package sweep

import (
	"context"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/process"
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

// PID is the number of its process.
func (s *Server) PID() int { return s.process.PID() }

// Usage is what it took in its life; call it after Stop. It is nil where the system
// does not say.
func (s *Server) Usage() *process.Usage { return s.process.Usage() }

// Stop ends the server and returns what it counted, if it did.
func (s *Server) Stop() (map[string]int64, error) { return s.stop(defaultStopTimeout) }

// Kill ends it at once; after Stop it does nothing.
func (s *Server) Kill() { s.process.Stop(0) }

// Watch returns what watches the server under a load, placed as said, and the load's
// stages. Its clients are watched too.
func (s *Server) Watch(p Placement, clients loadgen.Clients) (*Watch, loadgen.Stages) {
	w := s.watch(p, loadgen.Spec{}, false)
	return w, w.stages(clients.PIDs())
}
