package calibrate

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"connbench/models/kernel"
	"connbench/models/wire"

	"golang.org/x/sys/unix"
)

// Server is one worker that serves requests one at a time, in the order in which
// they became readable, each for its time, and then sends it back.
//
// Requests are finished at deadlines: that of a request is its service time after
// it was seen, or after the deadline before if that is later. Both do not depend on
// how long reading, writing and the loop take, so that these do not add up while
// requests queue. The worker never sleeps: a virtual CPU takes 50 µs to wake up.
// It also sees every interruption, as a jump of its clock.
//
// A client that does not take its answers, or sends what is no frame of at most
// 64 KiB, is cut off.
type Server struct {
	services *Services
	addr     net.Addr
	listener int
	poller   *kernel.Poller
	events   []unix.EpollEvent
	conns    []*conn // by descriptor
	scratch  wire.Scratch
	buf      []byte
	stop     atomic.Bool

	queue    queue
	serving  bool          // the first of the queue has its deadline
	deadline time.Duration // since start, as all times
	start    time.Time
	now      time.Duration // when the clock was last looked at
	lost     time.Duration // to interruptions
	lost2    int64         // sum of their squares, in µs²

	began    time.Duration // when the first request came
	counters map[string]int64
}

// Listen opens the server of a valid config. Serve releases it.
func Listen(c ServerConfig) (*Server, error) {
	l, err := kernel.Listen("tcp", c.Address, kernel.SocketOptions{ReuseAddr: true})
	if err != nil {
		return nil, err
	}
	codec := wire.Open(wire.LengthCodec, wire.Options{MaxPayload: maxPayload})
	s := &Server{
		services: NewServices(c.Distribution, c.Service, c.Seed),
		addr:     l.Addr(),
		events:   make([]unix.EpollEvent, 64),
		scratch:  wire.NewScratch(codec),
		buf:      make([]byte, maxPayload),
		start:    time.Now(),
		counters: map[string]int64{counterServed: 0, counterWatched: 0, counterLost: 0, counterLost2: 0, counterLate: 0},
	}
	if s.listener, err = kernel.DetachListener(l); err != nil {
		return nil, err
	}
	if s.poller, err = kernel.NewPoller(); err == nil {
		err = s.poller.Add(s.listener, kernel.Readable)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// Addr is where it listens.
func (s *Server) Addr() net.Addr { return s.addr }

// Serve serves until ctx ends, answers what has arrived by then and returns the
// counters.
func (s *Server) Serve(ctx context.Context) (map[string]int64, error) {
	defer s.close()
	defer context.AfterFunc(ctx, func() { s.stop.Store(true) })()
	for !s.stop.Load() {
		if err := s.look(); err != nil {
			return nil, err
		}
		s.finish()
	}
	if err := s.look(); err != nil {
		return nil, err
	}
	for until := s.clock() + drainTimeout; s.queue.n > 0 && s.clock() < until; {
		s.finish()
	}
	return s.counters, nil
}

// clock looks at the clock, and notices if it was prevented from that for long.
func (s *Server) clock() time.Duration {
	now := time.Since(s.start)
	if gap := now - s.now; gap > interruption {
		s.lost += gap
		s.lost2 += gap.Microseconds() * gap.Microseconds()
	}
	s.now = now
	return now
}

func (s *Server) look() error {
	n, err := s.poller.Poll(s.events)
	if err != nil {
		return err
	}
	s.clock()
	for i := range s.events[:n] {
		switch fd := int(s.events[i].Fd); {
		case fd == s.listener:
			s.accept()
		case fd < len(s.conns) && s.conns[fd] != nil:
			s.read(s.conns[fd])
		}
	}
	return nil
}

func (s *Server) finish() {
	for s.queue.n > 0 {
		r := s.queue.first()
		if !s.serving {
			s.serving = true
			s.deadline = max(s.deadline, r.seen) + s.services.Next()
		}
		if s.clock() < s.deadline {
			return
		}
		s.reply(r)
		s.queue.pop()
		s.serving = false
	}
}

func (s *Server) reply(r *request) {
	c := r.conn
	if c.fd >= 0 {
		if n, errno := kernel.Send(c.fd, r.frame); errno != 0 || n < len(r.frame) {
			s.drop(c)
		}
	}
	if c.pending--; c.pending == 0 && c.ended {
		s.drop(c)
	}
	s.counters[counterServed]++
	s.counters[counterLate] += int64(s.now - s.deadline)
	s.counters[counterWatched] = int64(s.now - s.began)
	s.counters[counterLost], s.counters[counterLost2] = int64(s.lost), s.lost2
}

func (s *Server) accept() {
	for {
		fd, errno := kernel.Accept(s.listener)
		if errno != 0 {
			return // there is none, or none can be had: the next look tries again
		}
		if err := s.poller.Add(fd, kernel.Readable); err != nil {
			unix.Close(fd)
			continue
		}
		if fd >= len(s.conns) {
			s.conns = append(s.conns, make([]*conn, fd+1-len(s.conns))...)
		}
		s.conns[fd] = &conn{fd: fd, split: wire.Splitter{Scratch: &s.scratch}}
	}
}

// read queues what one read gives. The requests count as seen after it, so that
// the way of a request is as long whether it is served for a time or at once.
func (s *Server) read(c *conn) {
	n, errno := kernel.Recv(c.fd, s.buf)
	switch {
	case errno == unix.EAGAIN:
		return
	case errno != 0:
		s.drop(c)
		return
	case n == 0:
		s.end(c)
		return
	}
	first, whole, err := c.split.Split(s.buf[:n])
	seen := s.clock()
	for _, frames := range [][]byte{first, whole} {
		for frame := range s.scratch.Requests(frames) {
			s.arrived(c, seen, frame)
		}
	}
	if err != nil {
		s.end(c)
	}
}

func (s *Server) arrived(c *conn, seen time.Duration, frame []byte) {
	if s.began == 0 {
		s.began, s.lost, s.lost2 = seen, 0, 0
	}
	c.pending++
	s.queue.push(c, seen, frame)
}

func (s *Server) end(c *conn) {
	c.ended = true
	if c.pending == 0 {
		s.drop(c)
		return
	}
	s.poller.Remove(c.fd)
}

func (s *Server) drop(c *conn) {
	if c.fd < 0 {
		return
	}
	s.conns[c.fd] = nil
	unix.Close(c.fd)
	c.fd = -1
}

func (s *Server) close() {
	for _, c := range s.conns {
		if c != nil {
			s.drop(c)
		}
	}
	unix.Close(s.listener)
	if s.poller != nil {
		s.poller.Close()
	}
}
