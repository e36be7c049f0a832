package engines

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"connbench/models"
	"connbench/models/serving"

	"github.com/lesismal/nbio"
	"github.com/lesismal/nbio/logging"
)

type nbioServer struct {
	*base
	nbio     *nbio.Engine
	listener *nbioListener
	conns    group[*nbio.Conn]
	sessions []func() serving.Session // by loop
	idle     time.Duration
}

func openNbio(cfg models.Config) (models.Server, error) {
	s := &nbioServer{base: newBase(cfg), conns: newGroup[*nbio.Conn](), idle: cfg.IdleTimeout}
	var err error
	if s.listener, err = newNbioListener(s.base); err != nil {
		return nil, err
	}
	s.nbio = nbio.NewEngine(nbio.Config{
		Network:            cfg.Network,
		Addrs:              []string{cfg.Address},
		Listen:             func(string, string) (net.Listener, error) { return s.listener, nil },
		NPoller:            max(1, cfg.Loops),
		ReadBufferSize:     cfg.ReadBuffer,
		MaxWriteBufferSize: maxUnread + cfg.MaxFrame,
	})
	for range s.nbio.NPoller {
		s.sessions = append(s.sessions, s.newSessions())
	}
	s.nbio.OnOpen(s.open)
	s.nbio.OnData(s.answer)
	s.nbio.OnWrittenSize(s.written)
	s.nbio.OnClose(s.closed)
	return s, nil
}

func (s *nbioServer) Addr() net.Addr { return s.listener.Addr() }

func (s *nbioServer) Serve() error {
	if !s.Begin() {
		return nil
	}
	defer s.End()
	logging.SetLevel(logging.LevelNone)
	if err := s.nbio.Start(); err != nil {
		s.listener.Close()
		return err
	}
	cut := func(c *nbio.Conn) { c.CloseWithError(net.ErrClosed) }
	err := s.awaitLoops()
	if err == nil {
		s.listener.ready.give()
		select {
		case <-s.Stop:
			s.listener.refuse()
			s.conns.drain(s.base, s.look, cut)
		case err = <-s.listener.failed:
			s.conns.end(cut)
		}
	}
	s.nbio.Stop()
	return err
}

func (s *nbioServer) Shutdown(ctx context.Context) error {
	return s.finish(ctx, func() { s.listener.Close() })
}

type nbioConn struct {
	conn
	pending int // bytes of replies that wait for room
}

func (s *nbioServer) open(n *nbio.Conn) {
	if n.IsUnix() {
		return // of awaitLoops
	}
	c := &nbioConn{conn: conn{session: s.sessions[n.Hash()%len(s.sessions)]()}}
	n.Lock() // as the loop does when it reads
	n.SetSession(c)
	n.Unlock()
	s.conns.add(n) // before it counts: see netpollServer.prepare
	s.Accepted.Add(1)
	s.postpone(n)
}

// postpone has nbio close the connection if nothing arrives for the idle timeout.
func (s *nbioServer) postpone(n *nbio.Conn) {
	if s.idle > 0 {
		n.SetReadDeadline(time.Now().Add(s.idle))
	}
}

func (s *nbioServer) answer(n *nbio.Conn, data []byte) {
	c, ok := n.Session().(*nbioConn)
	if !ok {
		n.Session().(*sync.WaitGroup).Done() // awaitLoops has sent a byte
		return
	}
	c.begin()
	if c.last != nil {
		c.end(true) // it ends when its replies are out
		return
	}
	s.postpone(n)
	first, whole, err := c.session.Replies(data)
	for _, reply := range [2][]byte{first, whole} {
		if len(reply) == 0 {
			continue
		}
		c.pending += len(reply)
		if _, err := n.Write(reply); err != nil {
			return // nbio has closed it
		}
	}
	if c.last = err; err == nil && !c.session.Partial() && c.pending == 0 && c.enough(s.base) {
		c.last = serving.ErrDrained
	}
	if c.last != nil && c.pending == 0 {
		n.CloseWithError(c.last)
		return
	}
	c.end(c.pending > 0)
}

// written is called for each write, in answer and when there is room again. The
// connection is locked.
func (s *nbioServer) written(n *nbio.Conn, _ []byte, size int) {
	c := n.Session().(*nbioConn)
	c.pending -= size
	switch {
	case c.serving() || c.pending > 0:
	case c.last != nil:
		s.nbio.Async(func() { n.CloseWithError(c.last) })
	default:
		c.end(false)
	}
}

// closed is called in a goroutine, when a connection is not used any more.
func (s *nbioServer) closed(n *nbio.Conn, err error) {
	if !s.conns.remove(n) {
		return
	}
	c, partial := n.Session().(*nbioConn), false
	switch {
	case errors.Is(err, io.EOF):
		if partial = c.session.Partial(); c.last != nil {
			err = c.last
		}
	case errors.Is(err, nbio.ErrReadTimeout):
		err = os.ErrDeadlineExceeded
	case err == nil:
		err = net.ErrClosed
	}
	s.Ended(err, partial)
}

// look ends a connection that Shutdown finds between two requests.
func (s *nbioServer) look(n *nbio.Conn) {
	if n.Session().(*nbioConn).idle(arrived(n.Hash())) { // which is its descriptor
		n.CloseWithError(serving.ErrDrained)
	}
}
