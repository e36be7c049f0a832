package models

import (
	"context"
	"net"
	"os"
	"sync/atomic"

	"connbench/models/kernel"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

type reactorServer struct {
	lifecycle
	counters
	cfg      Config
	addr     net.Addr
	listener int
	loops    []*loop
	cutting  atomic.Bool // Shutdown's time is up, or a loop has failed
}

func openReactor(cfg Config) (Server, error) {
	l, err := kernel.Listen(cfg.Network, cfg.Address, cfg.socketOptions())
	if err != nil {
		return nil, err
	}
	s := &reactorServer{lifecycle: newLifecycle(), cfg: cfg, addr: l.Addr()}
	if s.listener, err = kernel.DetachListener(l); err != nil {
		return nil, err
	}
	for range max(1, cfg.Loops) {
		loop, err := newLoop(s)
		if err != nil {
			s.release()
			return nil, err
		}
		s.loops = append(s.loops, loop)
	}
	return s, nil
}

func (s *reactorServer) Addr() net.Addr { return s.addr }

func (s *reactorServer) Serve() error {
	if !s.begin() {
		return nil
	}
	defer s.end()
	var group errgroup.Group
	for i, l := range s.loops {
		group.Go(func() error {
			err := l.run(i == 0)
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
	s.closeListener()
	for _, l := range s.loops {
		for _, fd := range l.inbox { // given to a loop that had ended
			unix.Close(fd)
		}
		l.poller.Close()
	}
}

func (s *reactorServer) closeListener() {
	if s.listener < 0 {
		return
	}
	unix.Close(s.listener)
	s.listener = -1
	if s.cfg.Network == "unix" {
		os.Remove(s.cfg.Address)
	}
}
