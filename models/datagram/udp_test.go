package datagram_test

import (
	"errors"
	"net"
	"testing"
	"time"

	"connbench/models"
	"connbench/models/datagram"
	"connbench/models/modeltest"
)

func TestUDP(t *testing.T) { modeltest.Run(t, datagram.UDP) }

// overUDP is a valid Config.
func overUDP() models.Config {
	cfg := models.DefaultConfig()
	cfg.Network = "udp"
	return cfg
}

// listenUDP opens a server of m.
func listenUDP(t *testing.T, m models.Model, tweak func(*models.Config)) models.Server {
	t.Helper()
	cfg := overUDP()
	tweak(&cfg)
	s, err := m.Listen(cfg)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Shutdown(t.Context()) })
	return s
}

func dialUDP(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(30 * time.Second))
	return c
}

// Each datagram that was sent over the loopback interface has been received or is
// counted as dropped, before the server serves, while it does and afterwards.
func TestUDPCountsDrops(t *testing.T) {
	const sent = 1000
	for _, m := range []models.Model{datagram.UDP, datagram.UDPMulti, datagram.UDPBatch} {
		t.Run(m.Name, func(t *testing.T) {
			s := listenUDP(t, m, func(c *models.Config) { c.RecvBuffer = 16 << 10 })
			counts := s.(models.Counting).Counters
			if _, ok := counts()["dropped"]; !ok {
				t.Skip("the kernel does not say")
			}
			c := dialUDP(t, s.Addr().String())
			for range sent {
				if _, err := c.Write(make([]byte, 100)); err != nil {
					t.Fatal(err)
				}
			}
			dropped := counts()["dropped"]
			if dropped == 0 || dropped >= sent {
				t.Errorf("dropped %d of %d that nobody takes", dropped, sent)
			}
			go s.Serve()
			for deadline := time.Now().Add(30 * time.Second); counts()["received"]+dropped < sent && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
			if err := s.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := counts()
			if got["dropped"] != dropped || got["received"] != sent-dropped || got["sent"] != got["received"] {
				t.Errorf("counts are %v, want %d dropped of %d and the others received and answered", got, dropped, sent)
			}
		})
	}
}
