package loadgen

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"connbench/loadgen/process"
)

// A process that is stopped in the middle is not waited for.
func TestClientsDoNotWaitForOneThatIsStopped(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients, s.ConnectTimeout, s.Timeout = 2, 100*time.Millisecond, 100*time.Millisecond
	processes := Clients{{Peer: child(t, "client", nil)}, {Peer: child(t, "client", nil)}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := processes.Run(ctx, s, Stages{
		Slack:   100 * time.Millisecond,
		Reached: when(StageConnected, func() error { return syscall.Kill(processes.PIDs()[1], syscall.SIGSTOP) }),
	})
	if err == nil || !strings.Contains(err.Error(), "client process: no result within ") {
		t.Errorf("got %v", err)
	}
	for _, p := range processes {
		p.Stop(0)
		ended(t, p.Peer.(*process.Process))
	}
}

// full is the address of a server that accepts nothing and has room for two clients.
func full(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 1); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*syscall.SockaddrInet4).Port}).String()
}

// When as many clients as are tried at once get no connection, the others are not tried.
func TestConnectingGivesUp(t *testing.T) {
	s := quick("tcp", full(t))
	s.Clients, s.Threads, s.ConnectTimeout = 1000, 1, 50*time.Millisecond
	_, w := connectedRun(t, &s)
	tried := 0
	for i := range w.conns {
		if c := &w.conns[i]; c.fd >= 0 || c.generation > 0 {
			tried++
		}
	}
	if tried > 3*connectsAtOnce {
		t.Errorf("%d clients of %d were tried", tried, s.Clients)
	}
	if got := w.failures[connectTimeout] + int64(w.joined); got != int64(s.Clients) || w.joined == 0 {
		t.Errorf("%d are connected and %d ran into the timeout, of %d", w.joined, w.failures[connectTimeout], s.Clients)
	}
	if w.pending != 0 || w.waiting() {
		t.Error("some are still waited for")
	}
}

// How far connecting is can be seen, in one process and in several.
func TestConnectingTells(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients, s.ConnectRate = 6, 3 // which takes longer than the second after which it tells
	run := map[string]func(Stages) (*Result, error){
		"here": func(stages Stages) (*Result, error) { return Run(t.Context(), s, stages) },
		"in two processes": func(stages Stages) (*Result, error) {
			return Clients{{Peer: child(t, "client", nil)}, {Peer: child(t, "client", nil)}}.Run(t.Context(), s, stages)
		},
	}
	for name, run := range run {
		var told, most atomic.Int64
		_, err := run(Stages{Connecting: func(connected int) {
			told.Add(1)
			most.Store(max(most.Load(), int64(connected)))
		}})
		if err != nil || told.Load() == 0 || most.Load() < 1 || most.Load() > 6 {
			t.Errorf("%s: told %d times, of %d clients at most: %v", name, told.Load(), most.Load(), err)
		}
	}
}

// A client process ends with its input, whatever it is at.
func TestServeEndsWithItsInput(t *testing.T) {
	echoing, mute := echo(t, "tcp", "127.0.0.1:0"), full(t)
	for _, tt := range []struct {
		stage   Stage
		address string
	}{
		{"", mute}, {"connected", echoing}, {"measuring", echoing},
	} {
		t.Run("at "+string(tt.stage), func(t *testing.T) {
			s := quick("tcp", tt.address)
			s.Clients, s.Duration, s.ConnectTimeout = 16, 5*time.Minute, 5*time.Minute
			in, tell := io.Pipe()
			out, say := io.Pipe()
			served := make(chan error, 1)
			go func() {
				served <- Serve(t.Context(), in, say)
				say.Close()
			}()
			if err := json.NewEncoder(tell).Encode(s); err != nil {
				t.Fatal(err)
			}
			lines := json.NewDecoder(out)
			for m := (word{}); m.Stage != tt.stage; {
				if err := lines.Decode(&m); err != nil {
					t.Fatal(err)
				}
				if m.Stage == "connected" && tt.stage != "connected" {
					json.NewEncoder(tell).Encode(command{Start: true})
				}
			}
			tell.Close()
			go io.Copy(io.Discard, out)
			select {
			case <-served:
			case <-time.After(time.Minute):
				t.Error("it goes on")
			}
		})
	}
}

// What was measured until an interruption is a result, of the time until then.
func TestInterrupt(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients, s.Duration = 4, 10*time.Minute
	for name, run := range map[string]func(Stages) (*Result, error){
		"here": func(stages Stages) (*Result, error) { return Run(t.Context(), s, stages) },
		"in two processes": func(stages Stages) (*Result, error) {
			return Clients{{Peer: child(t, "client", nil)}, {Peer: child(t, "client", nil)}}.Run(t.Context(), s, stages)
		},
	} {
		interrupt := make(chan struct{})
		r, err := run(Stages{Interrupt: interrupt, Reached: when(StageMeasuring, func() error {
			time.AfterFunc(200*time.Millisecond, func() { close(interrupt) })
			return nil
		})})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !r.Interrupted || r.Window <= 0 || r.Window > 5*time.Minute || r.Requests == 0 || r.Unanswered > 0 {
			t.Errorf("%s: interrupted %v after %v, %d requests, %d unanswered", name, r.Interrupted, r.Window, r.Requests, r.Unanswered)
		}
		trial := r.Trial(&s)
		if rate := float64(trial.Requests) / r.Window.Seconds(); !trial.Interrupted || trial.DurationNS != int64(r.Window) || trial.ThroughputRPS != rate {
			t.Errorf("%s: interrupted %v, %d ns, %v requests/s, want %v", name, trial.Interrupted, trial.DurationNS, trial.ThroughputRPS, rate)
		}
	}
}

// Before there is anything to tell an interruption is an error.
func TestInterruptTooEarly(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Warmup = 5 * time.Minute
	interrupt := make(chan struct{})
	_, err := Run(t.Context(), s, Stages{Interrupt: interrupt, Reached: when(StageConnected, func() error { close(interrupt); return nil })})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("in the warm-up: %v", err)
	}
	s = quick("tcp", full(t))
	s.Clients, s.ConnectTimeout = 16, 5*time.Minute
	if _, err = Run(t.Context(), s, Stages{Interrupt: interrupt}); !errors.Is(err, context.Canceled) {
		t.Errorf("while it connects: %v", err)
	}
}

// ended waits for the end of a process.
func ended(t *testing.T, p *process.Process) {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(time.Minute):
		p.Stop(0)
		t.Fatal("it does not end")
	}
}
