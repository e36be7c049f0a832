package kernel

import (
	"net"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// maxMessage has room for the longest datagram, and for as many as the kernel
	// joins into one message.
	maxMessage = 1 << 16
	// stride keeps the beginnings of the buffers, where small datagrams are, out of
	// each other's place in the processor's caches.
	stride = maxMessage + 3*64
)

// address is a sender's, as the kernel writes and reads it.
type address [unix.SizeofSockaddrInet6]byte

// BatchConn is a UDP socket, outside the Go runtime's poller, that receives and
// sends many datagrams in a system call (recvmmsg, sendmmsg). Where the kernel can do
// it, several datagrams of one sender are one message on the way in (UDP_GRO) and, to
// one receiver, on the way out (UDP_SEGMENT).
//
// Receive, Message, Reply, Flush and Sent are for one goroutine, and allocate nothing;
// the other methods are for any.
type BatchConn struct {
	mu      sync.Mutex // so that a late Interrupt never touches a descriptor's next owner
	fd      int
	closed  bool
	dropped int64 // as of Close

	in   []unix.Mmsghdr // each with its part of what follows
	iov  []unix.Iovec
	buf  []byte
	from []address
	gro  []segmentControl
	used int // messages that the last Receive has written to

	out sendQueue
}

// NewBatchConn takes the descriptor out of c and closes c. In one call it receives,
// and sends, at most size messages.
func NewBatchConn(c *net.UDPConn, size int) (*BatchConn, error) {
	fd := -1
	err := control(c, func(old int) (err error) {
		fd, err = unix.FcntlInt(uintptr(old), unix.F_DUPFD_CLOEXEC, 0)
		return os.NewSyscallError("dup", err)
	})
	c.Close()
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	// A kernel that does not know it gives datagrams one by one.
	unix.SetsockoptInt(fd, unix.SOL_UDP, unix.UDP_GRO, 1)
	b := &BatchConn{
		fd:   fd,
		in:   make([]unix.Mmsghdr, size),
		iov:  make([]unix.Iovec, size),
		buf:  make([]byte, size*stride),
		from: make([]address, size),
		gro:  make([]segmentControl, size),
		used: size,
		out:  newSendQueue(fd, size),
	}
	for i := range b.in {
		b.iov[i].Base = &b.buf[i*stride]
		b.iov[i].SetLen(maxMessage)
		h := &b.in[i].Hdr
		h.Name, h.Iov, h.Control = &b.from[i][0], &b.iov[i], b.gro[i].start()
		h.SetIovlen(1)
	}
	return b, nil
}

// Close releases the descriptor. No Receive or Flush runs then.
func (b *BatchConn) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.dropped, _ = drops(b.fd)
	b.closed = true
	unix.Close(b.fd)
}

// Interrupt ends receiving: a Receive that waits, and each later one, returns
// [net.ErrClosed] once what has arrived is taken.
func (b *BatchConn) Interrupt() { b.shutdown(unix.SHUT_RD) }

// Cut is Interrupt for sending too: a Flush that waits for room gives up.
func (b *BatchConn) Cut() { b.shutdown(unix.SHUT_RDWR) }

// shutdown wakes who waits in the kernel. To a socket without a peer Linux does so,
// and then says ENOTCONN.
func (b *BatchConn) shutdown(how int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		unix.Shutdown(b.fd, how)
	}
}

// Drops is [Drops] of the socket; after Close, what it was then.
func (b *BatchConn) Drops() (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return b.dropped, nil
	}
	return drops(b.fd)
}

// Receive waits until something has arrived, takes as much of it as there is room for
// and returns how many messages that is. They are valid until the next call.
//
// It waits in recvmmsg itself. With a poller there would be a call more for each wait,
// and each datagram would have to be reported to it, at its sender's expense; so it is
// when the socket is one of the Go runtime's.
func (b *BatchConn) Receive() (messages int, err error) {
	for i := range b.used {
		h := &b.in[i].Hdr
		h.Namelen = uint32(len(b.from[i]))
		h.SetControllen(int(unsafe.Sizeof(b.gro[i])))
	}
	b.used = 0
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(b.fd), uintptr(unsafe.Pointer(&b.in[0])), uintptr(len(b.in)), unix.MSG_WAITFORONE, 0, 0)
	switch errno {
	case 0:
	case unix.EINTR:
		return 0, nil
	default:
		return 0, os.NewSyscallError("recvmmsg", errno)
	}
	b.used = int(n)
	if b.in[0].Hdr.Namelen == 0 { // from nobody: the end of a wait
		return 0, net.ErrClosed
	}
	return b.used, nil
}

// Message returns message i of the last Receive: datagrams of segment bytes each, but
// for the last, which may be shorter. One that is alone is its own segment.
func (b *BatchConn) Message(i int) (datagrams []byte, segment int) {
	n := int(b.in[i].Len)
	datagrams = b.buf[i*stride:][:n:n]
	if b.in[i].Hdr.Controllen > 0 {
		if size := b.gro[i].joined(); size > 0 && size < n {
			return datagrams, size
		}
	}
	return datagrams, n
}
