package readiness_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"connbench/models"
	"connbench/models/modeltest"
	"connbench/models/readiness"
	"connbench/models/wire"

	"golang.org/x/sync/errgroup"
)

func TestReactorPool(t *testing.T) {
	t.Run("workers 4", func(t *testing.T) {
		modeltest.Run(t, readiness.ReactorPool, func(c *models.Config) { c.Workers = 4 })
	})
	t.Run("worker 1", func(t *testing.T) {
		modeltest.RunSetting(t, readiness.ReactorPool, func(c *models.Config) { c.Workers = 1 })
	})
	// Answers overtake events, and Shutdown, and the ends of connections.
	t.Run("work", func(t *testing.T) {
		modeltest.RunSetting(t, readiness.ReactorPool, func(c *models.Config) { c.Workers, c.Work = 8, "sleep:50us" })
	})
}

// startPool starts a server whose work takes a while, and returns how to connect.
func startPool(t *testing.T, workers int, work models.Work) (dial func() net.Conn) {
	t.Helper()
	cfg := models.DefaultConfig()
	cfg.Workers, cfg.Work = workers, work
	s, err := readiness.ReactorPool.Listen(cfg)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve()
	t.Cleanup(func() { s.Shutdown(t.Context()) })
	return func() net.Conn {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(30 * time.Second))
		return c
	}
}

// requestsOf are n requests in a row, no two alike.
func requestsOf(n int) (all []byte) {
	for i := range n {
		all = wire.AppendFrame(all, fmt.Appendf(nil, "request %d", i))
	}
	return all
}

func expectReply(c net.Conn, want []byte) error {
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("replies %q, want %q", got, want)
	}
	return nil
}

// One connection has a long row of slow requests before the workers; those of others
// are answered meanwhile.
func TestReactorPoolSlowRequestsHoldUpNobodyElse(t *testing.T) {
	const work, row = 10 * time.Millisecond, 40
	dial := startPool(t, 2, "sleep:10ms")
	slow, other := dial(), dial()
	if _, err := slow.Write(requestsOf(row)); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	start := time.Now()
	go func() { done <- expectReply(slow, requestsOf(row)) }()
	for range 5 {
		if _, err := other.Write(requestsOf(1)); err != nil {
			t.Fatal(err)
		}
		if err := expectReply(other, requestsOf(1)); err != nil {
			t.Fatal(err)
		}
	}
	if len(done) > 0 && time.Since(start) > row*work {
		t.Skip("the machine is too busy to tell")
	}
	if len(done) > 0 {
		t.Error("the row of slow requests was answered first")
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Many more connections than there are jobs for: all are answered, in order, by as many
// workers at once as there are.
func TestReactorPoolWorksTogether(t *testing.T) {
	const clients, rounds, workers = 100, 3, 20
	dial := startPool(t, workers, "sleep:20ms")
	conns := make([]net.Conn, clients)
	for i := range conns {
		conns[i] = dial()
	}
	var group errgroup.Group
	start := time.Now()
	for _, c := range conns {
		group.Go(func() error {
			if _, err := c.Write(requestsOf(rounds)); err != nil {
				return err
			}
			return expectReply(c, requestsOf(rounds))
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if one := clients * rounds * 20 * time.Millisecond; time.Since(start) > one/2 {
		t.Errorf("took %v, and one worker would take %v", time.Since(start), one)
	}
}
