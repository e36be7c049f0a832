package kernel

import (
	"fmt"
	"net"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Try asks the kernel for the options on sockets of its own, which it closes again, and
// returns what took effect; the backlog is 0 on udp. Network is tcp, unix or udp. Where an
// option is 0 it is the size that a socket begins with, which TCP then changes as needed.
// The error wraps [errors.ErrUnsupported] where the system does not say.
func Try(network string, o SocketOptions) (e Effective, err error) {
	domain, kind := unix.AF_INET, unix.SOCK_STREAM
	switch network {
	case "unix":
		domain = unix.AF_UNIX
	case "udp":
		kind = unix.SOCK_DGRAM
	}
	fd, err := unix.Socket(domain, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return e, os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	if err := o.setBuffers(fd); err != nil {
		return e, err
	}
	if e, err = effective(fd); err != nil || network == "udp" {
		return e, err
	}
	e.Backlog, err = tryBacklog(o)
	return e, err
}

// tryBacklog listens for a moment on a port of loopback: what a backlog is cut to does not
// depend on the kind of socket.
func tryBacklog(o SocketOptions) (int, error) {
	l, err := Listen("tcp", "127.0.0.1:0", SocketOptions{Backlog: o.Backlog})
	if err != nil {
		return 0, err
	}
	defer l.Close()
	e, err := ReadBack("tcp", l.Addr())
	return e.Backlog, err
}

// effective reads a socket's buffers and, if it is one of TCP that listens, its backlog.
func effective(fd int) (e Effective, err error) {
	if e.RecvBuffer, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF); err != nil {
		return e, os.NewSyscallError("getsockopt SO_RCVBUF", err)
	}
	if e.SendBuffer, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF); err != nil {
		return e, os.NewSyscallError("getsockopt SO_SNDBUF", err)
	}
	e.RecvBuffer, e.SendBuffer = e.RecvBuffer/2, e.SendBuffer/2 // the kernel doubles what it is asked for
	if listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && listens != 0 {
		if info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			e.Backlog = int(info.Sacked) // of one that listens it is sk_max_ack_backlog
		}
	}
	return e, nil
}

// ReadBack is what took effect of the socket of this process that listens at an address
// of the network, or is bound to it if that is udp. The backlog of a unix socket, which
// the kernel does not tell its owner, is 0. The error wraps [os.ErrNotExist] where this
// process has no such socket, and [errors.ErrUnsupported] where the system does not say.
func ReadBack(network string, address net.Addr) (Effective, error) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return Effective{}, err
	}
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		if err == nil && serves(fd, network, address) {
			return effective(fd)
		}
	}
	return Effective{}, fmt.Errorf("a socket of this process at %s %v: %w", network, address, os.ErrNotExist)
}

// serves reports whether a descriptor is a socket that takes what comes to an address.
func serves(fd int, network string, address net.Addr) bool {
	name, err := unix.Getsockname(fd)
	if err != nil {
		return false // another kind of file
	}
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || (kind == unix.SOCK_DGRAM) != (network == "udp") {
		return false
	}
	if listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err != nil || (listens != 0) != (network != "udp") {
		return false
	}
	port := 0
	switch a := address.(type) {
	case *net.UnixAddr:
		path, ok := name.(*unix.SockaddrUnix)
		return ok && path.Name == a.Name
	case *net.TCPAddr:
		port = a.Port
	case *net.UDPAddr:
		port = a.Port
	}
	switch n := name.(type) {
	case *unix.SockaddrInet4:
		return n.Port == port
	case *unix.SockaddrInet6:
		return n.Port == port
	}
	return false
}
