package modeltest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"connbench/models/wire"

	"golang.org/x/sync/errgroup"
)

// client is a connection to a server under test. Methods that take no t return errors, so
// that they can be used in any goroutine.
type client struct {
	net.Conn
	reworded *reworded // nil where the server's words are to be our own
}

func (c *client) Read(p []byte) (int, error) {
	if c.reworded != nil {
		return c.reworded.Read(p)
	}
	return c.Conn.Read(p)
}

// connect opens a connection, which fails rather than hangs.
func (s *server) connect() (*client, error) {
	return s.connectBy(net.Dialer{Timeout: patience})
}

func (s *server) connectBy(by net.Dialer) (*client, error) {
	addr := s.Addr()
	c, err := by.Dial(addr.Network(), addr.String())
	if err != nil {
		return nil, err
	}
	c.SetDeadline(time.Now().Add(patience))
	made := &client{Conn: s.secure(c)}
	if web(s.target) && s.target.lack(ownWords) != "" {
		made.reworded = &reworded{from: made.Conn}
	}
	return made, nil
}

// dial is connect for the goroutine of the test, whose end closes it.
func (s *server) dial(t *testing.T) *client {
	t.Helper()
	return s.dialBy(t, net.Dialer{Timeout: patience})
}

func (s *server) dialBy(t *testing.T, by net.Dialer) *client {
	t.Helper()
	c, err := s.connectBy(by)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func (s *server) visit(do func(*client) error) error {
	c, err := s.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	return do(c)
}

// greeted is a client that has been answered once, and so is being served.
func (s *server) greeted(t *testing.T) *client {
	t.Helper()
	c := s.dial(t)
	check(t, c.exchange(s.target.message(payload(10, 0))))
	return c
}

func (s *server) crowd(t *testing.T, n int) []*client {
	t.Helper()
	clients := make([]*client, n)
	for i := range clients {
		clients[i] = s.greeted(t)
	}
	return clients
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (c *client) send(t *testing.T, b []byte) {
	t.Helper()
	_, err := c.Write(b)
	check(t, err)
}

func (c *client) receive(t *testing.T, reply []byte) {
	t.Helper()
	_, err := c.expect(reply)
	check(t, err)
}

// payload is n bytes that only the same seed gives.
func payload(n, seed int) []byte {
	var key [32]byte
	wire.PutHeader(key[:], seed)
	b := make([]byte, n)
	rand.NewChaCha8(key).Read(b)
	return b
}

// exchange sends m's requests and expects its replies. It reads while it
// writes, so that neither side waits for the other to read.
func (c *client) exchange(m message) error {
	_, err := c.exchanged(m)
	return err
}

// exchanged is exchange that says how much of the replies has come.
func (c *client) exchanged(m message) (int, error) {
	sent := make(chan error, 1)
	go func() {
		_, err := c.Write(m.request)
		sent <- err
	}()
	n, err := c.expect(m.reply)
	if err != nil {
		c.SetWriteDeadline(time.Unix(1, 0)) // the writer may be stuck
		<-sent
		return n, err
	}
	return n, <-sent
}

var errMismatch = errors.New("reply is not the one to the request")

func (c *client) expect(reply []byte) (int, error) {
	got := make([]byte, len(reply))
	n, err := io.ReadFull(c, got)
	if !bytes.Equal(got[:n], reply[:n]) {
		return n, fmt.Errorf("%w, within %d bytes", errMismatch, n)
	}
	if err != nil {
		return n, fmt.Errorf("reply after %d of %d bytes: %w", n, len(reply), err)
	}
	return n, nil
}

func (c *client) expectEOF() error {
	var b [1]byte
	switch n, err := c.Read(b[:]); {
	case n != 0:
		return fmt.Errorf("read %d bytes, want a clean end", n)
	case err != io.EOF:
		return fmt.Errorf("read no byte, and error %w, want a clean end", err)
	}
	return nil
}

// expectNothing expects that nothing has arrived. It cannot fail for a server
// that is slow.
func (c *client) expectNothing() error {
	c.SetReadDeadline(time.Now().Add(time.Millisecond))
	defer c.SetReadDeadline(time.Now().Add(patience))
	var b [1]byte
	if n, err := c.Read(b[:]); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("read %d bytes and error %v, want nothing yet", n, err)
	}
	return nil
}

// closed reports whether err is how a connection that the server has closed
// looks to its client.
func closed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// abort closes with a reset. A Unix socket has none, and closes.
func (c *client) abort() error {
	if tcp, ok := c.socket().(*net.TCPConn); ok {
		if err := tcp.SetLinger(0); err != nil {
			return err
		}
	}
	return c.socket().Close()
}

func (c *client) closeWrite() error {
	if t, ok := c.Conn.(*tls.Conn); ok {
		return endTLS(t)
	}
	return c.Conn.(interface{ CloseWrite() error }).CloseWrite()
}

// together runs f for 0 to n-1, all at once, and returns the first error.
func together(n int, f func(i int) error) error {
	var group errgroup.Group
	for i := range n {
		group.Go(func() error {
			if err := f(i); err != nil {
				return fmt.Errorf("client %d: %w", i, err)
			}
			return nil
		})
	}
	return group.Wait()
}

func each(t *testing.T, n int, f func(i int) error) {
	t.Helper()
	check(t, together(n, f))
}
