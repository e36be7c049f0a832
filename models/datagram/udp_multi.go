package datagram

import (
	"cmp"
	"net"
	"runtime"

	"connbench/models"
	"connbench/models/kernel"
	"connbench/models/serving"
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
		return nil, serving.Unsupported("SO_REUSEPORT spreads datagrams on Linux only")
	}
	var conns []*net.UDPConn
	address, options := cfg.Address, cfg.SocketOptions()
	for len(conns) < cmp.Or(cfg.Loops, runtime.GOMAXPROCS(0)) {
		c, err := kernel.ListenPacket(address, options)
		if err == nil {
			conns = append(conns, c)
			err = kernel.SharePort(c)
		}
		if err != nil {
			for _, c := range conns {
				c.Close()
			}
			return nil, err
		}
		address, options.ReusePort = c.LocalAddr().String(), true
	}
	return newUDPServer(cfg, conns...), nil
}
