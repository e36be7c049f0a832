package completion

import (
	"context"
	"math/bits"
	"net"
	"sync/atomic"

	"connbench/models"
	"connbench/models/kernel"
	"connbench/models/serving"
)

const (
	uringEntries = 1024 // operations handed over in one call
	// uringMemory bounds the buffers that receives take from, which all connections
	// share; where one is longer than half of it, there are two.
	uringMemory = 8 << 20
	// uringFirstBuffers is how many of them the kernel is given at first. It gets more
	// when it has run out: few stay in the CPU's caches.
	uringFirstBuffers = 16
)

type uringServer struct {
	serving.Lifecycle
	serving.Tally
	cfg      models.Config
	options  kernel.SocketOptions
	addr     net.Addr
	listener int // -1 when closed
	ring     *kernel.Ring
	buffers  *kernel.Buffers
	poller   *kernel.Poller // for its wake-up, which the ring watches
	cutting  atomic.Bool    // Shutdown's time is up
}

func openUring(cfg models.Config) (models.Server, error) {
	s := &uringServer{Lifecycle: serving.NewLifecycle(), cfg: cfg, options: cfg.SocketOptions(), listener: -1}
	if err := s.open(); err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

func (s *uringServer) open() (err error) {
	if s.ring, err = kernel.NewRing(uringEntries); err != nil {
		return err
	}
	if s.buffers, err = s.ring.ReserveBuffers(0, uringBuffers(s.cfg.ReadBuffer), s.cfg.ReadBuffer); err != nil {
		return err
	}
	if s.poller, err = kernel.NewPoller(); err != nil {
		return err
	}
	s.listener, s.addr, err = serving.ListenRaw(&s.cfg)
	return err
}

// uringBuffers is how many buffers of size bytes there are: a power of two, no more
// than can be in use between two calls.
func uringBuffers(size int) int {
	n := min(max(2, uringMemory/size), 2*uringEntries)
	return 1 << (bits.Len(uint(n)) - 1)
}

func (s *uringServer) Addr() net.Addr { return s.addr }

func (s *uringServer) Serve() error {
	if !s.Begin() {
		return nil
	}
	defer s.End()
	defer s.release()
	return newUringLoop(s).run()
}

func (s *uringServer) Shutdown(ctx context.Context) error {
	cut := func() {
		s.cutting.Store(true)
		s.poller.Wake()
	}
	return s.Finish(ctx, s.poller.Wake, cut, s.release)
}

// release frees what open has got, when no loop runs.
func (s *uringServer) release() {
	s.closeListener()
	if s.ring != nil {
		s.ring.Close()
	}
	if s.poller != nil {
		s.poller.Close()
	}
}

func (s *uringServer) closeListener() {
	serving.CloseRaw(&s.listener, s.addr)
}
