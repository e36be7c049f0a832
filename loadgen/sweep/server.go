package sweep

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"connbench/loadgen/process"
)

// Row is a server to compare: a command that starts it.
type Row struct {
	Name    string
	Network string // that it serves: tcp, unix or udp
	// Command starts the server. Its first line on standard output is a JSON
	// object with its address as addr; SIGTERM ends it, after a last line with
	// its counters, if it keeps any.
	Command []string

	// Tells says that the server answers the signals [AskFigures] and [AskCollected].
	Tells bool

	// Foreign says that the server is told where to listen instead, in the place of
	// {addr}, {host} and {port} in its command, and that nothing is expected of its
	// output nor of its exit status when SIGTERM has ended it.
	Foreign bool
	Sockets string // the folder for the Unix socket of a foreign one
}

// server is a row's process.
type server struct {
	process *process.Process
	address string
	tells   bool // of itself; see [Row]
	foreign bool
}

// startServer starts a row on its CPUs and waits until it listens.
func startServer(ctx context.Context, row Row, cpus []int, timeout time.Duration) (*server, error) {
	if row.Foreign {
		s, err := startForeign(ctx, row, cpus, timeout)
		if err != nil {
			return nil, fmt.Errorf("server %s: %w", row.Name, err)
		}
		return s, nil
	}
	p, err := process.Start(row.Command, cpus)
	if err != nil {
		return nil, fmt.Errorf("server %s: %w", row.Name, err)
	}
	var hello struct {
		Addr string `json:"addr"`
	}
	heard := make(chan error, 1)
	go func() { heard <- p.Hear(&hello) }()
	late := time.NewTimer(timeout)
	defer late.Stop()
	select {
	case err = <-heard:
		if err == nil && hello.Addr == "" {
			err = errors.New("the object has no addr")
		}
		if err == nil && hello.Addr != process.Plain(hello.Addr) {
			err = fmt.Errorf("%q is no address", hello.Addr)
		}
	case <-late.C:
		err = fmt.Errorf("nothing within %v", timeout)
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		p.Stop(0)
		return nil, fmt.Errorf("server %s: no address on its first line: %w", row.Name, err)
	}
	return &server{process: p, address: hello.Addr, tells: row.Tells}, nil
}

// death says how the server has ended, if it has or does so within wait.
func (s *server) death(wait time.Duration) error {
	select {
	case <-s.process.Done():
	case <-time.After(wait):
		select {
		case <-s.process.Done(): // also where wait is 0
		default:
			return nil
		}
	}
	left := s.process.Strays()
	err := s.process.Stop(time.Second) // which need not wait any more
	if len(left) > 0 {
		return fmt.Errorf("ended, and %s went on by itself: start the server in the foreground", strings.Join(left, ", "))
	}
	if err == nil {
		err = fmt.Errorf("ended (exit status 0), and said %s", said(s.process))
	}
	return err
}

// stop ends the server and returns what it counted, if it did. The error is
// [process.ErrKilled] where it did not end within grace.
func (s *server) stop(grace time.Duration) (map[string]int64, error) {
	left := s.process.Strays()
	err := s.process.Stop(grace)
	switch {
	case len(left) > 0:
		return nil, fmt.Errorf("%s went on by itself, unmeasured: start the server in the foreground", strings.Join(left, ", "))
	case s.foreign && !errors.Is(err, process.ErrKilled):
		return nil, nil // it has its own ways to end
	case err != nil:
		return nil, err
	}
	var last struct {
		Counters map[string]int64 `json:"counters"`
	}
	if err := s.process.Hear(&last); err != nil {
		return nil, nil // a server need not count
	}
	maps.DeleteFunc(last.Counters, func(name string, _ int64) bool { return name != process.Plain(name) })
	return last.Counters, nil
}
