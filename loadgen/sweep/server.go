package sweep

import (
	"context"
	"fmt"
	"time"

	"connbench/loadgen"
)

// Row is a server to compare: a command that starts it.
type Row struct {
	Name    string
	Network string // that it serves: tcp, unix or udp
	// Command starts the server. Its first line on standard output is a JSON
	// object with its address as addr; SIGTERM ends it, after a last line with
	// its counters, if it keeps any.
	Command []string
}

const (
	startTimeout = 10 * time.Second // to say its address
	stopGrace    = 5 * time.Second  // to end when asked
)

// server is a row's process.
type server struct {
	process *loadgen.Process
	address string
}

// startServer starts a row on its CPUs and waits until it listens.
func startServer(ctx context.Context, row Row, cpus []int) (*server, error) {
	p, err := loadgen.StartProcess(row.Command, cpus)
	if err != nil {
		return nil, err
	}
	var hello struct {
		Addr string `json:"addr"`
	}
	heard := make(chan error, 1)
	go func() { heard <- p.Hear(&hello) }()
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	select {
	case err = <-heard:
	case <-ctx.Done():
		err = fmt.Errorf("no address within %v", startTimeout)
	}
	if err != nil {
		p.Stop(0)
		return nil, fmt.Errorf("server %s: %w", row.Name, err)
	}
	return &server{p, hello.Addr}, nil
}

// stop ends the server and returns what it counted, if it did.
func (s *server) stop() (map[string]int64, error) {
	if err := s.process.Stop(stopGrace); err != nil {
		return nil, err
	}
	var last struct {
		Counters map[string]int64 `json:"counters"`
	}
	if err := s.process.Hear(&last); err != nil {
		return nil, nil // a server need not count
	}
	return last.Counters, nil
}
