package engines

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"connbench/models"
	"connbench/models/serving"

	"github.com/panjf2000/gnet/v2"
	"github.com/panjf2000/gnet/v2/pkg/pool/goroutine"
)

// Importing gnet starts a pool of goroutines, one of which wakes up twice a second. A
// server does not use it, and the rows of the other engines are to be theirs alone.
func init() { goroutine.DefaultWorkerPool.Release() }

// gnetServer runs gnet from Open on: it listens in the call that serves, and is held
// at its start until Serve.
type gnetServer struct {
	*base
	gnet.BuiltinEventEngine
	addr    net.Addr
	engine  gnet.Engine
	booted  chan error    // sent once: gnet listens, or why it does not
	start   chan struct{} // closed by Serve
	stopped chan struct{} // closed when gnet has ended
	log     gnetLog
	conns   group[gnet.Conn]
	limit   int // bytes of replies that may wait for room

	mu       sync.Mutex
	sessions map[gnet.EventLoop]func() serving.Session
}

func openGnet(cfg models.Config) (models.Server, error) {
	if cfg.Loops > gnetMaxLoops {
		return nil, &models.ConfigError{Knob: "loops", Value: cfg.Loops, Allowed: fmt.Sprintf("gnet has up to %d", gnetMaxLoops)}
	}
	s := &gnetServer{
		base:    newBase(cfg),
		booted:  make(chan error, 1),
		start:   make(chan struct{}),
		stopped: make(chan struct{}),
		conns:   newGroup[gnet.Conn](),
		limit:   maxUnread + cfg.MaxFrame,

		sessions: map[gnet.EventLoop]func() serving.Session{},
	}
	address, release, err := s.address()
	if err != nil {
		return nil, err
	}
	defer release()
	go func() {
		defer close(s.stopped)
		if err := gnet.Run(s, address, gnet.WithOptions(s.options())); err != nil {
			s.booted <- err
		}
	}()
	if err := <-s.booted; err != nil {
		<-s.stopped
		return nil, err
	}
	return s, nil
}

func (s *gnetServer) options() gnet.Options {
	cfg := s.cfg
	o := gnet.Options{
		NumEventLoop:     max(1, cfg.Loops),
		ReadBufferCap:    cfg.ReadBuffer,
		SocketRecvBuffer: cfg.RecvBuffer,
		SocketSendBuffer: cfg.SendBuffer,
		ReuseAddr:        cfg.ReuseAddr,
		ReusePort:        cfg.ReusePort,
		Logger:           &s.log,
	}
	if !cfg.NoDelay {
		o.TCPNoDelay = gnet.TCPDelay
	}
	return o
}

// OnBoot is called when gnet listens, and holds it there until there is something to
// serve.
func (s *gnetServer) OnBoot(engine gnet.Engine) gnet.Action {
	s.engine = engine
	var err error
	if s.addr, err = gnetAddr(engine, s.cfg.Network); err != nil {
		s.booted <- err
		return gnet.Shutdown
	}
	s.booted <- nil
	select {
	case <-s.start:
		return gnet.None
	case <-s.Stop:
		return gnet.Shutdown
	}
}

func (s *gnetServer) Addr() net.Addr { return s.addr }

func (s *gnetServer) Serve() error {
	if !s.Begin() {
		return nil
	}
	defer s.End()
	close(s.start)
	select {
	case <-s.Stop:
		s.conns.drain(s.base, func(c gnet.Conn) { c.Wake(nil) }, func(c gnet.Conn) { c.Close() })
	case <-s.stopped:
	}
	now, cancel := context.WithCancel(context.Background())
	cancel()
	s.engine.Stop(now) // without waiting, which it does in steps of half a second
	<-s.stopped
	if !s.Stopping() {
		return fmt.Errorf("gnet has stopped: %s", s.log.last())
	}
	return nil
}

func (s *gnetServer) Shutdown(ctx context.Context) error {
	return s.finish(ctx, func() { <-s.stopped })
}

type gnetConn struct {
	conn
	waking bool // a timer will wake the connection
}

func (s *gnetServer) newSession(l gnet.EventLoop) serving.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[l] == nil {
		s.sessions[l] = s.newSessions()
	}
	return s.sessions[l]()
}

func (s *gnetServer) OnOpen(g gnet.Conn) ([]byte, gnet.Action) {
	c := &gnetConn{conn: conn{session: s.newSession(g.EventLoop())}}
	g.SetContext(c)
	s.conns.add(g) // before it counts: see netpollServer.prepare
	s.Accepted.Add(1)
	if c.last = s.cfg.SocketOptions().ApplyRaw(s.cfg.Network, g.Fd()); c.last != nil {
		return nil, gnet.Close
	}
	if s.Stopping() {
		c.last = serving.ErrDrained
		return nil, gnet.Close
	}
	return nil, gnet.None
}

// OnTraffic is called with what one read has brought, and when a connection is woken.
func (s *gnetServer) OnTraffic(g gnet.Conn) gnet.Action {
	c := g.Context().(*gnetConn)
	chunk, _ := g.Next(-1)
	if len(chunk) == 0 {
		c.waking = false
	}
	if c.last == nil && len(chunk) > 0 {
		first, whole, err := c.session.Replies(chunk)
		for _, reply := range [2][]byte{first, whole} {
			if len(reply) == 0 {
				continue
			}
			if _, err := g.Write(reply); err != nil {
				return gnet.None // gnet has closed it
			}
		}
		if c.last = err; g.OutboundBuffered() > s.limit {
			c.last = errUnread
			return gnet.Close
		}
	}
	return s.next(g, c)
}

// next is what to do with a connection when its turn is over. gnet does not say when
// replies that waited for room are out: where that matters, c is woken to look.
func (s *gnetServer) next(g gnet.Conn, c *gnetConn) gnet.Action {
	pending := g.OutboundBuffered() > 0
	if c.last == nil && s.Stopping() && !pending && !c.session.Partial() &&
		(!arrived(g.Fd()) || c.enough(s.base)) {
		c.last = serving.ErrDrained
	}
	if c.last == nil {
		return gnet.None
	}
	if !pending {
		return gnet.Close
	}
	if !c.waking && !s.Stopping() { // draining wakes them all
		c.waking = true
		time.AfterFunc(lookEvery, func() { g.Wake(nil) })
	}
	return gnet.None
}

func (s *gnetServer) OnClose(g gnet.Conn, err error) gnet.Action {
	if !s.conns.remove(g) {
		return gnet.None
	}
	c := g.Context().(*gnetConn)
	switch {
	case c.last != nil:
		err = c.last
	case err == nil:
		err = net.ErrClosed // by Serve
	}
	s.Ended(err, c.session.Partial())
	return gnet.None
}

var errUnread = errors.New("too many replies are not read")
