package readiness_test

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"

	"connbench/models"
	"connbench/models/modeltest"
	"connbench/models/readiness"
)

func TestReactorMulti(t *testing.T) {
	tests := map[string]func(*models.Config){
		"one loop":        func(c *models.Config) { c.Loops = 1 },
		"three loops":     func(c *models.Config) { c.Loops = 3 },
		"edge":            func(c *models.Config) { c.Loops, c.Trigger = 2, models.TriggerEdge },
		"reuseport":       func(c *models.Config) { c.Loops, c.Spread = 3, models.SpreadReusePort },
		"reuseport, edge": func(c *models.Config) { c.Loops, c.Spread, c.Trigger = 2, models.SpreadReusePort, models.TriggerEdge },
	}
	for name, tweak := range tests {
		t.Run(name, func(t *testing.T) {
			m, cfg := readiness.ReactorMulti, models.DefaultConfig()
			if tweak(&cfg); cfg.Spread == models.SpreadReusePort {
				m.Networks = []string{"tcp"}
			}
			if name == "three loops" {
				modeltest.Run(t, m, tweak)
			} else {
				modeltest.RunSetting(t, m, tweak)
			}
		})
	}
}

// spread connects n clients and returns how many each loop was given.
func spread(t *testing.T, n int, tweak func(*models.Config)) []int64 {
	t.Helper()
	cfg := models.DefaultConfig()
	tweak(&cfg)
	s, err := readiness.ReactorMulti.Listen(cfg)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve()
	defer s.Shutdown(t.Context())
	for range n {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	count := s.(models.Counting).Counters
	for start := time.Now(); ; time.Sleep(time.Millisecond) {
		if loops, sum := loopsOf(count()); sum == int64(n) {
			return loops
		}
		if time.Since(start) > 10*time.Second {
			t.Fatalf("%d connections: %v", n, count())
		}
	}
}

func loopsOf(counters map[string]int64) (loops []int64, sum int64) {
	for i := 0; ; i++ {
		got, ok := counters[fmt.Sprintf("loop%d", i)]
		if !ok {
			return loops, sum
		}
		loops, sum = append(loops, got), sum+got
	}
}

func TestReactorMultiSpreads(t *testing.T) {
	if got := spread(t, 0, func(*models.Config) {}); len(got) != runtime.GOMAXPROCS(0) {
		t.Errorf("%d loops on %d cores", len(got), runtime.GOMAXPROCS(0))
	}
	even := spread(t, 30, func(c *models.Config) { c.Loops = 3 })
	if fmt.Sprint(even) != "[10 10 10]" {
		t.Errorf("the acceptor gave %v", even)
	}
	hashed := spread(t, 100, func(c *models.Config) { c.Loops, c.Spread = 4, models.SpreadReusePort })
	used := 0
	for _, n := range hashed {
		if n > 0 {
			used++
		}
	}
	if len(hashed) != 4 || used < 2 {
		t.Errorf("the kernel gave %v", hashed)
	}
}

// A port for several loops is not one that anybody else has.
func TestReactorMultiReusePortIsNotShared(t *testing.T) {
	other, err := readiness.ReactorMulti.Listen(models.DefaultConfig())
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer other.Shutdown(t.Context())
	cfg := models.DefaultConfig()
	cfg.Address, cfg.Spread = other.Addr().String(), models.SpreadReusePort
	s, err := readiness.ReactorMulti.Listen(cfg)
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("listening where another does: %v", err)
	}
	if err == nil {
		s.Shutdown(t.Context())
	}
	other.Shutdown(t.Context())
	cfg.Loops = 2
	first, err := readiness.ReactorMulti.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Shutdown(t.Context())
	if second, err := readiness.ReactorMulti.Listen(cfg); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("listening where another does with SO_REUSEPORT: %v", err)
		if err == nil {
			second.Shutdown(t.Context())
		}
	}
}
