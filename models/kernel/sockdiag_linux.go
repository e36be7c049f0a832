package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mdlayher/netlink"
	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// The layouts are those of linux/inet_diag.h.
const (
	diagRequestSize = 56 // struct inet_diag_req_v2
	diagSocketSize  = 72 // struct inet_diag_msg

	diagMemory      = 7 // INET_DIAG_SKMEMINFO
	diagEstablished = 1 // TCP_ESTABLISHED

	diagAttempts = 10               // at a list that changes while it is written
	diagPatience = 10 * time.Second // for it; the kernel has it at once
)

// SocketMemory is what sockets hold of the kernel's memory, and why. The figures are
// sums over the sockets.
type SocketMemory struct {
	Sockets      int
	Buffers      int64 // bytes of memory, see [TCPMemory]
	ReceiveQueue int64 // bytes of data that have arrived and were not read
	SendQueue    int64 // bytes of data that were written and not acknowledged
}

// TCPMemory is the memory of the TCP connections of this network namespace that are
// established and have the local port given, over IPv4 and IPv6: the server's ends, of
// whatever process. Connections that come or go meanwhile may be missed or counted twice.
//
// Buffers is what the kernel has charged to the sockets: the buffers, with their
// headers and unused ends, of what has arrived (rmem_alloc, backlog) and of what was
// sent or is to be (wmem_queued, of which wmem_alloc is for the most part a copy
// without data of its own), memory set aside for the next (fwd_alloc) and options,
// filters and control messages (optmem). It is nothing, or next to it, for a connection
// that is idle and whose last bytes are acknowledged, which the peer may put off for
// some 40 ms. Not in it are the socket itself, see [SocketSize], and what a descriptor
// takes beside that: file, inode, directory entry, and the item of an epoll.
//
// The error wraps [errors.ErrUnsupported] where the kernel cannot tell.
func TCPMemory(port uint16) (SocketMemory, error) {
	m, err := tcpMemory(port)
	if err != nil {
		return SocketMemory{}, fmt.Errorf("memory of the TCP connections of port %d: %w", port, err)
	}
	return m, nil
}

// SocketSize is the size in bytes of the kernel's object for a socket of protocol, as
// /proc/net/protocols names it: "TCP" (struct tcp_sock), "UDP", "UNIX", and "TCPv6" and
// "UDPv6" for sockets of IPv6, also those that serve IPv4. The allocator may round it up.
// Not in it are the socket's buffers and what a descriptor takes beside it (struct
// socket with its inode, file, directory entry, the item of an epoll).
//
// The error wraps [errors.ErrUnsupported] where the kernel has no such protocol.
func SocketSize(protocol string) (int64, error) {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return 0, fmt.Errorf("size of a %s socket: %w", protocol, err)
	}
	protocols, err := fs.NetProtocols()
	if err != nil {
		return 0, fmt.Errorf("size of a %s socket: %w", protocol, err)
	}
	p, ok := protocols[protocol]
	if !ok {
		return 0, fmt.Errorf("/proc/net/protocols has no %q: %w", protocol, errors.ErrUnsupported)
	}
	return int64(p.Size), nil
}

func tcpMemory(port uint16) (sum SocketMemory, err error) {
	c, err := netlink.Dial(unix.NETLINK_SOCK_DIAG, nil)
	if err != nil {
		return sum, diagError(err)
	}
	defer c.Close()
	for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
		list, err := dump(c, family, port)
		if err != nil {
			return sum, diagError(err)
		}
		for _, m := range list {
			if err := sum.add(m.Data, port); err != nil {
				return sum, err
			}
		}
	}
	return sum, nil
}

// diagError marks what a kernel says that cannot tell.
func diagError(err error) error {
	for _, lacks := range []unix.Errno{unix.ENOENT, unix.EPROTONOSUPPORT, unix.EAFNOSUPPORT} {
		if errors.Is(err, lacks) {
			return fmt.Errorf("this kernel has no module tcp_diag, or does not load it: %w (%v)", errors.ErrUnsupported, err)
		}
	}
	return err
}

// dump asks for the connections of one address family (sock_diag(7)), again if the list changed
// while it was written.
func dump(c *netlink.Conn, family byte, port uint16) ([]netlink.Message, error) {
	for range diagAttempts {
		c.SetReadDeadline(time.Now().Add(diagPatience))
		list, err := c.Execute(netlink.Message{
			Header: netlink.Header{Type: unix.SOCK_DIAG_BY_FAMILY, Flags: netlink.Request | netlink.Dump},
			Data:   diagRequest(family, port),
		})
		changed := func(m netlink.Message) bool { return m.Header.Flags&netlink.DumpInterrupted != 0 }
		if err != nil || !slices.ContainsFunc(list, changed) {
			return list, err
		}
	}
	return nil, fmt.Errorf("the list changed while it was written, %d times", diagAttempts)
}

// diagRequest asks for a list of established TCP connections, with their memory. The
// kernel leaves out those of other local ports.
func diagRequest(family byte, port uint16) []byte {
	b := make([]byte, 0, diagRequestSize)
	b = append(b, family, unix.IPPROTO_TCP, 1<<(diagMemory-1), 0)
	b = binary.NativeEndian.AppendUint32(b, 1<<diagEstablished)
	b = binary.BigEndian.AppendUint16(b, port)
	return b[:diagRequestSize] // the other port, addresses, interface and cookie: any
}

func (m *SocketMemory) add(b []byte, port uint16) error {
	if len(b) < diagSocketSize {
		return fmt.Errorf("a socket described in %d bytes, want %d", len(b), diagSocketSize)
	}
	if b[1] != diagEstablished || binary.BigEndian.Uint16(b[4:]) != port {
		return nil
	}
	attributes, err := netlink.UnmarshalAttributes(b[diagSocketSize:])
	if err != nil {
		return fmt.Errorf("a socket's attributes: %w", err)
	}
	var info []byte
	for _, a := range attributes {
		if a.Type == diagMemory {
			info = a.Data
		}
	}
	if len(info) < 4*(unix.SK_MEMINFO_BACKLOG+1) {
		return fmt.Errorf("a socket's memory described in %d bytes, want %d", len(info), 4*(unix.SK_MEMINFO_BACKLOG+1))
	}
	m.Sockets++
	m.ReceiveQueue += int64(binary.NativeEndian.Uint32(b[56:]))
	m.SendQueue += int64(binary.NativeEndian.Uint32(b[60:]))
	for _, i := range []int{unix.SK_MEMINFO_RMEM_ALLOC, unix.SK_MEMINFO_BACKLOG, unix.SK_MEMINFO_WMEM_QUEUED, unix.SK_MEMINFO_FWD_ALLOC, unix.SK_MEMINFO_OPTMEM} {
		m.Buffers += int64(int32(binary.NativeEndian.Uint32(info[4*i:]))) // for a moment some may be negative
	}
	return nil
}
