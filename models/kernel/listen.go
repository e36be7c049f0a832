package kernel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// SocketOptions are the kernel's knobs of a listening socket and of those it
// accepts. Sizes are in bytes; a zero size leaves the kernel's default, which
// for the buffers of TCP is autotuning.
type SocketOptions struct {
	RecvBuffer int // SO_RCVBUF; the kernel doubles it for its own bookkeeping
	SendBuffer int // SO_SNDBUF; likewise
	Backlog    int // connections not yet accepted; capped by net.core.somaxconn
	Nagle      bool
	ReuseAddr  bool // SO_REUSEADDR, of stream sockets
	ReusePort  bool
}

// Listen listens on a TCP or Unix stream socket. Multipath TCP, which Go turns
// on for listeners, and keep-alive stay off: both cost on every connection and
// neither is what is compared.
func Listen(network, address string, o SocketOptions) (net.Listener, error) {
	lc := net.ListenConfig{Control: o.control, KeepAlive: -1}
	lc.SetMultipathTCP(false)
	if network == "unix" {
		removeStale(address)
	}
	l, err := lc.Listen(context.Background(), asAsked(network, address), address)
	if err != nil || o.Backlog == 0 {
		return l, err
	}
	// Listening once more changes nothing but the backlog.
	err = control(l.(syscall.Conn), func(fd int) error {
		return wrap("backlog", unix.Listen(fd, o.Backlog))
	})
	if err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// asAsked is the network on which to listen at address. Go takes 0.0.0.0 for every
// address, IPv6's too; here it is every one of IPv4, and [::] what the kernel makes of it.
func asAsked(network, address string) string {
	if a, err := netip.ParseAddrPort(address); err == nil && a.Addr().Is4() {
		return network + "4"
	}
	return network
}

// removeStale removes the file of a Unix socket whose server is gone, killed
// before it could: nobody can connect to it, and nobody else could ever listen.
func removeStale(path string) {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		c.Close()
		return
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		os.Remove(path)
	}
}

// ListenPacket binds a UDP socket.
func ListenPacket(address string, o SocketOptions) (*net.UDPConn, error) {
	lc := net.ListenConfig{Control: o.control}
	c, err := lc.ListenPacket(context.Background(), asAsked("udp", address), address)
	if err != nil {
		return nil, err
	}
	return c.(*net.UDPConn), nil
}

// Apply sets on an accepted connection what it did not inherit from its
// listener: for TCP the Nagle that Go switches off anew, and for Unix sockets,
// which inherit nothing, the buffers.
func (o SocketOptions) Apply(c net.Conn) error {
	switch c := c.(type) {
	case *net.TCPConn:
		if o.Nagle {
			return c.SetNoDelay(false)
		}
	case *net.UnixConn:
		if o.RecvBuffer > 0 || o.SendBuffer > 0 {
			return control(c, o.setBuffers)
		}
	}
	return nil
}

// ApplyRaw is [SocketOptions.Apply] for a descriptor accepted without Go.
func (o SocketOptions) ApplyRaw(network string, fd int) error {
	if network == "unix" {
		return o.setBuffers(fd)
	}
	return nil
}

func (o SocketOptions) control(network, _ string, c syscall.RawConn) error {
	return inControl(c, func(fd int) error { return o.set(network, fd) })
}

func (o SocketOptions) set(network string, fd int) error {
	if err := o.setBuffers(fd); err != nil {
		return err
	}
	if network == "unix" {
		return nil
	}
	// On UDP it would let a second server take the port, unnoticed.
	if !strings.HasPrefix(network, "udp") {
		if err := setFlag(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, "SO_REUSEADDR", o.ReuseAddr); err != nil {
			return err
		}
	}
	if o.ReusePort {
		if err := setFlag(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, "SO_REUSEPORT", true); err != nil {
			return err
		}
	}
	if network == "tcp4" || network == "tcp6" || network == "tcp" {
		return setFlag(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, "TCP_NODELAY", !o.Nagle)
	}
	return nil
}

func (o SocketOptions) setBuffers(fd int) error {
	if o.RecvBuffer > 0 {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, o.RecvBuffer); err != nil {
			return wrap("SO_RCVBUF", err)
		}
	}
	if o.SendBuffer > 0 {
		return wrap("SO_SNDBUF", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, o.SendBuffer))
	}
	return nil
}

func setFlag(fd, level, option int, name string, on bool) error {
	value := 0
	if on {
		value = 1
	}
	return wrap(name, unix.SetsockoptInt(fd, level, option, value))
}

func control(c syscall.Conn, f func(fd int) error) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	return inControl(raw, f)
}

func inControl(raw syscall.RawConn, f func(fd int) error) (err error) {
	if e := raw.Control(func(fd uintptr) { err = f(int(fd)) }); e != nil {
		return e
	}
	return err
}

// ReadNow reads what has arrived at a stream socket, whatever deadline is set on
// it. Where that is nothing, it returns an error wrapping [syscall.EAGAIN]; at
// the end of the stream, [io.EOF].
func ReadNow(c syscall.Conn, p []byte) (n int, err error) {
	err = control(c, func(fd int) error {
		var err error
		n, _, err = unix.Recvfrom(fd, p, unix.MSG_DONTWAIT)
		return os.NewSyscallError("recvfrom", err)
	})
	switch {
	case err != nil:
		return 0, err
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

func wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("set %s: %w", what, err)
	}
	return nil
}
