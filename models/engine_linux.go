package models

import (
	"net"
)

// ListenRaw is [Engine.Listen] for engines that take a descriptor, which is
// non-blocking and for [Engine.CloseRaw] to close.
func (e *Engine) ListenRaw() (fd int, addr net.Addr, err error) {
	return listenRaw(&e.cfg)
}

// CloseRaw closes the listening socket *fd of addr, and notes that. It may be called
// again.
func (e *Engine) CloseRaw(fd *int, addr net.Addr) { closeRaw(fd, addr) }

// Prepare sets on a descriptor that an engine has accepted what it did not inherit
// from the listener.
func (e *Engine) Prepare(fd int) error {
	return e.cfg.socketOptions().ApplyRaw(e.cfg.Network, fd)
}
