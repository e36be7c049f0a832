package serving

import (
	"net"
	"os"

	"connbench/models"
	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// ListenRaw opens cfg's listening socket for those that accept from a descriptor; -1
// stands for none. [CloseRaw] closes it.
func ListenRaw(cfg *models.Config) (fd int, addr net.Addr, err error) {
	l, err := kernel.Listen(cfg.Network, cfg.Address, cfg.SocketOptions())
	if err != nil {
		return -1, nil, err
	}
	fd, err = kernel.DetachListener(l)
	return fd, l.Addr(), err
}

// ListenShared opens n listening sockets on one TCP address, whose connections the
// kernel spreads over them. The first decides the port, and has it to itself until it
// is open, unless cfg wants it shared: others that take the same port would go
// unnoticed.
func ListenShared(cfg *models.Config, n int) ([]*net.TCPListener, error) {
	var all []*net.TCPListener
	address, options := cfg.Address, cfg.SocketOptions()
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

// CloseRaw closes the listening socket *fd of addr and notes that. It may be called
// again.
func CloseRaw(fd *int, addr net.Addr) {
	if *fd < 0 {
		return
	}
	unix.Close(*fd)
	*fd = -1
	if addr.Network() == "unix" {
		os.Remove(addr.String())
	}
}
