package engines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"connbench/models"
	"connbench/models/serving"

	"github.com/cloudwego/netpoll"
	"golang.org/x/sys/unix"
)

type netpollServer struct {
	*base
	loop     netpoll.EventLoop
	listener *netpollListener
	conns    group[*netpollConn]
}

func openNetpoll(cfg models.Config) (models.Server, error) {
	s := &netpollServer{base: newBase(cfg), conns: newGroup[*netpollConn]()}
	var err error
	if s.listener, err = newNetpollListener(s.base); err != nil {
		return nil, err
	}
	if err = startPollers(max(1, cfg.Loops), cfg.ReadBuffer); err == nil {
		s.loop, err = netpoll.NewEventLoop(s.answer, netpoll.WithOnPrepare(s.prepare))
	}
	if err != nil {
		s.listener.Close()
		return nil, err
	}
	return s, nil
}

// pollers is what was last asked of netpoll's, which are of the process.
var pollers struct {
	sync.Mutex
	loops, buffer int
}

func startPollers(loops, buffer int) (err error) {
	pollers.Lock()
	defer pollers.Unlock()
	if pollers.loops == loops && pollers.buffer == buffer {
		return nil
	}
	defer func() {
		if p := recover(); p != nil { // it has no other way to say that it has no descriptors
			err = fmt.Errorf("netpoll cannot start %d pollers: %v", loops, p)
		}
	}()
	cfg := netpoll.Config{PollerNum: loops, BufferSize: buffer}
	if pollers.loops == 0 {
		cfg.LoggerOutput = io.Discard
	}
	if err := netpoll.Configure(cfg); err != nil {
		return err
	}
	netpoll.Initialize()
	pollers.loops, pollers.buffer = loops, buffer
	return nil
}

func (s *netpollServer) Addr() net.Addr { return s.listener.addr }

func (s *netpollServer) Serve() error {
	if !s.Begin() {
		return nil
	}
	defer s.End()
	ended := make(chan error, 1)
	go func() { ended <- s.loop.Serve(s.listener) }()
	var err error
	cut := func(c *netpollConn) { c.finish(net.ErrClosed) }
	select {
	case <-s.Stop:
		s.listener.refuse()
		s.conns.drain(s.base, s.look, cut)
	case err = <-ended:
		ended <- nil
		s.conns.end(cut)
	}
	<-s.listener.taken.C // or the loop does not know yet that it runs
	// All connections have ended, but netpoll may keep one that was reset while it was
	// accepted, and would wait for it without end.
	soon, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s.loop.Shutdown(soon)
	<-ended
	s.bury(cut) // those that were accepted meanwhile
	return err
}

// bury ends what is left when netpoll has ended. Of a connection that closed just when it was
// accepted it may never call back: that counts after a second.
func (s *netpollServer) bury(cut func(*netpollConn)) {
	for late := time.Now().Add(time.Second); ; time.Sleep(lookEvery) {
		left := s.conns.all()
		if len(left) == 0 {
			return
		}
		over := time.Now().After(late)
		for _, c := range left {
			if cut(c); over {
				s.closed(c)
			}
		}
	}
}

func (s *netpollServer) Shutdown(ctx context.Context) error {
	return s.finish(ctx, func() { s.listener.Close() })
}

// netpollConn is the state of a connection, and the context with which netpoll calls
// back for it.
type netpollConn struct {
	context.Context
	conn
	netpoll netpoll.Connection

	mu  sync.Mutex
	why error // the reason for which the server has ended it; nil for the client's
}

// fd is valid until netpoll has called back that the connection is closed.
func (c *netpollConn) fd() int { return c.netpoll.(netpoll.Conn).Fd() }

// finish closes the connection, for the reason that is given first.
func (c *netpollConn) finish(why error) {
	c.mu.Lock()
	if c.why == nil {
		c.why = why
	}
	c.mu.Unlock()
	c.netpoll.Close()
}

// prepare is called when netpoll has accepted a connection, before it polls it.
func (s *netpollServer) prepare(n netpoll.Connection) context.Context {
	c := &netpollConn{Context: context.Background(), conn: conn{session: serving.NewSession(&s.cfg)}, netpoll: n}
	s.conns.add(c) // before it counts, so that Serve waits for all that do
	s.Accepted.Add(1)
	n.AddCloseCallback(func(netpoll.Connection) error {
		s.closed(c)
		return nil
	})
	err := s.cfg.SocketOptions().ApplyRaw(s.cfg.Network, c.fd())
	if err == nil && s.Stopping() {
		err = serving.ErrDrained
	}
	if err != nil {
		c.finish(err)
	}
	return c
}

// answer is called in a goroutine for what one or more reads have brought. What is
// sent is not copied, but for replies of less than netpoll's 4 KiB, and so is only
// given back when it is out.
func (s *netpollServer) answer(ctx context.Context, n netpoll.Connection) error {
	c := ctx.(*netpollConn)
	c.begin()
	defer func() { c.end(false) }()
	r, w := n.Reader(), n.Writer()
	chunk, err := r.Next(r.Len())
	if err != nil {
		c.finish(err)
		return nil
	}
	first, whole, end := c.session.Replies(chunk)
	if len(first)+len(whole) > 0 {
		w.WriteBinary(first)
		w.WriteBinary(whole)
		if err := w.Flush(); err != nil {
			if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
				err = nil // netpoll has noticed first that the client is gone
			}
			c.finish(err)
			return nil
		}
	}
	r.Release()
	switch {
	case end != nil:
		c.finish(end)
	case !c.session.Partial() && c.enough(s.base):
		c.finish(serving.ErrDrained)
	}
	return nil
}

// closed is called for each connection, before its descriptor is, and counts it once.
func (s *netpollServer) closed(c *netpollConn) {
	if !s.conns.remove(c) {
		return
	}
	c.mu.Lock()
	why := c.why
	c.mu.Unlock()
	if why == nil {
		why = c.departure()
	}
	s.Ended(why, c.session.Partial())
}

// departure is how the client has left, which netpoll does not say: after a reset
// TCP knows no peer any more, at the end of a stream it does.
func (c *netpollConn) departure() error {
	if _, err := unix.Getpeername(c.fd()); err == unix.ENOTCONN {
		return syscall.ECONNRESET
	}
	return io.EOF
}

// look ends a connection that Shutdown finds between two requests.
func (s *netpollServer) look(c *netpollConn) {
	if c.idle(c.netpoll.Reader().Len() > 0 || arrived(c.fd())) {
		c.finish(serving.ErrDrained)
	}
}
