package engines

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/lesismal/nbio"
	"golang.org/x/sys/unix"
)

// nbioListener is a listener with which nbio's accepting begins late, pauses and ends.
// By itself that goes round and round when accepting fails, and can have a connection
// in hand when nbio stops, which then waits for it without end.
type nbioListener struct {
	net.Listener
	engine *base
	called signal     // nbio accepts
	ready  signal     // it may
	parked signal     // it has nothing in hand, and will not accept again
	closed signal     // nbio has closed the listener
	failed chan error // sent once: why accepting has ended before Shutdown
}

func newNbioListener(e *base) (*nbioListener, error) {
	l, err := e.listen()
	if err != nil {
		return nil, err
	}
	return &nbioListener{
		Listener: l,
		engine:   e,
		called:   newSignal(),
		ready:    newSignal(),
		parked:   newSignal(),
		closed:   newSignal(),
		failed:   make(chan error, 1),
	}, nil
}

// Accept returns an error only when nbio has closed the listener.
func (l *nbioListener) Accept() (net.Conn, error) {
	l.called.give()
	select {
	case <-l.ready.C:
	case <-l.closed.C:
	}
	for {
		c, err := l.engine.acceptFrom(l.Listener)
		if err != nil {
			if !l.engine.Stopping() {
				l.failed <- err
			}
			l.parked.give()
			<-l.closed.C
			return nil, err
		}
		if n := l.adopt(c); n != nil {
			return n, nil
		}
	}
}

// refuse stops accepting without nbio's knowledge.
func (l *nbioListener) refuse() {
	l.Listener.Close()
	<-l.parked.C
}

// Close is called by nbio when it stops.
func (l *nbioListener) Close() error {
	l.closed.give()
	return l.Listener.Close()
}

// adopt makes c one of nbio's, for which there has to be a second descriptor. It
// returns nil where that cannot be.
func (l *nbioListener) adopt(c net.Conn) *nbio.Conn {
	for {
		n, err := nbio.NBConn(c)
		switch {
		case err == nil:
			return n
		case l.engine.outOfResources(err) && !l.engine.Stopping():
			time.Sleep(acceptAgain)
		default:
			c.Close()
			return nil
		}
	}
}

// awaitLoops returns when every loop of nbio's runs: one that is told to stop before
// it does forgets that. Each is given a socket, and runs when it reads from it.
func (s *nbioServer) awaitLoops() error {
	<-s.listener.called.C
	var read sync.WaitGroup
	given := map[int]bool{}
	for range 16 * s.nbio.NPoller {
		if len(given) == s.nbio.NPoller {
			read.Wait()
			return nil
		}
		other, n, err := socketPair()
		if err != nil {
			return err
		}
		defer other.Close()
		defer n.Close()
		read.Add(1)
		n.SetSession(&read)
		if _, err := s.nbio.AddConn(n); err != nil {
			return err
		}
		if _, err := other.Write([]byte{0}); err != nil {
			return err
		}
		given[n.Hash()%s.nbio.NPoller] = true
	}
	return errors.New("nbio does not use all of its loops")
}

// socketPair is two ends of a connection, one of them nbio's.
func socketPair() (net.Conn, *nbio.Conn, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	var ends [2]net.Conn
	for i, fd := range fds {
		f := os.NewFile(uintptr(fd), "nbio")
		end, e := net.FileConn(f)
		f.Close()
		ends[i], err = end, errors.Join(err, e)
	}
	var n *nbio.Conn
	if err == nil {
		n, err = nbio.NBConn(ends[1])
	}
	if err != nil {
		for _, end := range ends {
			if end != nil {
				end.Close()
			}
		}
	}
	return ends[0], n, err
}
