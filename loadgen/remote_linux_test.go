package loadgen

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"connbench/loadgen/process"
)

// TestMain lets the test binary be a child process: the environment variable
// names what kind.
func TestMain(m *testing.M) {
	switch os.Getenv("LOADGEN_TEST_CHILD") {
	case "":
		os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child with the race detector takes a second to end
		os.Exit(m.Run())
	case "client":
		if err := Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "dies":
		fmt.Fprintln(os.Stderr, "out of\nluck")
		os.Exit(7)
	case "stubborn":
		stubborn()
	case "server":
		runServer()
	}
}

// stubborn takes no SIGTERM for an answer.
func stubborn() {
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGTERM)
	fmt.Println(`{"stage":"ready"}`)
	select {}
}

func child(t testing.TB, kind string, cpus []int) *process.Process {
	t.Helper()
	t.Setenv("LOADGEN_TEST_CHILD", kind)
	p, err := process.Start([]string{os.Args[0]}, cpus)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop(0) })
	return p
}

func TestClientsRun(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients = 3
	allowed, err := process.AllowedCPUs()
	if err != nil {
		t.Fatal(err)
	}
	p := child(t, "client", allowed[:1])
	var stages []Stage
	r, err := Clients{{Peer: p}}.Run(t.Context(), s, Stages{
		Reached: func(stage Stage) error { stages = append(stages, stage); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Requests == 0 || r.distribution(ServiceDistribution).TotalCount() != r.Requests || r.Answers.Served != 3 || r.CPU <= 0 {
		t.Errorf("got %+v", r)
	}
	if want := []Stage{StageConnected, StageMeasuring, StageMeasured, StageFinished}; !slices.Equal(stages, want) {
		t.Errorf("stages %v, want %v", stages, want)
	}
	if err := p.Stop(10 * time.Second); err != nil {
		t.Errorf("stop: %v", err)
	}
	now, err := process.AllowedCPUs()
	if err != nil || !slices.Equal(now, allowed) {
		t.Errorf("starting a child changed our own CPUs from %v to %v (%v)", allowed, now, err)
	}
}

// Several processes are one load: every client has its answers, the schedule is
// the same requests, and the stages come once.
func TestClientsInProcesses(t *testing.T) {
	address := echo(t, "tcp", "127.0.0.1:0")
	for _, n := range []int{1, 3} {
		s := quick("tcp", address)
		s.Clients, s.Rate, s.Arrivals = 10, 500, Constant
		var processes Clients
		for range n {
			processes = append(processes, Client{Peer: child(t, "client", nil)})
		}
		stages := map[Stage]int{}
		r, err := processes.Run(t.Context(), s, Stages{
			Reached: func(stage Stage) error { stages[stage]++; return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.Requests != 50 || r.Clients != 10 || r.Answers.Served != 10 || r.Answers.Squares != 250 {
			t.Errorf("%d processes: %d requests of %d clients, answers %+v; want 50, five each", n, r.Requests, r.Clients, r.Answers)
		}
		if got := r.distribution(ResponseDistribution).TotalCount(); got != 50 {
			t.Errorf("%d processes: %d response latencies, want 50", n, got)
		}
		if want := map[Stage]int{StageConnected: 1, StageMeasuring: 1, StageMeasured: 1, StageFinished: 1}; !maps.Equal(stages, want) {
			t.Errorf("%d processes: stages %v, want %v", n, stages, want)
		}
	}
}

// In the end nobody hangs up before that has been looked at.
func TestClientsStayUntilFinished(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients = 4
	processes := Clients{{Peer: child(t, "client", nil)}, {Peer: child(t, "client", nil)}}
	open := 0
	_, err := processes.Run(t.Context(), s, Stages{Reached: when(StageFinished, func() error {
		time.Sleep(200 * time.Millisecond) // in which they would
		for _, p := range processes {
			open += sockets(t, p.Peer.(*process.Process).PID())
		}
		return nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	if open != 4 {
		t.Errorf("%d connections are open, want 4", open)
	}
}

// sockets is how many a process has open.
func sockets(t *testing.T, pid int) int {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Error(err)
	}
	n := 0
	for _, e := range entries {
		if to, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

// When one process fails, nobody waits for the others.
func TestClientsFailTogether(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients = 2
	processes := Clients{{Peer: child(t, "client", nil)}, {Peer: child(t, "dies", nil)}}
	if _, err := processes.Run(t.Context(), s, Stages{}); err == nil || !strings.Contains(err.Error(), "out of luck") {
		t.Errorf("got %v", err)
	}
}

func TestClientsSayWhy(t *testing.T) {
	tests := []struct {
		name, kind string
		spoil      func(*Spec)
		want       string
	}{
		{"nobody listens", "client", func(s *Spec) { s.Address = "127.0.0.1:1" }, "refused"},
		{"a bad spec", "client", func(s *Spec) { s.PayloadBytes = 0 }, "payload"},
		{"a dead process", "dies", func(*Spec) {}, "exit status 7): out of luck"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := quick("tcp", "127.0.0.1:1")
			tt.spoil(&s)
			_, err := Clients{{Peer: child(t, tt.kind, nil)}}.Run(t.Context(), s, Stages{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestClientsEndWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Duration = time.Minute
	p := child(t, "client", nil)
	_, err := Clients{{Peer: p}}.Run(ctx, s, Stages{Reached: when(StageMeasuring, func() error { cancel(); return nil })})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestStopKillsWhatDoesNotEnd(t *testing.T) {
	p := child(t, "stubborn", nil)
	var ready word
	if err := p.Hear(&ready); err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(time.Millisecond); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("got %v", err)
	}
	if err := syscall.Kill(p.PID(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the process is still there: %v", err)
	}
}

func TestStartProcessOfNothing(t *testing.T) {
	if _, err := process.Start([]string{"/no/such/command"}, nil); err == nil || !strings.Contains(err.Error(), "/no/such/command") {
		t.Errorf("got %v", err)
	}
}
