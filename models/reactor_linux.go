package models

import (
	"context"
	"net"
	"os"
	"sync/atomic"
	"time"

	"connbench/models/kernel"

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
	lifecycle
	counters
	cfg     Config
	options kernel.SocketOptions
	addr    net.Addr
	loops   []*loop
	cutting atomic.Bool // Shutdown's time is up, or a loop has failed
}

func newReactor(cfg Config, kind reactorKind) (*reactorServer, error) {
	s := &reactorServer{lifecycle: newLifecycle(), cfg: cfg, options: cfg.socketOptions()}
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
	if s.cfg.Spread == SpreadReusePort {
		return s.listenEach()
	}
	s.loops[0].peers = s.loops
	return s.listen(s.loops[0], s.cfg.Address)
}

// listenEach gives each loop a listening socket of its own, all on one address, of
// which the first decides the port.
func (s *reactorServer) listenEach() error {
	if !s.cfg.ReusePort {
		// Nobody has asked to share the port with others, who could be there
		// unnoticed: it must be free.
		l, err := kernel.Listen(s.cfg.Network, s.cfg.Address, s.options)
		if err != nil {
			return err
		}
		l.Close()
		s.options.ReusePort = true
	}
	address := s.cfg.Address
	for _, l := range s.loops {
		l.peers = []*loop{l}
		if err := s.listen(l, address); err != nil {
			return err
		}
		address = s.addr.String()
	}
	return nil
}

// listen has l accept at an address.
func (s *reactorServer) listen(l *loop, address string) error {
	listener, err := kernel.Listen(s.cfg.Network, address, s.options)
	if err != nil {
		return err
	}
	s.addr = listener.Addr()
	if l.listener, err = kernel.DetachListener(listener); err != nil {
		return err
	}
	return l.poller.Add(l.listener, kernel.Readable)
}

func (s *reactorServer) Addr() net.Addr { return s.addr }

func (s *reactorServer) Serve() error {
	if !s.begin() {
		return nil
	}
	defer s.end()
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
	return s.shutdown(ctx, s.wakeAll, s.cutAll, s.release)
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
	unix.Close(l.listener)
	l.listener = -1
	if l.server.cfg.Network == "unix" {
		os.Remove(l.server.cfg.Address)
	}
}
