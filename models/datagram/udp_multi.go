package datagram

import (
	"cmp"
	"runtime"

	"connbench/models"
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

func openUDPMulti(cfg models.Config) (models.Server, error) {
	if runtime.GOOS != "linux" {
		return nil, serving.Unsupported("SO_REUSEPORT spreads datagrams on Linux only")
	}
	conns, err := serving.BindShared(&cfg, cmp.Or(cfg.Loops, runtime.GOMAXPROCS(0)))
	if err != nil {
		return nil, err
	}
	return newUDPServer(cfg, conns...), nil
}
