package completion

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"

	"connbench/models"
	"connbench/models/kernel"
	"connbench/models/serving"
)

type uringServer struct {
	serving.Lifecycle
	serving.Tally
	cfg      models.Config
	options  kernel.SocketOptions
	addr     net.Addr
	listener int         // -1 when closed
	cutting  atomic.Bool // Shutdown's time is up

	mu    sync.Mutex
	rings []*uringRing // more than one only of direct descriptors
	roomy int          // of them that have room for a connection
	quiet int          // of them that accept no more
	loops sync.WaitGroup
	err   error // of the first loop that failed
}

func openUring(cfg models.Config) (models.Server, error) {
	s := &uringServer{Lifecycle: serving.NewLifecycle(), cfg: cfg, options: cfg.SocketOptions(), listener: -1}
	if err := s.open(); err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

func (s *uringServer) open() error {
	if s.cfg.Direct && s.cfg.Network == "unix" && s.cfg.RecvBuffer+s.cfg.SendBuffer > 0 {
		return &models.ConfigError{Knob: "direct", Value: true, Allowed: "on unix without rcvbuf and sndbuf, which direct descriptors cannot be given"}
	}
	r, err := newUringRing(&s.cfg)
	if err != nil {
		return err
	}
	s.rings, s.roomy = append(s.rings, r), 1
	s.listener, s.addr, err = serving.ListenRaw(&s.cfg)
	return err
}

func (s *uringServer) Addr() net.Addr { return s.addr }

func (s *uringServer) Serve() error {
	if !s.Begin() {
		return nil
	}
	defer s.End()
	defer s.release()
	s.loop(s.rings[0])
	s.loops.Wait()
	return s.err
}

// loop serves the connections of a ring, from a thread of its own.
func (s *uringServer) loop(r *uringRing) {
	err := newUringLoop(s, r).run()
	if err == nil {
		return
	}
	s.mu.Lock()
	s.err = errors.Join(s.err, err)
	s.mu.Unlock()
	s.cut() // the others do not go on without it
}

// hasRoom is told by a loop whose table is no longer full.
func (s *uringServer) hasRoom() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.roomy++
}

// isFull is told by a loop whose table is full: if all are, it adds a ring.
func (s *uringServer) isFull() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.roomy--; s.roomy > 0 || s.Stopping() {
		return nil
	}
	r, err := newUringRing(&s.cfg)
	if err != nil {
		s.roomy++ // as if it were the next to try
		return err
	}
	s.rings, s.roomy = append(s.rings, r), 1
	s.loops.Go(func() { s.loop(r) })
	return nil
}

// acceptsNoMore is said by each loop, once: the last one closes the listener.
func (s *uringServer) acceptsNoMore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quiet++; s.quiet == len(s.rings) {
		s.closeListener()
	}
}

func (s *uringServer) Shutdown(ctx context.Context) error {
	return s.Finish(ctx, s.wake, s.cut, s.release)
}

// cut has the loops drop what they have begun.
func (s *uringServer) cut() {
	s.cutting.Store(true)
	s.wake()
}

func (s *uringServer) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rings {
		r.poller.Wake()
	}
}

// release frees what open has got, when no loop runs.
func (s *uringServer) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeListener()
	for _, r := range s.rings {
		r.close()
	}
	s.rings = nil
}

func (s *uringServer) closeListener() {
	serving.CloseRaw(&s.listener, s.addr)
}
