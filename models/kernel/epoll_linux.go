package kernel

import (
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Events that [Poller] reports and is asked for, level-triggered but with Edge.
const (
	Readable = unix.EPOLLIN
	Writable = unix.EPOLLOUT
	Edge     = unix.EPOLLET | unix.EPOLLRDHUP // asked for beside others: report changes, not states
	Ended    = unix.EPOLLRDHUP | Broken       // with Edge: there is an end of stream, or an error, to be read
	Broken   = unix.EPOLLERR | unix.EPOLLHUP  // always reported, never asked for
	OneShot  = unix.EPOLLONESHOT              // asked for beside others: report once, not even Broken again, until the next Modify
)

// Poller is an epoll instance with a wake-up from other threads. Wait is for one
// thread at a time; the other methods are for any.
type Poller struct {
	epoll int
	wakeup
}

// NewPoller opens a Poller; the caller closes it.
func NewPoller() (*Poller, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	p := &Poller{epoll: epoll}
	if err := p.open(p.Add); err != nil {
		unix.Close(epoll)
		return nil, err
	}
	return p, nil
}

// Close releases both descriptors, not those that were added. No Wait runs then;
// a Wake that comes later does nothing.
func (p *Poller) Close() {
	if p.wakeup.close() {
		unix.Close(p.epoll)
	}
}

// FD is the epoll's descriptor, itself readable when there are events.
func (p *Poller) FD() int { return p.epoll }

// Add starts reporting events of fd.
func (p *Poller) Add(fd int, events uint32) error { return p.ctl(unix.EPOLL_CTL_ADD, fd, events) }

// Modify changes the events asked for; none at all still reports [Broken].
func (p *Poller) Modify(fd int, events uint32) error { return p.ctl(unix.EPOLL_CTL_MOD, fd, events) }

// Remove ends reporting events of fd.
func (p *Poller) Remove(fd int) error { return p.ctl(unix.EPOLL_CTL_DEL, fd, 0) }

func (p *Poller) ctl(op, fd int, events uint32) error {
	e := unix.EpollEvent{Events: events, Fd: int32(fd)}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(p.epoll, op, fd, &e))
}

// Poll returns the events that are there, without waiting.
func (p *Poller) Poll(events []unix.EpollEvent) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.epoll), uintptr(unsafe.Pointer(unsafe.SliceData(events))), uintptr(len(events)), 0, 0, 0)
	return counted("epoll_wait", n, errno)
}

// Wait waits for events, at most for timeout if that is not negative. It may
// return none early.
func (p *Poller) Wait(events []unix.EpollEvent, timeout time.Duration) (int, error) {
	if timeout < 0 {
		n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.epoll), uintptr(unsafe.Pointer(unsafe.SliceData(events))), uintptr(len(events)), ^uintptr(0), 0, 0)
		return counted("epoll_wait", n, errno)
	}
	ts := unix.NsecToTimespec(int64(timeout))
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.epoll), uintptr(unsafe.Pointer(unsafe.SliceData(events))), uintptr(len(events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	return counted("epoll_wait", n, errno)
}

// Block is Wait for a thread whose Go processor nobody else needs: GOMAXPROCS has
// one to spare. It keeps that while it waits, and the runtime's monitor leaves it
// alone, where it takes it from a Wait and another thread has to hand it back. When
// the runtime wants the thread, a signal ends the wait.
func (p *Poller) Block(events []unix.EpollEvent, timeout time.Duration) (int, error) {
	ts := unix.NsecToTimespec(int64(timeout))
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.epoll), uintptr(unsafe.Pointer(unsafe.SliceData(events))), uintptr(len(events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	return counted("epoll_wait", n, errno)
}

// counted is the result of a system call that waits.
func counted(call string, n uintptr, errno unix.Errno) (int, error) {
	switch errno {
	case 0:
		return int(n), nil
	case unix.EINTR:
		return 0, nil
	}
	return 0, os.NewSyscallError(call, errno)
}

// PreciseSleep has the kernel end the calling thread's waits at their time, not up
// to 50 µs later as it does to save power. The thread must be locked.
func PreciseSleep() {
	unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
}
