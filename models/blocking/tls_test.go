package blocking_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"connbench/models"
	"connbench/models/blocking"
	"connbench/models/modeltest"
	"connbench/models/wire"
)

func overTLS(c *models.Config) { c.TLS = true }

func TestGoroutineTLS(t *testing.T) { modeltest.RunSetting(t, blocking.Goroutine, overTLS) }

func TestSequentialTLS(t *testing.T) { modeltest.RunSetting(t, blocking.Sequential, overTLS) }

// tlsServer is one that runs until the test ends.
func tlsServer(t *testing.T, m models.Model, network string, tweak func(*models.Config)) models.Server {
	t.Helper()
	cfg := models.DefaultConfig()
	cfg.TLS, cfg.Network = true, network
	if network == "unix" {
		cfg.Address = t.TempDir() + "/s"
	}
	if tweak != nil {
		tweak(&cfg)
	}
	s, err := m.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		over, cancel := context.WithCancel(context.Background())
		cancel()
		s.Shutdown(over)
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return s
}

func dialPlain(t *testing.T, s models.Server) net.Conn {
	t.Helper()
	c, err := net.Dial(s.Addr().Network(), s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// echo makes one round trip.
func echo(c net.Conn, payload string) error {
	request := wire.AppendFrame(nil, []byte(payload))
	if _, err := c.Write(request); err != nil {
		return err
	}
	reply := make([]byte, len(request))
	if _, err := io.ReadFull(c, reply); err != nil || string(reply) != string(request) {
		return errors.Join(errors.New("no answer"), err)
	}
	return nil
}

// Every model on net.Conn speaks TLS 1.3 and nothing older, with a certificate that
// holds for the loopback's names.
func TestTLS(t *testing.T) {
	for _, m := range []models.Model{blocking.Sequential, blocking.Goroutine, blocking.Pool, blocking.ThreadNetpoll} {
		for _, network := range m.Networks {
			t.Run(m.Name+"/"+network, func(t *testing.T) {
				s := tlsServer(t, m, network, nil)
				c := tls.Client(dialPlain(t, s), &tls.Config{InsecureSkipVerify: true})
				if err := echo(c, "hello"); err != nil {
					t.Fatal(err)
				}
				state := c.ConnectionState()
				if state.Version != tls.VersionTLS13 || state.DidResume {
					t.Errorf("version %s, resumed %v", tls.VersionName(state.Version), state.DidResume)
				}
				checkCertificate(t, state.PeerCertificates[0])
				c.Close()
				old := tls.Client(dialPlain(t, s), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12})
				if err := old.Handshake(); err == nil {
					t.Error("speaks TLS 1.2")
				}
			})
		}
	}
}

// awaitOne waits until a connection has ended in class.
func awaitOne(t *testing.T, s models.Server, class string) {
	t.Helper()
	counters := s.(models.Counting).Counters
	for start := time.Now(); counters()[class] == 0; time.Sleep(time.Millisecond) {
		if time.Since(start) > 20*time.Second {
			t.Fatalf("none has ended as %s: %v", class, counters())
		}
	}
}

func checkCertificate(t *testing.T, c *x509.Certificate) {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(c)
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		if _, err := c.Verify(x509.VerifyOptions{DNSName: name, Roots: roots}); err != nil {
			t.Errorf("the certificate does not hold for %s: %v", name, err)
		}
	}
}

// Whoever does not get through the handshake ends in a class, and nobody else notices.
func TestTLSFailedHandshakes(t *testing.T) {
	const handshake = 500 * time.Millisecond        // is enough for one on a busy machine
	hello := []byte{22, 3, 1, 0, 200, 1, 0, 0, 196} // the beginning of a client's
	tests := []struct {
		name, class string
		idle        time.Duration
		behave      func(net.Conn)
	}{
		{"leaves at once", "clean", 0, func(c net.Conn) { c.Close() }},
		{"leaves inside it", "truncated", 0, func(c net.Conn) { c.Write(hello); c.Close() }},
		{"resets inside it", "reset", 0, func(c net.Conn) { c.Write(hello); c.(*net.TCPConn).SetLinger(0); c.Close() }},
		{"speaks no TLS", "failed", 0, func(c net.Conn) { echo(c, "hello") }},
		{"speaks an old one", "failed", 0, func(c net.Conn) {
			tls.Client(c, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}).Handshake()
		}},
		{"says nothing", "idle", handshake, func(net.Conn) {}},
		{"stops inside it", "idle", handshake, func(c net.Conn) { c.Write(hello) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := tlsServer(t, blocking.Goroutine, "tcp", func(c *models.Config) { c.IdleTimeout = tt.idle })
			tt.behave(dialPlain(t, s))
			awaitOne(t, s, tt.class)
			if err := echo(tls.Client(dialPlain(t, s), &tls.Config{InsecureSkipVerify: true}), "all well?"); err != nil {
				t.Error(err)
			}
		})
	}
}

// heldConn keeps back all but the first bytes of what is written while hold is set.
type heldConn struct {
	net.Conn
	hold int // how many of the first bytes go out; 0 for all
	held []byte
}

func (c *heldConn) Write(p []byte) (int, error) {
	if c.hold == 0 {
		return c.Conn.Write(p)
	}
	c.held = append(c.held, p[c.hold:]...)
	_, err := c.Conn.Write(p[:c.hold])
	return len(p), err
}

// A record that has begun to arrive when Shutdown begins is waited for, read or not,
// although none of its bytes can be told before all are there.
func TestTLSShutdownFinishesRecord(t *testing.T) {
	for _, hold := range []int{1, 4, 5, 20} {
		s := tlsServer(t, blocking.Goroutine, "unix", nil)
		held := &heldConn{Conn: dialPlain(t, s)}
		c := tls.Client(held, &tls.Config{InsecureSkipVerify: true})
		if err := echo(c, "hello"); err != nil {
			t.Fatal(err)
		}
		held.hold = hold
		request := wire.AppendFrame(nil, []byte("begun and finished"))
		if _, err := c.Write(request); err != nil {
			t.Fatal(err)
		}
		over := make(chan error, 1)
		go func() { over <- s.Shutdown(context.Background()) }()
		for { // until no further connection is taken
			other, err := net.Dial("unix", s.Addr().String())
			if err != nil {
				break
			}
			other.Close()
		}
		if _, err := held.Conn.Write(held.held); err != nil {
			t.Fatal(err)
		}
		reply, err := io.ReadAll(c)
		if err != nil || string(reply) != string(request) {
			t.Errorf("with %d bytes of the record ahead: got %q, %v", hold, reply, err)
		}
		if err := <-over; err != nil {
			t.Error(err)
		}
	}
}

// Shutdown does not wait for a handshake: no request can have begun.
func TestTLSShutdownInsideHandshake(t *testing.T) {
	s := tlsServer(t, blocking.Goroutine, "tcp", nil)
	c := dialPlain(t, s)
	c.Write([]byte{22, 3, 1, 0, 200, 1, 0, 0, 196})
	for s.(models.Counting).Counters()["accepted"] == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	awaitOne(t, s, "clean")
}
