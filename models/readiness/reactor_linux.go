package readiness

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"connbench/models"
	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// notifier tells a loop which of its descriptors are ready; see [kernel.Poller]. Only
// Wake and Close are called by other threads.
type notifier interface {
	Add(fd int, events uint32) error
	Modify(fd int, events uint32) error
	Remove(fd int) error // before fd is closed
	Poll(events []unix.EpollEvent) (int, error)
	Wait(events []unix.EpollEvent, timeout time.Duration) (int, error)
	Wake()
	IsWake(e *unix.EpollEvent) bool
	Close()
}

type reactorServer struct {
	serving.Lifecycle
	serving.Tally
	cfg     models.Config
	options kernel.SocketOptions
	addr    net.Addr
	loops   []*loop
	cutting atomic.Bool // Shutdown's time is up, or a loop has failed
}

func newReactor(cfg models.Config, kind reactorKind) (*reactorServer, error) {
	s := &reactorServer{Lifecycle: serving.NewLifecycle(), cfg: cfg, options: cfg.SocketOptions()}
	err := s.open(kind)
	if err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

func (s *reactorServer) open(kind reactorKind) error {
	for range kind.loops {
		l, err := newLoop(s, kind)
		if err != nil {
			return err
		}
		s.loops = append(s.loops, l)
	}
	if s.cfg.Spread == models.SpreadReusePort {
		return s.listenEach()
	}
	s.loops[0].peers = s.loops
	fd, addr, err := serving.ListenRaw(&s.cfg)
	s.addr, s.loops[0].listener = addr, fd
	if err != nil {
		return err
	}
	return s.loops[0].poller.Add(fd, kernel.Readable)
}

// listenEach gives each loop a listening socket of its own.
func (s *reactorServer) listenEach() error {
	sockets, err := serving.ListenShared(&s.cfg, len(s.loops))
	if err != nil {
		return err
	}
	s.addr = sockets[0].Addr()
	for i, l := range s.loops {
		fd, detached := kernel.DetachListener(sockets[i])
		l.peers, l.listener = []*loop{l}, fd
		if detached == nil {
			detached = l.poller.Add(fd, kernel.Readable)
		}
		if err == nil {
			err = detached
		}
	}
	return err
}

func (s *reactorServer) Addr() net.Addr { return s.addr }

func (s *reactorServer) Serve() error {
	if !s.Begin() {
		return nil
	}
	defer s.End()
	var group errgroup.Group
	for _, l := range s.loops {
		group.Go(func() error {
			err := l.run()
			if err != nil {
				s.cutAll()
			}
			return err
		})
	}
	err := group.Wait()
	s.release()
	return err
}

func (s *reactorServer) Shutdown(ctx context.Context) error {
	return s.Finish(ctx, s.wakeAll, s.cutAll, s.release)
}

func (s *reactorServer) cutAll() {
	s.cutting.Store(true)
	s.wakeAll()
}

func (s *reactorServer) wakeAll() {
	for _, l := range s.loops {
		l.poller.Wake()
	}
}

// release frees what the loops do not free themselves.
func (s *reactorServer) release() {
	for _, l := range s.loops {
		l.closeListener()
		for _, fd := range l.inbox { // given to a loop that had ended
			unix.Close(fd)
		}
		l.poller.Close()
	}
}

func (l *loop) closeListener() {
	if l.listener < 0 {
		return
	}
	l.poller.Remove(l.listener)
	serving.CloseRaw(&l.listener, l.server.addr)
}
