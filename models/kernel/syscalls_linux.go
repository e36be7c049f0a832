package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// MaxCountedThreads is for how many threads a [SyscallCounter] can be: each takes a
// descriptor, and some kilobytes of the kernel's memory.
const MaxCountedThreads = 10_000

// SyscallCounter counts system calls of threads. It is for one goroutine at a time.
type SyscallCounter struct{ fds []int }

// CountSyscalls counts from now on the system calls that begin in the threads with
// these ids, of any process, and in all threads and processes that those start later
// (perf_event_open(2) of the tracepoint raw_syscalls:sys_enter). A thread that is gone
// already is left out; it is an error wrapping ESRCH if all are. A thread that one of
// them started since they were listed is missed: list and count while they are idle,
// or count the first thread of a process before it starts others. Operations of an
// io_uring are no system calls.
//
// While a counter is open, each system call of the whole machine is a little slower,
// and so is each switch to or from a thread that it counts: keep it out of whatever
// is measured otherwise.
//
// It needs tracefs and the right to trace other processes, as root has. Where either
// is missing, the error wraps [errors.ErrUnsupported] and says what to do.
func CountSyscalls(tids []int) (*SyscallCounter, error) {
	if len(tids) > MaxCountedThreads {
		return nil, fmt.Errorf("count system calls of %d threads: at most %d, each takes a descriptor", len(tids), MaxCountedThreads)
	}
	id, err := tracepoint(traceDirs, "raw_syscalls/sys_enter")
	if err != nil {
		return nil, fmt.Errorf("count system calls: %w", err)
	}
	c := &SyscallCounter{}
	for _, tid := range tids {
		if err := c.add(id, tid); err != nil && err != unix.ESRCH {
			c.Close()
			return nil, fmt.Errorf("count system calls of thread %d: %w", tid, err)
		}
	}
	if len(c.fds) == 0 {
		return nil, fmt.Errorf("count system calls: none of %d threads is there: %w", len(tids), unix.ESRCH)
	}
	return c, nil
}

func tracepoint(dirs []string, event string) (uint64, error) {
	text, err := traceEvent(dirs, event, "id")
	if err != nil {
		return 0, err
	}
	id, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("id of tracepoint %s: %w", event, err)
	}
	return id, nil
}

func (c *SyscallCounter) add(id uint64, tid int) error {
	if tid <= 0 { // would be the caller, or all
		return fmt.Errorf("it is no thread: %w", unix.EINVAL)
	}
	fd, err := OpenPerf(&unix.PerfEventAttr{Type: unix.PERF_TYPE_TRACEPOINT, Config: id, Bits: unix.PerfBitInherit}, tid, -1)
	if err != nil {
		return err
	}
	c.fds = append(c.fds, fd)
	return nil
}

// Count is how many system calls there have been so far. Those of threads that have
// ended stay in it. After Close the error wraps [os.ErrClosed].
func (c *SyscallCounter) Count() (int64, error) {
	if c.fds == nil {
		return 0, fmt.Errorf("read system call counter: %w", os.ErrClosed)
	}
	var sum int64
	var b [8]byte
	for _, fd := range c.fds {
		n, err := unix.Read(fd, b[:])
		if err != nil {
			return 0, os.NewSyscallError("read system call counter", err)
		}
		if n != len(b) {
			return 0, fmt.Errorf("read system call counter: %d bytes, want %d", n, len(b))
		}
		sum += int64(binary.NativeEndian.Uint64(b[:]))
	}
	return sum, nil
}

// Close ends the counting and releases the descriptors. Closing again does nothing.
func (c *SyscallCounter) Close() error {
	var errs []error
	for _, fd := range c.fds {
		errs = append(errs, os.NewSyscallError("close system call counter", unix.Close(fd)))
	}
	c.fds = nil
	return errors.Join(errs...)
}
