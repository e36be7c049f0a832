package serving

import (
	"io"
	"net"
	"syscall"

	"connbench/models"
	"connbench/models/kernel"
)

// ListenShared opens n listening sockets on one TCP address, whose connections the
// kernel spreads over them, by a hash.
func ListenShared(cfg *models.Config, n int) ([]*net.TCPListener, error) {
	return shared(cfg, n, func(address string, o kernel.SocketOptions) (*net.TCPListener, net.Addr, error) {
		l, err := kernel.Listen(cfg.Network, address, o)
		if err != nil {
			return nil, nil, err
		}
		return l.(*net.TCPListener), l.Addr(), nil
	})
}

// BindShared is ListenShared of UDP.
func BindShared(cfg *models.Config, n int) ([]*net.UDPConn, error) {
	return shared(cfg, n, func(address string, o kernel.SocketOptions) (*net.UDPConn, net.Addr, error) {
		c, err := kernel.ListenPacket(address, o)
		if err != nil {
			return nil, nil, err
		}
		return c, c.LocalAddr(), nil
	})
}

// shared opens n sockets on one port. The first decides the port, and has it to itself until it
// is open, unless cfg wants it shared: with SO_REUSEPORT from the start, two servers would take
// the same port, unnoticed, even when they ask for any free one.
func shared[S interface {
	syscall.Conn
	io.Closer
}](cfg *models.Config, n int, open func(address string, o kernel.SocketOptions) (S, net.Addr, error)) ([]S, error) {
	var all []S
	address, options := cfg.Address, cfg.SocketOptions()
	for len(all) < n {
		s, at, err := open(address, options)
		if err == nil {
			all = append(all, s)
			err = kernel.SharePort(s)
		}
		if err != nil {
			for _, s := range all {
				s.Close()
			}
			return nil, err
		}
		address, options.ReusePort = at.String(), true
	}
	return all, nil
}
