package kernel

import (
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Timer makes short waits that end at their time (timerfd). A sleep ends up to 50 µs
// later, and the setting against that is a thread's, see [PreciseSleep]; a Go timer
// takes a turn of the scheduler. It is for one goroutine at a time.
type Timer struct{ fd int }

// NewTimer opens a Timer; the caller closes it.
func NewTimer() (*Timer, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	return &Timer{fd}, nil
}

// Close releases the descriptor. No Pause runs then.
func (t *Timer) Close() { unix.Close(t.fd) }

// Pause holds up the calling thread for d, which is to be short: the Go scheduler is
// not told.
func (t *Timer) Pause(d time.Duration) {
	if d <= 0 {
		return
	}
	at := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
	unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, uintptr(t.fd), 0, uintptr(unsafe.Pointer(&at)), 0, 0, 0)
	var count [8]byte
	unix.RawSyscall(unix.SYS_READ, uintptr(t.fd), uintptr(unsafe.Pointer(&count)), uintptr(len(count)))
}
