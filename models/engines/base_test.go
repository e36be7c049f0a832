package engines

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"connbench/models"
	"connbench/models/serving"
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

func TestBaseAccept(t *testing.T) {
	e := newBase(models.DefaultConfig())
	l := &failing{errs: []error{syscall.EMFILE, syscall.ECONNABORTED, syscall.ENOMEM}}
	if c, err := e.acceptFrom(l); c != nil || !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept returned %v, %v", c, err)
	}
	if got := e.Counters()["backoff"]; got != 2 {
		t.Errorf("it backed off %d times, want 2", got)
	}
}

func TestBaseAcceptSetsOptions(t *testing.T) {
	cfg := models.DefaultConfig()
	cfg.NoDelay = false
	e := newBase(cfg)
	l, err := e.listen()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	peer, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	c, err := e.acceptFrom(l)
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
func TestBaseSessions(t *testing.T) {
	newSession := newBase(models.DefaultConfig()).newSessions()
	a, b := newSession(), newSession()
	for i, s := range []*serving.Session{&a, &b} {
		frame := wire.AppendFrame(nil, bytes.Repeat([]byte{byte(i)}, 100))
		s.Replies(frame[:50])
	}
	for i, s := range []*serving.Session{&a, &b} {
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

func TestBaseFinish(t *testing.T) {
	e := newBase(models.DefaultConfig())
	if !e.Begin() || e.Stopping() {
		t.Fatal("a new base does not begin")
	}
	go func() {
		<-e.Stop
		e.Ended(serving.ErrDrained, false)
		<-e.cutting.C
		e.Ended(net.ErrClosed, true)
		e.Ended(io.EOF, true)
		e.End()
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	for range 2 {
		if err := e.finish(ctx, func() { t.Error("what was served is released") }); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}
	got := e.Counters()
	if got["clean"] != 1 || got["cut"] != 1 || got["truncated"] != 1 {
		t.Errorf("counted %v", got)
	}
}
