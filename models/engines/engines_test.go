package engines

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"connbench/models"
	"connbench/models/all"
	"connbench/models/modeltest"
)

// patience is how long anything may take before a test fails.
const patience = 30 * time.Second

// TestMain sees to it that importing the engines leaves nothing running.
func TestMain(m *testing.M) {
	for start := time.Now(); runtime.NumGoroutine() > 1; time.Sleep(time.Millisecond) {
		if time.Since(start) > patience {
			fmt.Printf("%d goroutines before the first test\n", runtime.NumGoroutine())
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// conforms runs the suite with one loop and with several.
func conforms(t *testing.T, m models.Model) {
	t.Helper()
	t.Run("one loop", func(t *testing.T) { modeltest.Run(t, m) })
	t.Run("three loops", func(t *testing.T) {
		modeltest.RunSetting(t, m, func(c *models.Config) { c.Loops = 3 })
	})
}

func TestEnginesSayWhatTheyAre(t *testing.T) {
	gomod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	names := models.Names(all.Models())
	for _, m := range All() {
		if slices.Contains(names, m.Name) {
			t.Errorf("there are two models called %s", m.Name)
		}
		names = append(names, m.Name)
		if m.Summary == "" || m.Unit == "" || len(m.Networks) == 0 || m.Open == nil {
			t.Errorf("%s leaves something unsaid: %+v", m.Name, m)
		}
		if m.Engine != standardLibrary && !strings.Contains(string(gomod), "\t"+m.Engine+"\n") {
			t.Errorf("go.mod does not require %s", m.Engine)
		}
	}
}

func TestEnginesRefuseKnobs(t *testing.T) {
	turned := map[models.Knob]func(*models.Config){
		models.KnobBacklog:     func(c *models.Config) { c.Backlog = 7 },
		models.KnobIdleTimeout: func(c *models.Config) { c.IdleTimeout = time.Second },
		models.KnobWorkers:     func(c *models.Config) { c.Workers = 7 },
	}
	for _, m := range All() {
		for knob, turn := range turned {
			cfg := models.DefaultConfig()
			cfg.Framing = m.DefaultFraming()
			turn(&cfg)
			var refused *models.ConfigError
			if err := m.Check(cfg); errors.As(err, &refused) == slices.Contains(m.Knobs, knob) {
				t.Errorf("%s, which has %v, with %s turned: %v", m.Name, m.Knobs, knob, err)
			}
		}
	}
}

// started is a server that the test's end shuts down.
func started(t *testing.T, m models.Model, tweak func(*models.Config)) (s models.Server, served <-chan error) {
	t.Helper()
	cfg := models.DefaultConfig()
	tweak(&cfg)
	s, err := m.Listen(cfg)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() { result <- s.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return s, result
}

// An engine that reads on while replies wait for room ends who leaves too many.
func TestUnreadReplies(t *testing.T) {
	for _, m := range []models.Model{Gnet, Nbio} {
		t.Run(m.Name, func(t *testing.T) {
			s, _ := started(t, m, func(c *models.Config) { c.Framing = models.Raw })
			c, err := net.Dial("tcp", s.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(patience))
			chunk := make([]byte, 1<<20)
			sent := 0
			for err == nil && sent < 4*maxUnread {
				var n int
				n, err = c.Write(chunk)
				sent += n
			}
			if err == nil || errors.Is(err, os.ErrDeadlineExceeded) || sent < maxUnread {
				t.Errorf("sent %d bytes and read none: %v", sent, err)
			}
			counting := s.(models.Counting)
			for start := time.Now(); counting.Counters()["failed"] != 1; time.Sleep(time.Millisecond) {
				if time.Since(start) > patience {
					t.Fatalf("not counted: %v", counting.Counters())
				}
			}
		})
	}
}
