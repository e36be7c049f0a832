package models

import (
	"net"
	"os"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// listenRaw opens cfg's listening socket for those that accept from a descriptor; -1
// stands for none. [closeRaw] closes it.
func listenRaw(cfg *Config) (fd int, addr net.Addr, err error) {
	l, err := kernel.Listen(cfg.Network, cfg.Address, cfg.socketOptions())
	if err != nil {
		return -1, nil, err
	}
	fd, err = kernel.DetachListener(l)
	return fd, l.Addr(), err
}

// listenShared opens n listening sockets on one TCP address, whose connections the
// kernel spreads over them. The first decides the port, and has it to itself until it
// is open, unless cfg wants it shared: others that take the same port would go
// unnoticed.
func listenShared(cfg *Config, n int) ([]*net.TCPListener, error) {
	var all []*net.TCPListener
	address, options := cfg.Address, cfg.socketOptions()
	for len(all) < n {
		l, err := kernel.Listen(cfg.Network, address, options)
		if err == nil {
			all = append(all, l.(*net.TCPListener))
			err = kernel.SharePort(all[len(all)-1])
		}
		if err != nil {
			for _, l := range all {
				l.Close()
			}
			return nil, err
		}
		address, options.ReusePort = l.Addr().String(), true
	}
	return all, nil
}

// closeRaw closes the listening socket *fd of addr and notes that. It may be called
// again.
func closeRaw(fd *int, addr net.Addr) {
	if *fd < 0 {
		return
	}
	unix.Close(*fd)
	*fd = -1
	if addr.Network() == "unix" {
		os.Remove(addr.String())
	}
}
