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
