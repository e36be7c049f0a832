package modeltest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"

	"connbench/models"
)

type server struct {
	models.Server
	target *target
	cfg    models.Config
	served chan error // what Serve returned
}

// start starts a server; tweak may be nil. The test's end cuts it if the test
// has not stopped it.
func (g *target) start(t *testing.T, tweak func(*models.Config)) *server {
	t.Helper()
	cfg := g.config(t)
	if tweak != nil {
		tweak(&cfg)
	}
	s, err := g.listen(t, cfg)
	if err != nil {
		g.skipWithoutKnob(t, err)
		t.Fatal(err)
	}
	s.serve()
	return s
}

func (g *target) listen(t *testing.T, cfg models.Config) (*server, error) {
	t.Helper()
	inner, err := g.model.Listen(cfg)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		over, cancel := context.WithCancel(context.Background())
		cancel()
		inner.Shutdown(over)
	})
	return &server{inner, g, cfg, make(chan error, 1)}, nil
}

func (s *server) serve() {
	go func() { s.served <- s.Serve() }()
}

func (s *server) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.Shutdown(ctx)
}

// stop shuts the server down and checks what holds after every shutdown.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if err := s.shutdown(); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	s.checkStopped(t)
}

func (s *server) checkStopped(t *testing.T) {
	t.Helper()
	select {
	case err := <-s.served:
		if err != nil {
			t.Errorf("Serve returned %v after Shutdown, want nil", err)
		}
	case <-time.After(patience):
		t.Fatal("Serve has not returned after Shutdown")
	}
	if s.cfg.Network == "unix" {
		if _, err := os.Lstat(s.cfg.Address); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the socket file is left after Shutdown (%v)", err)
		}
	}
	s.checkBalance(t)
}

func (s *server) checkBalance(t *testing.T) {
	t.Helper()
	if n := s.unended(t); stream(s.target) && n != 0 {
		t.Errorf("%d connections taken have not ended in any class: %v", n, s.counts(t))
	}
}

func (s *server) awaitOpen(t *testing.T, n int64) {
	t.Helper()
	eventually(t, func() bool { return s.unended(t) == n },
		func() { t.Fatalf("%d connections have not ended, want %d: %v", s.unended(t), n, s.counts(t)) })
}

func (s *server) awaitEnds(t *testing.T, n int64) {
	t.Helper()
	eventually(t, func() bool { return s.counts(t)["accepted"] == n && s.unended(t) == 0 },
		func() { t.Fatalf("%d connections, of which %d have not ended: %v", n, s.unended(t), s.counts(t)) })
}

func (s *server) unended(t *testing.T) int64 {
	t.Helper()
	counts := s.counts(t)
	n := counts["accepted"]
	for _, class := range endings {
		n -= counts[class]
	}
	return n
}

// endings are the classes of which each connection ends in one.
var endings = []string{"clean", "truncated", "reset", "malformed", "oversized", "idle", "cut", "failed"}

func (s *server) counts(t *testing.T) map[string]int64 {
	t.Helper()
	c, ok := s.Server.(models.Counting)
	if !ok {
		t.Fatalf("%T does not count", s.Server)
	}
	return c.Counters()
}

func (s *server) awaitCount(t *testing.T, class string, want int64) {
	t.Helper()
	eventually(t, func() bool { return s.counts(t)[class] >= want },
		func() { t.Fatalf("%s is not %d: %v", class, want, s.counts(t)) })
	if got := s.counts(t); got[class] != want {
		t.Errorf("%s is %d, want %d: %v", class, got[class], want, got)
	}
}

// checkCounts checks the classes given, and that no other ending was counted.
func (s *server) checkCounts(t *testing.T, want map[string]int64) {
	t.Helper()
	got := s.counts(t)
	for _, class := range endings {
		if got[class] != want[class] {
			t.Errorf("%s is %d, want %d: %v", class, got[class], want[class], got)
		}
	}
}

// eventually waits until done, and calls late when patience is over.
func eventually(t *testing.T, done func() bool, late func()) {
	t.Helper()
	for start := time.Now(); !done(); time.Sleep(time.Millisecond) {
		if time.Since(start) > patience {
			late()
			return
		}
	}
}
