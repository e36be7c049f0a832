package completion

import (
	"errors"
	"net"
	"testing"
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// A connection whose socket is closed, and whose receive never says so, is ended all the
// same.
func TestUringEndsTheDead(t *testing.T) {
	defer func(d time.Duration) { deadPause = d }(deadPause)
	deadPause = time.Millisecond
	s, l, _ := deadLoop(t)
	ran := make(chan error, 1)
	go func() {
		s.Begin()
		defer s.End()
		defer s.release()
		ran <- l.run()
	}()
	const patience = 30 * time.Second
	for late := time.Now().Add(patience); s.Reset.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("the connection has not ended")
		}
	}
	if err := errors.Join(s.Shutdown(t.Context()), <-ran); err != nil {
		t.Error(err)
	}
}

// What is looked at are connections: places that a peak has left empty take no time.
func TestUringLooksForTheDeadAmongConnections(t *testing.T) {
	s, l, c := deadLoop(t)
	defer unix.Close(c.fd)
	l.conns = append(l.conns, make([]*uringConn, 100*deadLooks)...)
	l.deadNext = c.fd // the last one looked at
	l.lookForDead()
	if c.foundDead != 1 {
		t.Error("it was not found")
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// deadLoop is a loop, which does not run yet, with a connection that its peer has reset.
// No receive was asked for, in the place of one that the kernel forgets.
func deadLoop(t *testing.T) (*uringServer, *uringLoop, *uringConn) {
	t.Helper()
	s, l := idleLoop(t)
	peer, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fd, errno := kernel.WaitAccept(s.listener)
	if errno != 0 {
		t.Fatal(errno)
	}
	peer.(*net.TCPConn).SetLinger(0) // so that it resets
	peer.Close()
	for !kernel.IsClosed(fd) {
		time.Sleep(time.Millisecond)
	}
	c := &uringConn{fd: fd, session: l.shared.Session(), loan: -1, receiving: true}
	l.conns, l.live = make([]*uringConn, fd+1), 1
	l.conns[fd] = c
	return s, l, c
}
