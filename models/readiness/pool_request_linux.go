package readiness

import (
	"cmp"
	"context"
	"net"
	"sync"
	"sync/atomic"

	"connbench/models"
	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

// requestServer is one poller, in the goroutine of Serve, and its workers.
//
// A connection is armed in the poller for one event. That event makes it busy: it
// goes through ready to a worker, and nothing reports it again before the worker has
// armed it anew. Workers close connections; only the poller's goroutine takes new
// ones, and conns is of that alone. It may also close a connection that is not busy,
// or any once Shutdown's time is up; the connection's mutex keeps it and the worker apart.
type requestServer struct {
	serving.Lifecycle
	serving.Tally
	cfg      models.Config
	addr     net.Addr
	listener int
	poller   *kernel.Poller
	ready    chan *requestConn
	live     atomic.Int64 // connections
	cutting  atomic.Bool  // Shutdown's time is up

	conns    []*requestConn // by descriptor; those that have ended stay until it is used again
	draining bool
	alarms   serving.Alarms // but for Elapsed, which is for all
}

// requestQueue is how many connections may wait for a worker; beyond that the
// poller waits, and with it the rest, in the kernel.
const requestQueue = 256

func openPoolRequest(cfg models.Config) (models.Server, error) {
	listener, addr, err := serving.ListenRaw(&cfg)
	if err != nil {
		return nil, err
	}
	s := &requestServer{
		Lifecycle: serving.NewLifecycle(),
		cfg:       cfg,
		addr:      addr,
		listener:  listener,
		ready:     make(chan *requestConn, requestQueue),
		alarms:    serving.NewAlarms(&cfg),
	}
	if s.poller, err = kernel.NewPoller(); err != nil {
		s.closeListener()
		return nil, err
	}
	if err := s.poller.Add(s.listener, kernel.Readable); err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

func (s *requestServer) Addr() net.Addr { return s.addr }

func (s *requestServer) Serve() error {
	if !s.Begin() {
		return nil
	}
	defer s.End()
	var workers sync.WaitGroup
	for range cmp.Or(s.cfg.Workers, models.DefaultWorkers) {
		workers.Go(s.work)
	}
	err := s.poll()
	s.cutAll()
	close(s.ready)
	workers.Wait()
	s.release()
	return err
}

func (s *requestServer) Shutdown(ctx context.Context) error {
	cut := func() {
		s.cutting.Store(true)
		s.poller.Wake()
	}
	return s.Finish(ctx, s.poller.Wake, cut, s.release)
}

func (s *requestServer) release() {
	s.closeListener()
	s.poller.Close()
}

func (s *requestServer) closeListener() {
	serving.CloseRaw(&s.listener, s.addr)
}

// requestWorker is what a worker has of its own, and lends to each connection for its turn.
type requestWorker struct {
	buf     []byte
	scratch *serving.Scratch
}

func (s *requestServer) work() {
	w := &requestWorker{make([]byte, s.cfg.ReadBuffer), serving.NewScratch(&s.cfg)}
	for c := range s.ready {
		s.serve(c, w)
	}
}

// serve gives a ready connection its turn, and then back to the poller.
func (s *requestServer) serve(c *requestConn, w *requestWorker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.session.Borrow(w.scratch)
	err := s.turn(c, w.buf)
	if err == nil {
		c.quiet.Store(s.now())
		var events uint32 = kernel.Readable
		if c.pending != nil {
			events = kernel.Writable
		}
		err = s.poller.Modify(c.fd, events|kernel.OneShot)
	}
	if err != nil {
		s.closeConn(c, err)
	}
}

// now is what a connection's quiet is set to, 0 where nobody asks.
func (s *requestServer) now() int64 {
	if s.cfg.IdleTimeout == 0 {
		return 0
	}
	return int64(s.alarms.Elapsed())
}

// closeConn ends a connection for the reason given; see [serving.Tally.Ended]. Its mutex is held.
func (s *requestServer) closeConn(c *requestConn, why error) {
	s.Ended(why, c.session.Partial())
	c.closed = true
	c.quiet.Store(busy)
	c.session, c.pending = serving.Session{}, nil
	unix.Close(c.fd)
	if s.live.Add(-1) == 0 && s.Stopping() {
		s.poller.Wake()
	}
}
