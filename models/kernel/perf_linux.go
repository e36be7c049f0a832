package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"
)

var traceDirs = []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}

// TraceEvent reads a file, as id and format are, of a tracepoint, as raw_syscalls/sys_enter is.
// Where tracefs is not mounted or not readable the error wraps [errors.ErrUnsupported] and says
// what to do.
func TraceEvent(event, file string) ([]byte, error) { return traceEvent(traceDirs, event, file) }

func traceEvent(dirs []string, event, file string) ([]byte, error) {
	for _, dir := range dirs {
		text, err := os.ReadFile(filepath.Join(dir, "events", event, file))
		switch {
		case err == nil:
			return text, nil
		case errors.Is(err, fs.ErrPermission):
			return nil, fmt.Errorf("%v, run as root: %w", err, errors.ErrUnsupported)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return nil, fmt.Errorf("tracefs is not mounted (as root: mount -t tracefs nodev %s), or this kernel has no tracepoint %s: %w",
		traceDirs[0], event, errors.ErrUnsupported)
}

// OpenPerf is perf_event_open(2) for a thread, -1 for all, on a CPU, -1 for all; it fills in
// the size of attr. The error is ESRCH where the thread is gone. It wraps [errors.ErrUnsupported],
// and says what to do, where the kernel does not allow it.
func OpenPerf(attr *unix.PerfEventAttr, tid, cpu int) (fd int, err error) {
	attr.Size = uint32(unsafe.Sizeof(*attr))
	fd, err = unix.PerfEventOpen(attr, tid, cpu, -1, unix.PERF_FLAG_FD_CLOEXEC)
	switch err {
	case nil, unix.ESRCH:
		return fd, err
	case unix.EACCES, unix.EPERM:
		return -1, fmt.Errorf("perf_event_open: %v, run as root: %w", err, errors.ErrUnsupported)
	case unix.ENOSYS:
		return -1, fmt.Errorf("this kernel has no perf_event_open: %w", errors.ErrUnsupported)
	}
	return -1, os.NewSyscallError("perf_event_open", err)
}
