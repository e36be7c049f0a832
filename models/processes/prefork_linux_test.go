package processes

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"connbench/models"
	"connbench/models/wire"
)

// startPrefork starts a server that the test's end cuts, and serves.
func startPrefork(t *testing.T, processes int) (s *preforkServer, served <-chan error) {
	t.Helper()
	s = openPreforkAt(t, "127.0.0.1:0", processes)
	result := make(chan error, 1)
	go func() { result <- s.Serve() }()
	return s, result
}

func openPreforkAt(t *testing.T, address string, processes int) *preforkServer {
	t.Helper()
	cfg := models.DefaultConfig()
	cfg.Address, cfg.Processes = address, processes
	server, err := Prefork.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	t.Cleanup(func() { server.Shutdown(over) })
	return server.(*preforkServer)
}

// roundTrip is a new connection to s that has been answered.
func roundTrip(t *testing.T, s models.Server) {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	request := wire.AppendFrame(nil, []byte("hello"))
	c.SetDeadline(time.Now().Add(20 * time.Second))
	c.Write(request)
	if _, err := io.ReadFull(c, request); err != nil {
		t.Fatal(err)
	}
}

// checkGone checks that no process of s lives, not even as a zombie.
func checkGone(t *testing.T, s *preforkServer) {
	t.Helper()
	for _, c := range s.children {
		if err := syscall.Kill(c.cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("process %d is still there: %v", c.cmd.Process.Pid, err)
		}
	}
}

func signalChild(t *testing.T, c *preforkChild, signal syscall.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

func TestPreforkNoticesADeath(t *testing.T) {
	s, served := startPrefork(t, 3)
	for range 20 {
		roundTrip(t, s)
	}
	if got := s.Counters(); got["accepted"] != 20 {
		t.Errorf("before the death: %v", got)
	}
	lost := s.children[1].count()["accepted"]
	signalChild(t, s.children[1], syscall.SIGKILL)
	err := <-served
	if err == nil || !strings.Contains(err.Error(), "has died: signal: killed") {
		t.Errorf("Serve returned %v, want an error that says who has died of what", err)
	}
	checkGone(t, s)
	if got := s.Counters(); got["accepted"] != 20 || got["failed"] != lost || got["clean"]+got["cut"] != 20-lost {
		t.Errorf("%v, want 20 accepted, of which %d failed with the dead one and the others were ended", got, lost)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown after a death: %v", err)
	}
}

// A child that does nothing any more is not waited for, and what it had served is known.
func TestPreforkKillsWhatDoesNotEnd(t *testing.T) {
	s, served := startPrefork(t, 1)
	roundTrip(t, s)
	if got := s.Counters(); got["accepted"] != 1 {
		t.Errorf("%v, want one accepted", got)
	}
	signalChild(t, s.children[0], syscall.SIGSTOP)
	if got := s.Counters(); got["accepted"] != 1 {
		t.Errorf("%v of one that does not answer, want what was known", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown returned %v, want the context's error", err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	checkGone(t, s)
	if got := s.Counters(); got["accepted"] != 1 || got["cut"] != 1 {
		t.Errorf("%v, want one accepted and cut", got)
	}
}

// The sockets are one group for the kernel, though the first had the port to itself.
func TestPreforkSpreads(t *testing.T) {
	s, _ := startPrefork(t, 3)
	for range 60 {
		roundTrip(t, s)
	}
	for i, c := range s.children {
		if got := c.count(); got["accepted"] == 0 {
			t.Errorf("process %d has none of 60 connections", i)
		}
	}
}

func TestPreforkReleasesWhatWasNeverServed(t *testing.T) {
	s := openPreforkAt(t, "127.0.0.1:0", 2)
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	checkGone(t, s)
}

// What a terminal sends to all processes of a group is for the parent.
func TestPreforkChildrenLeaveSignalsToTheirParent(t *testing.T) {
	s, served := startPrefork(t, 2)
	for _, c := range s.children {
		signalChild(t, c, syscall.SIGINT)
		signalChild(t, c, syscall.SIGTERM)
	}
	for range 10 {
		roundTrip(t, s)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestPreforkChildEndsWithItsParent(t *testing.T) {
	s := openPreforkAt(t, "127.0.0.1:0", 1)
	c := s.children[0]
	c.control.(*net.UnixConn).CloseWrite() // as the kernel does for a parent that ends
	<-s.alone
	checkGone(t, s)
	if c.err == nil || !strings.Contains(c.err.Error(), "has died: exit status 1") {
		t.Errorf("it ended with %v, want of itself", c.err)
	}
}

func TestPreforkTakesNoPortOfOthers(t *testing.T) {
	s := openPreforkAt(t, "127.0.0.1:0", 1)
	cfg := models.DefaultConfig()
	cfg.Address, cfg.Processes = s.Addr().String(), 1
	if second, err := Prefork.Listen(cfg); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got %v, %v, want an address in use", second, err)
	}
	cfg.ReusePort = true
	shared, err := Prefork.Listen(cfg)
	if err != nil {
		t.Fatalf("asked to share the port: %v", err)
	}
	if err := shared.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPreforkProcesses(t *testing.T) {
	for _, tt := range []struct{ processes, want int }{{0, runtime.GOMAXPROCS(0)}, {1, 1}, {5, 5}} {
		s := openPreforkAt(t, "127.0.0.1:0", tt.processes)
		if len(s.children) != tt.want {
			t.Errorf("%d processes: there are %d, want %d", tt.processes, len(s.children), tt.want)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// A program that does not ask whether it is a child would start further ones of itself.
func TestPreforkNeedsItsHook(t *testing.T) {
	hooked.Store(false)
	defer hooked.Store(true)
	if s, err := Prefork.Listen(models.DefaultConfig()); err == nil || !strings.Contains(err.Error(), "processes.Child") {
		t.Errorf("got %v, %v, want an error that names the hook", s, err)
	}
}

// A child that cannot serve says why, and so does the server.
func TestPreforkChildCannotServe(t *testing.T) {
	c, err := startChild(childSpec{"none", models.DefaultConfig()})
	if err != nil {
		t.Fatal(err)
	}
	go c.watch()
	if err := c.awaitReady(); err == nil || !strings.Contains(err.Error(), "no model none") {
		t.Errorf("got %v, want what the child said", err)
	}
}
