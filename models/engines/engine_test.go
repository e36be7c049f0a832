package models

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"connbench/models/wire"
)

// failing is a listener that returns errors, and is then closed.
type failing struct {
	net.Listener
	errs []error
}

func (l *failing) Accept() (net.Conn, error) {
	if len(l.errs) == 0 {
		return nil, net.ErrClosed
	}
	err := l.errs[0]
	l.errs = l.errs[1:]
	return nil, err
}

func TestEngineAccept(t *testing.T) {
	e := NewEngine(DefaultConfig())
	l := &failing{errs: []error{syscall.EMFILE, syscall.ECONNABORTED, syscall.ENOMEM}}
	if c, err := e.Accept(l); c != nil || !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept returned %v, %v", c, err)
	}
	if got := e.Counters()["backoff"]; got != 2 {
		t.Errorf("it backed off %d times, want 2", got)
	}
}

func TestEngineAcceptSetsOptions(t *testing.T) {
	cfg := DefaultConfig()
	cfg.NoDelay = false
	e := NewEngine(cfg)
	l, err := e.Listen()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	peer, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	c, err := e.Accept(l)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	delay := -1
	raw.Control(func(fd uintptr) {
		delay, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_NODELAY)
	})
	if err != nil || delay != 0 {
		t.Errorf("TCP_NODELAY is %d, %v", delay, err)
	}
}

// Sessions that share memory do not share their streams.
func TestEngineSessions(t *testing.T) {
	newSession := NewEngine(DefaultConfig()).NewSessions()
	a, b := newSession(), newSession()
	for i, s := range []*Session{&a, &b} {
		frame := wire.AppendFrame(nil, bytes.Repeat([]byte{byte(i)}, 100))
		s.Replies(frame[:50])
	}
	for i, s := range []*Session{&a, &b} {
		frame := wire.AppendFrame(nil, bytes.Repeat([]byte{byte(i)}, 100))
		if !s.Partial() {
			t.Errorf("session %d is not inside a request", i)
		}
		first, whole, err := s.Replies(frame[50:])
		if !bytes.Equal(first, frame) || len(whole) > 0 || err != nil || s.Partial() {
			t.Errorf("session %d replies %q and %q, %v", i, first, whole, err)
		}
	}
}

func TestEngineFinish(t *testing.T) {
	e := NewEngine(DefaultConfig())
	if !e.Begin() || e.IsDraining() {
		t.Fatal("a new engine does not begin")
	}
	go func() {
		<-e.Draining()
		e.Ended(ErrDrained, false)
		<-e.Cutting()
		e.Ended(net.ErrClosed, true)
		e.Ended(io.EOF, true)
		e.End()
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	for range 2 {
		if err := e.Finish(ctx, func() { t.Error("what was served is released") }); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}
	got := e.Counters()
	if got["clean"] != 1 || got["cut"] != 1 || got["truncated"] != 1 {
		t.Errorf("counted %v", got)
	}
}
