package kernel

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Timestamps are the kernel's own of when bytes went out and came in
// (SO_TIMESTAMPING, in software: where the network device is handed a segment and
// where it hands one over), in nanoseconds of the system's real time.

// EnableTimestamps makes fd stamp everything it receives, and what is sent by
// [SendStamped].
func EnableTimestamps(fd int) error {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPING,
		unix.SOF_TIMESTAMPING_SOFTWARE|unix.SOF_TIMESTAMPING_RX_SOFTWARE|unix.SOF_TIMESTAMPING_OPT_TSONLY)
}

// stampRequest is the control message that asks for a stamp of one sending.
type stampRequest struct {
	header unix.Cmsghdr
	flags  uint32
	_      uint32
}

// Stamper sends and receives with stamps. Its buffers are reused: it is for one
// thread at a time.
type Stamper struct {
	request stampRequest
	control [256]byte
	iov     unix.Iovec
	message unix.Msghdr
}

// Send is [Send] with a stamp of the last byte, for [Stamper.Sent] to fetch.
func (s *Stamper) Send(fd int, p []byte) (int, unix.Errno) {
	s.request.header.Level, s.request.header.Type = unix.SOL_SOCKET, unix.SO_TIMESTAMPING
	s.request.header.SetLen(unix.CmsgLen(4))
	s.request.flags = unix.SOF_TIMESTAMPING_TX_SOFTWARE
	s.prepare(p, (*byte)(unsafe.Pointer(&s.request)), int(unsafe.Sizeof(s.request)))
	return s.call(unix.SYS_SENDMSG, fd, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
}

// Recv is [Recv] with the stamp of the last byte received, 0 if there is none.
func (s *Stamper) Recv(fd int, p []byte) (n int, at time.Duration, errno unix.Errno) {
	s.prepare(p, &s.control[0], len(s.control))
	if n, errno = s.call(unix.SYS_RECVMSG, fd, unix.MSG_DONTWAIT); errno == 0 {
		at = s.stamp()
	}
	return n, at, errno
}

// Sent fetches the stamp of the last sending, 0 if there is none.
func (s *Stamper) Sent(fd int) (at time.Duration) {
	for {
		s.prepare(nil, &s.control[0], len(s.control))
		if _, errno := s.call(unix.SYS_RECVMSG, fd, unix.MSG_DONTWAIT|unix.MSG_ERRQUEUE); errno != 0 {
			return at
		}
		at = s.stamp()
	}
}

func (s *Stamper) prepare(p []byte, control *byte, size int) {
	s.iov.Base = unsafe.SliceData(p)
	s.iov.SetLen(len(p))
	s.message = unix.Msghdr{Iov: &s.iov, Iovlen: 1, Control: control}
	s.message.SetControllen(size)
}

func (s *Stamper) call(trap uintptr, fd, flags int) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(trap, uintptr(fd), uintptr(unsafe.Pointer(&s.message)), uintptr(flags))
	return int(n), errno
}

func (s *Stamper) stamp() time.Duration {
	for left := s.control[:s.message.Controllen]; len(left) > 0; {
		header, data, rest, err := unix.ParseOneSocketControlMessage(left)
		if err != nil {
			return 0
		}
		if header.Level == unix.SOL_SOCKET && header.Type == unix.SO_TIMESTAMPING && len(data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			return time.Duration((*unix.Timespec)(unsafe.Pointer(&data[0])).Nano())
		}
		left = rest
	}
	return 0
}
