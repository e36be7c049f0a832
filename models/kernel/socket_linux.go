package kernel

import (
	"net"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// DetachListener takes the descriptor out of l, away from the Go runtime's
// poller, and closes l. The descriptor is non-blocking and the caller's to
// close. For a Unix socket the file stays; removing it is the caller's too.
func DetachListener(l net.Listener) (fd int, err error) {
	type filer interface{ File() (*os.File, error) }
	f, err := l.(filer).File()
	if err != nil {
		l.Close()
		return -1, err
	}
	defer f.Close()
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	if err := l.Close(); err != nil {
		return -1, err
	}
	fd, err = unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1, os.NewSyscallError("dup", err)
	}
	return fd, unix.SetNonblock(fd, true)
}

// Accept takes one connection off the listening descriptor fd, non-blocking.
func Accept(fd int) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(fd), 0, 0, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
	return int(n), errno
}

// Recv reads what is there, never waiting. It does not tell the Go scheduler
// that it is in a system call, which is cheaper, and sound because it returns
// at once. It returns 0 and no error at the end of the stream.
func Recv(fd int, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), unix.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

// Linger is Recv that waits for up to the descriptor's SO_RCVTIMEO for something to read, see
// [SetLinger]; then the error is EAGAIN. The thread keeps its Go processor meanwhile, as in
// [Poller.Block].
func Linger(fd int, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), 0, 0, 0)
	return int(n), errno
}

// SetLinger lets [Linger] wait on a socket, for so long and up to two of the kernel's ticks more.
func SetLinger(fd int, most time.Duration) error {
	limit := unix.NsecToTimeval(int64(most))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	return unix.SetNonblock(fd, false) // which Recv and Send do not need
}

// Send writes what fits, never waiting, as [Recv] reads. A peer that is gone is
// an error, never a signal.
func Send(fd int, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	return int(n), errno
}

// IsClosed reports whether the kernel has closed a TCP socket, as it does when a reset
// arrives. Of any other socket it does not know.
func IsClosed(fd int) bool {
	const closed = 7 // TCP_CLOSE
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	return err == nil && info.State == closed
}
