package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/process"
	"connbench/results"
)

// Row is a server to compare: a command that starts it.
type Row struct {
	Name    string
	Network string // that it serves: tcp, unix or udp
	// Command starts the server. Its first line on standard output is a JSON
	// object with its address as addr; SIGTERM ends it, after a last line with
	// its counters, if it keeps any.
	Command []string

	// Order is how another host makes the row, which then has no command here; nil for this one.
	Order *Order

	// Host is where a foreign one listens; "" for 127.0.0.1.
	Host string

	// Tells says that the server answers the signals of a [sample.Answer].
	Tells bool

	// Profiles says that a foreign one answers [sample.AskProfile], on standard output.
	Profiles bool

	// Foreign says that the server is told where to listen instead, in the place of
	// {addr}, {host} and {port} in its command, and that nothing is expected of its
	// output nor of its exit status when SIGTERM has ended it.
	Foreign bool
	Sockets string // the folder for the Unix socket of a foreign one
	// Processes is how many times the command of a foreign one runs, with the same address;
	// 0 for once.
	Processes int
}

// under is the row told how long an answer is that it has under a load, and how many clients.
func (r Row) under(load *loadgen.Spec) Row {
	marks := strings.NewReplacer(SizeMark, strconv.Itoa(load.ResponseBytes), ClientsMark, strconv.Itoa(load.Clients))
	r.Command = results.Map(r.Command, marks.Replace)
	return r
}

// Server is a row's process, or several of a foreign one.
type Server struct {
	process *process.Process
	beside  []*process.Process // on the same port
	address string
	port    *process.Port // of a foreign one that has one, until it ends
	tells   bool          // of itself; see [Row]
	foreign bool

	profiles bool
}

const (
	defaultStartTimeout = 10 * time.Second
	defaultStopTimeout  = 5 * time.Second
)

// StartServer starts a row on the given CPUs and waits until it listens. The caller
// calls Stop or Kill.
func StartServer(ctx context.Context, row Row, cpus []int) (*Server, error) {
	return startServer(ctx, row, cpus, defaultStartTimeout)
}

func startServer(ctx context.Context, row Row, cpus []int, timeout time.Duration) (*Server, error) {
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
	return &Server{process: p, address: hello.Addr, tells: row.Tells, profiles: row.Tells}, nil
}

// Address is where it listens.
func (s *Server) Address() string { return s.address }

// PID is the number of its process, of several the first.
func (s *Server) PID() int { return s.process.PID() }

// PIDs are the numbers of all its processes, without those that these have started.
func (s *Server) PIDs() []int { return results.Map(s.all(), (*process.Process).PID) }

func (s *Server) all() []*process.Process {
	return append([]*process.Process{s.process}, s.beside...)
}

// Usage is what it took in its life; call it after Stop. It is nil where the system
// does not say.
func (s *Server) Usage() *process.Usage {
	var sum process.Usage
	for _, p := range s.all() {
		u := p.Usage()
		if u == nil {
			return nil
		}
		sum.CPU, sum.Switches, sum.Faults = sum.CPU+u.CPU, sum.Switches+u.Switches, sum.Faults+u.Faults
	}
	return &sum
}

// Stop ends the server and returns what it counted, if it did.
func (s *Server) Stop() (map[string]int64, error) { return s.stop(defaultStopTimeout) }

// Kill ends it at once; after Stop it does nothing.
func (s *Server) Kill() { s.end(0) }

// end ends all processes. The error is [process.ErrKilled] where one did not within grace.
func (s *Server) end(grace time.Duration) error {
	errs := make([]error, 1+len(s.beside))
	var ending sync.WaitGroup
	for i, p := range s.all() {
		ending.Go(func() { errs[i] = p.Stop(grace) })
	}
	ending.Wait()
	s.port.Release()
	if i := slices.IndexFunc(errs, func(err error) bool { return errors.Is(err, process.ErrKilled) }); i >= 0 {
		return errs[i]
	}
	return cmp.Or(errs...)
}

// death says how the server, or one of its processes, has ended, if it has or does so within wait.
func (s *Server) death(wait time.Duration) error {
	const pause = 5 * time.Millisecond
	for late := time.Now().Add(wait); ; time.Sleep(pause) {
		over := !time.Now().Before(late)
		for i, p := range s.all() {
			select {
			case <-p.Done():
				return s.deathOf(i, p)
			default:
			}
		}
		if over {
			return nil
		}
	}
}

func (s *Server) deathOf(i int, p *process.Process) error {
	left := s.process.Strays()
	err := p.Stop(time.Second) // which need not wait any more
	switch {
	case len(left) > 0:
		err = fmt.Errorf("ended, and %s went on by itself: start the server in the foreground", strings.Join(left, ", "))
	case err == nil:
		err = fmt.Errorf("ended (exit status 0), and said %s", said(p))
	}
	if n := len(s.beside); n > 0 {
		return fmt.Errorf("process %d of %d %w", i+1, n+1, err)
	}
	return err
}

// stop ends the server and returns what it counted, if it did. The error is
// [process.ErrKilled] where it did not end within grace.
func (s *Server) stop(grace time.Duration) (map[string]int64, error) {
	left := s.process.Strays()
	err := s.end(grace)
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
