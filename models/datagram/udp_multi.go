package datagram

import (
	"errors"
	"fmt"
	"net"
	"runtime"

	"connbench/models"
	"connbench/models/kernel"
)

// UDPMulti is [UDP] with several sockets at one address, each served by a goroutine of
// its own: one socket lets one goroutine at a time receive. The kernel gives a client's
// datagrams all to the same socket.
var UDPMulti = models.Model{
	Name:     "udp-multi",
	Summary:  "several sockets on one port with SO_REUSEPORT, a goroutine each",
	Networks: []string{"udp"},
	Unit:     "goroutine for many clients",
	Blocking: false,
	Knobs:    append(udpKnobs[:len(udpKnobs):len(udpKnobs)], models.KnobLoops),
	Open:     openUDPMulti,
}

// openUDPMulti opens as many sockets as cfg has loops, or as Go runs threads at once.
// The first has the port to itself until it is open, unless cfg wants it shared: with
// SO_REUSEPORT from the start, two servers would take the same port, unnoticed, even
// when they ask for any free one.
func openUDPMulti(cfg models.Config) (models.Server, error) {
	if runtime.GOOS != "linux" {
		return nil, fmt.Errorf("SO_REUSEPORT spreads datagrams on Linux only, this is %s: %w", runtime.GOOS, errors.ErrUnsupported)
	}
	n := cfg.Loops
	if n == 0 {
		n = runtime.GOMAXPROCS(0)
	}
	first, err := kernel.ListenPacket(cfg.Address, cfg.SocketOptions())
	if err != nil {
		return nil, err
	}
	conns := []*net.UDPConn{first}
	options := cfg.SocketOptions()
	options.ReusePort = true
	if err = kernel.SharePort(first); err == nil {
		for len(conns) < n {
			var c *net.UDPConn
			if c, err = kernel.ListenPacket(first.LocalAddr().String(), options); err != nil {
				break
			}
			conns = append(conns, c)
		}
	}
	if err != nil {
		for _, c := range conns {
			c.Close()
		}
		return nil, err
	}
	return newUDPServer(cfg, conns...), nil
}
