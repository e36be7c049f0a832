package readiness

import (
	"net"
	"os"

	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

const (
	requestEvents  = 256 // taken from the poller at once
	requestAccepts = 128 // in a row; then the connections have their turn
)

// poll accepts, and gives the workers what is ready, until Shutdown has been told
// and the last connection is gone.
func (s *requestServer) poll() error {
	events := make([]unix.EpollEvent, requestEvents)
	for !s.draining || s.live.Load() > 0 {
		s.alarms.Look()
		n, err := s.poller.Poll(events)
		if n == 0 && err == nil {
			n, err = s.poller.Wait(events, s.alarms.Timeout(int(s.live.Load())))
		}
		if err != nil {
			return err
		}
		for i := range events[:n] {
			s.handle(&events[i])
		}
		s.resume()
		if n < len(events) {
			s.expire()
		}
	}
	return nil
}

func (s *requestServer) handle(e *unix.EpollEvent) {
	fd := int(e.Fd)
	switch {
	case fd < len(s.conns) && s.conns[fd] != nil:
		s.dispatch(s.conns[fd])
	case fd == s.listener:
		s.accept()
	case s.poller.IsWake(e):
		s.woken()
	}
}

// dispatch gives a connection to the workers, and waits where too many wait for them.
func (s *requestServer) dispatch(c *requestConn) {
	c.quiet.Store(busy)
	s.ready <- c
}

// woken looks at what Shutdown may have wanted. To drain, each connection has a turn,
// those that nothing was reported for too: the workers end the idle ones. One may be
// in the queue twice so, or closed when its turn comes, and no new one takes its place.
func (s *requestServer) woken() {
	switch {
	case s.cutting.Load():
		s.draining = true
		s.closeListener()
		s.cutAll()
	case s.Stopping() && !s.draining:
		s.draining = true
		s.closeListener()
		for _, c := range s.conns {
			if c != nil {
				s.dispatch(c)
			}
		}
	}
}

func (s *requestServer) accept() {
	for range requestAccepts {
		fd, errno := kernel.Accept(s.listener)
		switch {
		case errno == 0:
			s.alarms.Pause.Reset()
			s.adopt(fd)
		case errno == unix.EAGAIN:
			return
		case serving.OutOfResources(errno):
			s.Backoff.Add(1)
			s.alarms.PauseAccepting()
			s.poller.Modify(s.listener, 0)
			return
		}
	}
}

func (s *requestServer) adopt(fd int) {
	s.Accepted.Add(1)
	err := s.cfg.SocketOptions().ApplyRaw(s.cfg.Network, fd)
	if err == nil {
		err = s.poller.Add(fd, kernel.Readable|kernel.OneShot)
	}
	if err != nil {
		s.Ended(err, false)
		unix.Close(fd)
		return
	}
	if fd >= len(s.conns) {
		s.conns = append(s.conns, make([]*requestConn, fd+1-len(s.conns))...)
	}
	c := &requestConn{fd: fd}
	c.quiet.Store(s.now())
	s.conns[fd] = c
	s.live.Add(1)
}

// resume accepts again when the pause that was made for want of resources is over.
func (s *requestServer) resume() {
	if !s.alarms.Resumes() {
		return
	}
	s.alarms.Resume()
	if !s.draining {
		s.poller.Modify(s.listener, kernel.Readable)
	}
}

// expire closes the connections that had been quiet for too long at the last look at the clock,
// if it is time to. What had arrived by then has been reported since and has made its connection
// busy, so that a late look is not taken for a peer's silence.
func (s *requestServer) expire() {
	if !s.alarms.Expires() {
		return
	}
	before := int64(s.alarms.Now - s.cfg.IdleTimeout)
	for _, c := range s.conns {
		if c == nil || !c.quietSince(before) {
			continue
		}
		c.mu.Lock()
		if c.quietSince(before) {
			s.closeConn(c, os.ErrDeadlineExceeded)
		}
		c.mu.Unlock()
	}
}

func (c *requestConn) quietSince(before int64) bool {
	quiet := c.quiet.Load()
	return quiet != busy && quiet <= before
}

// cutAll closes every connection.
func (s *requestServer) cutAll() {
	for _, c := range s.conns {
		if c == nil {
			continue
		}
		c.mu.Lock()
		if !c.closed {
			s.closeConn(c, net.ErrClosed)
		}
		c.mu.Unlock()
	}
}
