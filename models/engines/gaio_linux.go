package engines

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"connbench/models"
	"connbench/models/serving"

	"github.com/xtaci/gaio"
	"golang.org/x/sync/errgroup"
)

type gaioServer struct {
	*base
	listener net.Listener
	loops    []*gaioLoop
	conns    group[*gaioConn]
}

func openGaio(cfg models.Config) (models.Server, error) {
	s := &gaioServer{base: newBase(cfg), conns: newGroup[*gaioConn]()}
	var err error
	if s.listener, err = s.listen(); err != nil {
		return nil, err
	}
	for range max(1, cfg.Loops) {
		w, err := gaio.NewWatcherSize(1) // its own buffers are not used
		if err != nil {
			s.release()
			return nil, err
		}
		s.loops = append(s.loops, &gaioLoop{server: s, watcher: w})
	}
	return s, nil
}

func (s *gaioServer) Addr() net.Addr { return s.listener.Addr() }

func (s *gaioServer) Serve() error {
	if !s.Begin() {
		return nil
	}
	defer s.End()
	defer s.release()
	var loops errgroup.Group
	for _, l := range s.loops {
		loops.Go(l.run)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.accept() }()
	var err error
	cut := func(c *gaioConn) { c.finish(net.ErrClosed, false) }
	select {
	case <-s.Stop:
		s.listener.Close()
		<-ended
		s.conns.drain(s.base, func(c *gaioConn) { c.look() }, cut)
	case err = <-ended:
		s.conns.end(cut)
	}
	s.release()
	loops.Wait()
	return err
}

func (s *gaioServer) Shutdown(ctx context.Context) error { return s.finish(ctx, s.release) }

func (s *gaioServer) release() {
	s.listener.Close()
	for _, l := range s.loops {
		l.watcher.Close()
	}
}

// maxUntaken is how many connections are accepted ahead of gaio, which needs a second
// descriptor for a moment to take each: if those that wait for it had all, none would come
// back.
const maxUntaken = 8

// await waits until fewer of the connections are untaken, and leaves those.
func (s *gaioServer) await(untaken []net.Conn) []net.Conn {
	const pause = 100 * time.Microsecond
	for len(untaken) == maxUntaken && !s.Stopping() {
		if untaken = slices.DeleteFunc(untaken, taken); len(untaken) == maxUntaken {
			time.Sleep(pause)
		}
	}
	return untaken
}

// taken reports whether gaio has a connection: it closes the net.Conn then.
func taken(n net.Conn) bool {
	raw, err := n.(syscall.Conn).SyscallConn()
	return err != nil || raw.Control(func(uintptr) {}) != nil
}

func (s *gaioServer) accept() error {
	var untaken []net.Conn
	for next := 0; ; next++ {
		n, err := s.acceptFrom(s.listener)
		if err != nil {
			return err
		}
		c := &gaioConn{
			conn: conn{session: serving.NewSession(&s.cfg)},
			loop: s.loops[next%len(s.loops)],
			net:  n,
			buf:  make([]byte, s.cfg.ReadBuffer),
		}
		s.conns.add(c) // before it counts: see netpollServer.prepare
		s.Accepted.Add(1)
		c.read()
		if untaken = append(untaken, n); len(untaken) == maxUntaken {
			untaken = s.await(untaken)
		}
	}
}

// gaioLoop is a watcher and the goroutine that waits for its results.
type gaioLoop struct {
	server  *gaioServer
	watcher *gaio.Watcher
	busy    atomic.Bool // with results
}

func (l *gaioLoop) run() error {
	for {
		results, err := l.watcher.WaitIO()
		if err != nil {
			return nil // closed
		}
		l.busy.Store(true)
		for i := range results {
			if c, ok := results[i].Context.(*gaioConn); ok {
				c.result(&results[i])
			}
		}
		l.busy.Store(false)
	}
}

// gaioConn is a connection that waits for one read, or for the writes of its replies.
type gaioConn struct {
	conn
	loop   *gaioLoop
	net    net.Conn
	buf    []byte
	writes int // without a result
}

func (c *gaioConn) deadline() (t time.Time) {
	if idle := c.loop.server.cfg.IdleTimeout; idle > 0 {
		t = time.Now().Add(idle)
	}
	return t
}

// read asks for what comes next. An error is that of a watcher which is closed.
func (c *gaioConn) read() {
	c.loop.watcher.ReadTimeout(c, c.net, c.buf, c.deadline())
}

func (c *gaioConn) result(r *gaio.OpResult) {
	c.begin()
	switch {
	case c.loop.server.outOfResources(r.Error): // gaio takes a second descriptor
		time.AfterFunc(acceptAgain, c.read)
	case r.Error != nil:
		c.finish(r.Error, c.session.Partial())
	case r.Operation == gaio.OpRead:
		c.answer(r.Buffer[:r.Size])
	case r.Operation == gaio.OpWrite:
		if c.writes--; c.writes == 0 {
			c.answered()
		}
	}
	c.end(c.writes > 0)
}

func (c *gaioConn) answer(chunk []byte) {
	first, whole, err := c.session.Replies(chunk)
	c.last = err
	for _, reply := range [2][]byte{first, whole} {
		if len(reply) > 0 {
			c.writes++
			c.loop.watcher.WriteTimeout(c, c.net, reply, c.deadline())
		}
	}
	if c.writes == 0 {
		c.answered()
	}
}

// answered is what comes when all replies are out.
func (c *gaioConn) answered() {
	if c.last == nil && !c.session.Partial() && c.enough(c.loop.server.base) {
		c.last = serving.ErrDrained
	}
	if c.last != nil {
		c.finish(c.last, false)
		return
	}
	c.read()
}

// finish ends the connection for the reason given first. It is closed for gaio too
// if that has not yet got it.
func (c *gaioConn) finish(why error, partial bool) {
	s := c.loop.server
	if !s.conns.remove(c) {
		return
	}
	if errors.Is(why, gaio.ErrDeadline) {
		why = os.ErrDeadlineExceeded
	}
	s.Ended(why, partial)
	c.net.Close()
	c.loop.watcher.Free(c.net)
}

// look ends a connection that Shutdown finds between two requests. What arrives at
// a socket of gaio's is read at once; it may be its result that waits.
func (c *gaioConn) look() {
	if c.idle(c.loop.busy.Load()) {
		c.finish(serving.ErrDrained, false)
	}
}
