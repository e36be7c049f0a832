package kernel

import (
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What follows holds up the calling thread, and tells the Go scheduler that it
// does, so that other goroutines go on in other threads. The descriptors are
// blocking and no business of the runtime's poller.

// WaitAccept waits for a connection on the listening descriptor fd, which is
// non-blocking, and takes it, blocking. It waits in poll(2): accept(2) would take a
// descriptor before it waits, and keep the last one from everybody else. It
// returns EINVAL after a shutdown(2) of fd.
func WaitAccept(fd int) (int, unix.Errno) {
	for {
		listener := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		_, err := unix.Poll(listener, -1)
		if errno, ok := err.(unix.Errno); ok && errno != unix.EINTR {
			return -1, errno
		}
		n, _, errno := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(fd), 0, 0, unix.SOCK_CLOEXEC, 0, 0)
		switch {
		case errno != unix.EAGAIN:
			return int(n), errno
		case listener[0].Revents&unix.POLLHUP != 0: // accept says so of TCP only
			return -1, unix.EINVAL
		}
	}
}

// WaitRead is read(2). It returns 0 and no error at the end of the stream; EAGAIN
// when the time of [SetWaits] is up; and EINTR after a signal, if such a time is set
// and only then.
func WaitRead(fd int, p []byte) (int, unix.Errno) {
	n, _, errno := unix.Syscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	return int(n), errno
}

// WaitWrite is write(2) to a socket, but that a peer that is gone is an error, never
// a signal. It returns with less than all of p when the time of [SetWaits] is up and
// some of p was taken, and EAGAIN when none was.
func WaitWrite(fd int, p []byte) (int, unix.Errno) {
	n, _, errno := unix.Syscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), unix.MSG_NOSIGNAL, 0, 0)
	return int(n), errno
}

// SetWaits sets how long a read and a write may wait on the socket fd: SO_RCVTIMEO
// and SO_SNDTIMEO, in steps of a kernel tick; 0 for ever.
func SetWaits(fd int, read, write time.Duration) error {
	for option, d := range map[int]time.Duration{unix.SO_RCVTIMEO: read, unix.SO_SNDTIMEO: write} {
		if d > 0 {
			d = max(d, time.Microsecond) // less would be 0
		}
		tv := unix.NsecToTimeval(int64(d))
		if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, option, &tv); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	return nil
}
