package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// The layouts are those of linux/inet_diag.h and linux/netlink.h.
const (
	diagRequestSize = 56 // struct inet_diag_req_v2
	diagSocketSize  = 72 // struct inet_diag_msg

	diagMemory      = 7 // INET_DIAG_SKMEMINFO
	diagEstablished = 1 // TCP_ESTABLISHED

	diagAttempts = 10               // at a list that changes while it is written
	diagPatience = 10 * time.Second // for a part of it; the kernel has it at once
	diagMaxPart  = 64 << 10         // twice what the kernel writes at most
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
	s, err := openDiag()
	if err != nil {
		return sum, err
	}
	defer unix.Close(s.fd)
	for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
		m, err := s.dump(family, port)
		if err != nil {
			return sum, err
		}
		sum.Sockets += m.Sockets
		sum.Buffers += m.Buffers
		sum.ReceiveQueue += m.ReceiveQueue
		sum.SendQueue += m.SendQueue
	}
	return sum, nil
}

// diagSocket asks the kernel about sockets (sock_diag(7)).
type diagSocket struct {
	fd  int
	seq uint32
	buf []byte
}

func openDiag() (*diagSocket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err == unix.EPROTONOSUPPORT || err == unix.EAFNOSUPPORT {
		return nil, noDiag(err)
	}
	if err != nil {
		return nil, os.NewSyscallError("socket NETLINK_SOCK_DIAG", err)
	}
	timeout := unix.NsecToTimeval(int64(diagPatience))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("setsockopt SO_RCVTIMEO", err)
	}
	return &diagSocket{fd: fd, buf: make([]byte, diagMaxPart)}, nil
}

func noDiag(err error) error {
	return fmt.Errorf("this kernel has no module tcp_diag, or does not load it: %w (%v)", errors.ErrUnsupported, err)
}

// dump asks for the connections of one address family, again if the list changed
// while it was written. What an earlier attempt left unread has another seq.
func (s *diagSocket) dump(family byte, port uint16) (SocketMemory, error) {
	for range diagAttempts {
		s.seq++
		err := unix.Sendto(s.fd, diagRequest(family, port, s.seq), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
		if err != nil {
			return SocketMemory{}, os.NewSyscallError("sendto", err)
		}
		list := diagList{port: port, seq: s.seq}
		for !list.done {
			part, err := s.receive()
			if err == nil {
				err = list.parse(part)
			}
			if err == unix.ENOENT {
				err = noDiag(err)
			}
			if err != nil {
				return SocketMemory{}, err
			}
		}
		if !list.interrupted {
			return list.SocketMemory, nil
		}
	}
	return SocketMemory{}, fmt.Errorf("the list changed while it was written, %d times", diagAttempts)
}

// receive returns the next part of an answer, valid until the next call.
func (s *diagSocket) receive() ([]byte, error) {
	for {
		n, _, flags, from, err := unix.Recvmsg(s.fd, s.buf, nil, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, os.NewSyscallError("recvmsg", err)
		}
		if a, ok := from.(*unix.SockaddrNetlink); !ok || a.Pid != 0 {
			continue // not from the kernel
		}
		if flags&unix.MSG_TRUNC != 0 {
			return nil, fmt.Errorf("a part of the list is longer than %d bytes", len(s.buf))
		}
		return s.buf[:n], nil
	}
}

// diagRequest asks for a list of established TCP connections, with their memory. The
// kernel leaves out those of other local ports.
func diagRequest(family byte, port uint16, seq uint32) []byte {
	const size = unix.NLMSG_HDRLEN + diagRequestSize
	b := make([]byte, 0, size)
	b = binary.NativeEndian.AppendUint32(b, size)
	b = binary.NativeEndian.AppendUint16(b, unix.SOCK_DIAG_BY_FAMILY)
	b = binary.NativeEndian.AppendUint16(b, unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	b = binary.NativeEndian.AppendUint32(b, seq)
	b = binary.NativeEndian.AppendUint32(b, 0) // to the kernel
	b = append(b, family, unix.IPPROTO_TCP, 1<<(diagMemory-1), 0)
	b = binary.NativeEndian.AppendUint32(b, 1<<diagEstablished)
	b = binary.BigEndian.AppendUint16(b, port)
	return b[:size] // the other port, addresses, interface and cookie: any
}

// diagList is as much of an answer as was parsed.
type diagList struct {
	port uint16
	seq  uint32

	SocketMemory
	interrupted bool // the list changed meanwhile
	done        bool
}

// parse adds a part of the answer. Messages that answer another request are left
// out. What the kernel refuses is an Errno.
func (l *diagList) parse(b []byte) error {
	for len(b) > 0 && !l.done {
		if len(b) < unix.NLMSG_HDRLEN {
			return fmt.Errorf("a netlink message of %d bytes has no header", len(b))
		}
		length := binary.NativeEndian.Uint32(b)
		if length < unix.NLMSG_HDRLEN || uint64(length) > uint64(len(b)) {
			return fmt.Errorf("a netlink message says that it has %d bytes, in %d", length, len(b))
		}
		if binary.NativeEndian.Uint32(b[8:]) == l.seq {
			kind, flags := binary.NativeEndian.Uint16(b[4:]), binary.NativeEndian.Uint16(b[6:])
			l.interrupted = l.interrupted || flags&unix.NLM_F_DUMP_INTR != 0
			if err := l.message(kind, b[unix.NLMSG_HDRLEN:length]); err != nil {
				return err
			}
		}
		b = b[aligned(length, len(b)):]
	}
	return nil
}

// aligned is where, in so many bytes, what follows a piece of that length begins.
func aligned(length uint32, limit int) int {
	const alignment = 4 // NLMSG_ALIGNTO, NLA_ALIGNTO
	return int(min((uint64(length)+alignment-1)&^(alignment-1), uint64(limit)))
}

// message adds the payload of one message.
func (l *diagList) message(kind uint16, b []byte) error {
	switch kind {
	case unix.NLMSG_ERROR, unix.NLMSG_DONE:
		l.done = true
		if len(b) >= 4 {
			if code := int32(binary.NativeEndian.Uint32(b)); code < 0 {
				return unix.Errno(-int64(code))
			}
		} else if kind == unix.NLMSG_ERROR {
			return fmt.Errorf("a netlink error of %d bytes", len(b))
		}
	case unix.SOCK_DIAG_BY_FAMILY:
		return l.socket(b)
	}
	return nil
}

// socket adds one socket.
func (l *diagList) socket(b []byte) error {
	if len(b) < diagSocketSize {
		return fmt.Errorf("a socket described in %d bytes, want %d", len(b), diagSocketSize)
	}
	if b[1] != diagEstablished || binary.BigEndian.Uint16(b[4:]) != l.port {
		return nil
	}
	info, err := attribute(b[diagSocketSize:], diagMemory)
	if err != nil {
		return err
	}
	if len(info) < 4*(unix.SK_MEMINFO_BACKLOG+1) {
		return fmt.Errorf("a socket's memory described in %d bytes, want %d", len(info), 4*(unix.SK_MEMINFO_BACKLOG+1))
	}
	l.Sockets++
	l.ReceiveQueue += int64(binary.NativeEndian.Uint32(b[56:]))
	l.SendQueue += int64(binary.NativeEndian.Uint32(b[60:]))
	for _, i := range []int{unix.SK_MEMINFO_RMEM_ALLOC, unix.SK_MEMINFO_BACKLOG, unix.SK_MEMINFO_WMEM_QUEUED, unix.SK_MEMINFO_FWD_ALLOC, unix.SK_MEMINFO_OPTMEM} {
		l.Buffers += int64(int32(binary.NativeEndian.Uint32(info[4*i:]))) // for a moment some may be negative
	}
	return nil
}

// attribute is the payload of the first attribute of a kind, nil if there is none.
func attribute(b []byte, kind uint16) ([]byte, error) {
	for len(b) >= unix.NLA_HDRLEN {
		length := int(binary.NativeEndian.Uint16(b))
		if length < unix.NLA_HDRLEN || length > len(b) {
			return nil, fmt.Errorf("an attribute says that it has %d bytes, in %d", length, len(b))
		}
		if binary.NativeEndian.Uint16(b[2:]) == kind {
			return b[unix.NLA_HDRLEN:length], nil
		}
		b = b[aligned(uint32(length), len(b)):]
	}
	return nil, nil
}
