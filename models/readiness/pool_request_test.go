package readiness_test

import (
	"errors"
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

// One worker serves all clients of the suite, those beside one that never reads or
// never ends a request among them.
func TestPoolRequest(t *testing.T) {
	t.Run("worker 1", func(t *testing.T) {
		modeltest.Run(t, readiness.PoolRequest, func(c *models.Config) { c.Workers = 1 })
	})
	t.Run("workers 4", func(t *testing.T) {
		modeltest.RunSetting(t, readiness.PoolRequest, func(c *models.Config) { c.Workers = 4 })
	})
}

// Requests beyond the workers wait their turn.
func TestPoolRequestBoundsItsWorkers(t *testing.T) {
	const clients, workers, work = 6, 2, 20 * time.Millisecond
	cfg := models.DefaultConfig()
	cfg.Workers, cfg.Work = workers, models.Work("sleep:"+work.String())
	s, err := readiness.PoolRequest.Listen(cfg)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	var group errgroup.Group
	begin := time.Now()
	for range clients {
		group.Go(func() error { return roundTrip(s.Addr()) })
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took < clients/workers*work {
		t.Errorf("%d requests of %v took %v with %d workers", clients, work, took, workers)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// roundTrip connects, is answered, and closes.
func roundTrip(addr net.Addr) error {
	c, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		return err
	}
	defer c.Close()
	request := wire.AppendFrame(nil, []byte("hello"))
	if _, err := c.Write(request); err != nil {
		return err
	}
	_, err = io.ReadFull(c, request)
	return err
}
