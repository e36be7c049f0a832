package kernel

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// wakeup is the descriptor by which other threads end a wait.
type wakeup struct {
	wake int // an eventfd

	mu     sync.Mutex // so that a late Wake never writes to a descriptor's next owner
	closed bool
}

func (w *wakeup) open(add func(fd int, events uint32) error) (err error) {
	if w.wake, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		return os.NewSyscallError("eventfd", err)
	}
	if err = add(w.wake, Readable); err != nil {
		w.close()
	}
	return err
}

// close releases the descriptor. It reports whether this was the first time.
func (w *wakeup) close() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.closed = true
	unix.Close(w.wake)
	return true
}

// Wake makes a wait that runs now, or the next one, return IsWake's event. It may be
// called by any thread, and does nothing after Close.
func (w *wakeup) Wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	one := [8]byte{0: 1}
	unix.Write(w.wake, one[:])
}

// IsWake reports whether e is the wake-up, and takes it back if so.
func (w *wakeup) IsWake(e *unix.EpollEvent) bool {
	if int(e.Fd) != w.wake {
		return false
	}
	var count [8]byte
	unix.Read(w.wake, count[:])
	return true
}
