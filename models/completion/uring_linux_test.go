package completion

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"connbench/models"

	"golang.org/x/sys/unix"
)

// A listener that is broken ends Serve with an error, and all connections.
func TestUringEndsWithItsListener(t *testing.T) {
	opened, err := Uring.Listen(models.DefaultConfig())
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := opened.(*uringServer)
	listener := s.listener
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for s.Accepted.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	unix.Shutdown(listener, unix.SHUT_RDWR)
	if err := <-served; !errors.Is(err, unix.EINVAL) {
		t.Errorf("Serve returned %v, want that accepting is not possible", err)
	}
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("the connection: %d bytes, %v, want its end", n, err)
	}
	if s.Cut.Load() != 1 {
		t.Errorf("connections ended: %v, want one cut", s.Counters())
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}
