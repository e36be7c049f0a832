package models

import (
	"net"

	"connbench/models/kernel"
)

// ListenRaw is [Engine.Listen] for engines that take a descriptor, which is
// non-blocking and the caller's to close, as the file of a Unix socket is to remove.
func (e *Engine) ListenRaw() (fd int, addr net.Addr, err error) {
	l, err := e.Listen()
	if err != nil {
		return -1, nil, err
	}
	fd, err = kernel.DetachListener(l)
	return fd, l.Addr(), err
}

// Prepare sets on a descriptor that an engine has accepted what it did not inherit
// from the listener.
func (e *Engine) Prepare(fd int) error {
	return e.cfg.socketOptions().ApplyRaw(e.cfg.Network, fd)
}
