package datagram_test

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"syscall"
	"testing"

	"connbench/models"
	"connbench/models/datagram"
	"connbench/models/modeltest"
)

func TestUDPMulti(t *testing.T) {
	for _, loops := range []int{1, 3} {
		t.Run(fmt.Sprintf("loops %d", loops), func(t *testing.T) {
			modeltest.Run(t, datagram.UDPMulti, func(c *models.Config) { c.Loops = loops })
		})
	}
}

// The sockets are at one address, whether it names a host or not and whatever port
// the kernel has chosen, and the clients are spread over them.
func TestUDPMultiSharesOutClients(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "localhost:0", ":0"} {
		t.Run(address, func(t *testing.T) {
			s := listenUDP(t, datagram.UDPMulti, func(c *models.Config) { c.Address, c.Loops = address, 3 })
			go s.Serve()
			_, port, err := net.SplitHostPort(s.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			const clients = 64 // all at one socket once in 3^63 times
			for range clients {
				exchangeDatagram(t, net.JoinHostPort("127.0.0.1", port))
			}
			if err := s.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := s.(models.Counting).Counters()
			if got["received"] != clients || got["sent"] != clients {
				t.Errorf("counts are %v, want %d received and sent", got, clients)
			}
			if busiest := got["received_busiest"]; busiest < clients/3 || busiest == clients {
				t.Errorf("the busiest socket has received %d of %d", busiest, clients)
			}
		})
	}
}

func exchangeDatagram(t *testing.T, address string) {
	t.Helper()
	c := dialUDP(t, address)
	if _, err := c.Write([]byte("ping")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 10)
	if n, err := c.Read(buf); err != nil || string(buf[:n]) != "ping" {
		t.Fatalf("read %q, %v", buf[:n], err)
	}
}

// Another server gets the port only if both were told to share it.
func TestUDPMultiKeepsItsPort(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("spreads datagrams on Linux only")
	}
	for _, share := range []bool{false, true} {
		t.Run(fmt.Sprintf("reuseport %v", share), func(t *testing.T) {
			first := listenUDP(t, datagram.UDPMulti, func(c *models.Config) { c.ReusePort = share })
			cfg := overUDP()
			cfg.Address, cfg.ReusePort = first.Addr().String(), share
			second, err := datagram.UDPMulti.Listen(cfg)
			if err == nil {
				second.Shutdown(t.Context())
			}
			if share != (err == nil) || !share && !errors.Is(err, syscall.EADDRINUSE) {
				t.Errorf("a second server on the port: %v", err)
			}
		})
	}
}
