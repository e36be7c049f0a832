package completion

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"connbench/models"
	"connbench/models/modeltest"

	"golang.org/x/sys/unix"
)

func TestUringDirect(t *testing.T) {
	modeltest.RunSetting(t, Uring, func(c *models.Config) { c.Direct = true })
}

// Where a table of files is full, another ring takes the connections, until there is room
// again; all are served, and Shutdown ends those of every ring.
func TestUringDirectInManyTables(t *testing.T) {
	const places, clients, rounds = 3, 20, 3
	before := uringPlaces
	uringPlaces = places
	defer func() { uringPlaces = before }()
	cfg := models.DefaultConfig()
	cfg.Direct = true
	opened, err := Uring.Listen(cfg)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := opened.(*uringServer)
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	var conns []net.Conn
	for range rounds {
		for _, c := range conns {
			c.Close()
		}
		conns = nil
		for i := range clients {
			c, err := net.Dial("tcp", s.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			conns = append(conns, c)
			ask(t, c, byte(i))
		}
	}
	for i, c := range conns {
		ask(t, c, byte(i))
	}
	s.mu.Lock()
	if rings := len(s.rings); rings < clients/places || rings > rounds*clients/places+1 {
		t.Errorf("%d rings of %d places for %d clients", rings, places, clients)
	}
	s.mu.Unlock()
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if n := s.Accepted.Load(); n != rounds*clients || s.Clean.Load() != n {
		t.Errorf("%d clients: %v", rounds*clients, s.Counters())
	}
	if _, err := conns[0].Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("after Shutdown: %v", err)
	}
}

// ask has a request of one byte answered.
func ask(t *testing.T, c net.Conn, what byte) {
	t.Helper()
	request, reply := []byte{0, 0, 0, 1, what}, make([]byte, 5)
	if _, err := c.Write(request); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, reply); err != nil || !bytes.Equal(reply, request) {
		t.Fatalf("%v came back (%v)", reply, err)
	}
}

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

// Of connections that found no buffer as many receive again as there are buffers, the
// first ones first: each of the others would cost a step of the ring and find none.
func TestUringFeedsAsManyAsThereAreBuffers(t *testing.T) {
	const starving, buffers = 100, 2
	s, l := idleLoop(t)
	l.given = buffers
	for fd := range starving {
		c := &uringConn{fd: fd, session: l.shared.Session(), loan: -1}
		l.conns, l.starving = append(l.conns, c), append(l.starving, c)
	}
	l.feed()
	for fd, c := range l.conns {
		if c.receiving != (fd < buffers) {
			t.Errorf("number %d receives: %v", fd, c.receiving)
		}
	}
	if len(l.starving) != starving-buffers || !l.hurry {
		t.Errorf("%d starve, and are waited for: %v", len(l.starving), !l.hurry)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// idleLoop is the loop of a server that does not serve.
func idleLoop(t *testing.T) (*uringServer, *uringLoop) {
	t.Helper()
	opened, err := Uring.Listen(models.DefaultConfig())
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := opened.(*uringServer)
	return s, newUringLoop(s, s.rings[0])
}
