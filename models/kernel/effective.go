package kernel

import "net"

// Effective is what the kernel has made of the options of a server's socket. Sizes are in
// bytes as they are asked for, half of what the kernel sets aside and says; 0 is not known.
type Effective struct {
	RecvBuffer int `json:"rcvbuf_bytes,omitempty"`
	SendBuffer int `json:"sndbuf_bytes,omitempty"`
	Backlog    int `json:"backlog,omitempty"` // connections not yet accepted
}

// Try asks the kernel for the options on sockets of its own, which it closes again, and
// returns what took effect; the backlog is 0 on udp. Network is tcp, unix or udp. Where an
// option is 0 it is the size that a socket begins with, which TCP then changes as needed.
// The error wraps [errors.ErrUnsupported] where the system does not say.
func Try(network string, o SocketOptions) (Effective, error) { return try(network, o) }

// ReadBack is what took effect of the socket of this process that listens at an address
// of the network, or is bound to it if that is udp. The backlog of a unix socket, which
// the kernel does not tell its owner, is 0. The error wraps [os.ErrNotExist] where this
// process has no such socket, and [errors.ErrUnsupported] where the system does not say.
func ReadBack(network string, address net.Addr) (Effective, error) {
	return readBack(network, address)
}
