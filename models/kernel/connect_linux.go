package kernel

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"
)

// Target is an address that sockets connect to, resolved once. It is for one
// thread at a time: connecting writes the address in the kernel's form into it.
type Target struct {
	family, kind, protocol int
	address                unix.Sockaddr
	loopback               bool // of IPv4
}

// portsPerSource is how many connections go out from one source address. The kernel
// first gives out the ports of one parity, half of ip_local_port_range or some 14,000, and
// then looks through them all for each further connection: 20,000 from one address
// take several seconds, and from two a fraction of one.
const portsPerSource = 10_000

// ResolveTarget resolves an address of the network tcp, unix or udp.
func ResolveTarget(network, address string) (*Target, error) {
	switch network {
	case "unix":
		return &Target{family: unix.AF_UNIX, kind: unix.SOCK_STREAM, address: &unix.SockaddrUnix{Name: address}}, nil
	case "tcp":
		a, err := net.ResolveTCPAddr(network, address)
		if err != nil {
			return nil, err
		}
		return inet(a.AddrPort(), unix.SOCK_STREAM, unix.IPPROTO_TCP)
	case "udp":
		a, err := net.ResolveUDPAddr(network, address)
		if err != nil {
			return nil, err
		}
		return inet(a.AddrPort(), unix.SOCK_DGRAM, unix.IPPROTO_UDP)
	}
	return nil, fmt.Errorf("network %q is not tcp, unix or udp", network)
}

func inet(a netip.AddrPort, kind, protocol int) (*Target, error) {
	ip := a.Addr().Unmap()
	if !ip.IsValid() {
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1}) // ":port" is this host
	}
	if ip.Is4() {
		return &Target{unix.AF_INET, kind, protocol, &unix.SockaddrInet4{Port: int(a.Port()), Addr: ip.As4()}, ip.IsLoopback()}, nil
	}
	zone, err := interfaceOf(ip.Zone())
	if err != nil {
		return nil, err
	}
	return &Target{unix.AF_INET6, kind, protocol, &unix.SockaddrInet6{Port: int(a.Port()), Addr: ip.As16(), ZoneId: zone}, false}, nil
}

// interfaceOf is the number of the interface that the zone of an address names, or is.
func interfaceOf(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if i, err := net.InterfaceByName(zone); err == nil {
		return uint32(i.Index), nil
	}
	n, err := strconv.ParseUint(zone, 10, 32)
	if err != nil {
		return 0, &net.AddrError{Err: "no such network interface", Addr: zone}
	}
	return uint32(n), nil
}

// Connect opens a non-blocking socket and begins to connect it. Like a system
// call it may return EINPROGRESS, with a descriptor that becomes writable when
// the handshake has ended; on any other error there is no descriptor.
//
// To an IPv4 loopback address, connections from number portsPerSource on come from
// further addresses, 127.0.0.2 and so on, since one address has ports for no more.
func Connect(t *Target, number int) (int, unix.Errno) {
	fd, err := unix.Socket(t.family, t.kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, t.protocol)
	if err != nil {
		return -1, err.(unix.Errno)
	}
	if t.protocol == unix.IPPROTO_TCP {
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	if source := number / portsPerSource; source > 0 && t.loopback && t.protocol == unix.IPPROTO_TCP {
		// The port is chosen when connecting, when it need be free for that
		// destination only.
		unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
		from := &unix.SockaddrInet4{Addr: [4]byte{127, 0, byte((source + 1) >> 8), byte(source + 1)}}
		if err := unix.Bind(fd, from); err != nil {
			unix.Close(fd)
			return -1, err.(unix.Errno)
		}
	}
	switch err := unix.Connect(fd, t.address); err {
	case nil:
		return fd, 0
	case unix.EINPROGRESS:
		return fd, unix.EINPROGRESS
	default:
		unix.Close(fd)
		return -1, err.(unix.Errno)
	}
}
