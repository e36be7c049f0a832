package profile

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// mostDescriptors is how many events there may be at once: each takes a descriptor, and some
// of the kernel's memory.
const mostDescriptors = 1024

// events are open perf events with a ring for each CPU, and a goroutine that empties the rings.
type events struct {
	fds   []int
	rings []*ring
	poll  []unix.PollFd // of a descriptor that ends the goroutine, then of each ring
	ended chan error

	take func(kind uint32, body []byte) // of all records but those of lost ones
	lost int64
}

// open opens events in each of some threads, -1 for all, on each of some CPUs, whose rings
// have size bytes, a power of two of pages. Each record goes to take, by one goroutine, until
// close.
func open(attrs []unix.PerfEventAttr, threads, cpus []int, size int, take func(kind uint32, body []byte)) (*events, error) {
	if n := len(attrs) * len(threads) * len(cpus); n > mostDescriptors {
		return nil, fmt.Errorf("%d threads on %d CPUs take %d descriptors, at most %d: %w", len(threads), len(cpus), n, mostDescriptors, errors.ErrUnsupported)
	}
	e := &events{ended: make(chan error, 1), take: take}
	for _, cpu := range cpus {
		if err := e.openOn(cpu, attrs, threads, size); err != nil {
			e.release()
			return nil, err
		}
	}
	stop, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		e.release()
		return nil, os.NewSyscallError("eventfd", err)
	}
	e.fds = append(e.fds, stop)
	e.poll = append(e.poll, unix.PollFd{Fd: int32(stop), Events: unix.POLLIN})
	for _, r := range e.rings {
		e.poll = append(e.poll, unix.PollFd{Fd: int32(r.fd), Events: unix.POLLIN})
	}
	go func() { e.ended <- e.empty() }()
	return e, nil
}

func (e *events) openOn(cpu int, attrs []unix.PerfEventAttr, threads []int, size int) error {
	var r *ring
	for _, tid := range threads {
		for i := range attrs {
			attr := attrs[i]
			attr.Bits |= unix.PerfBitTask | unix.PerfBitWatermark
			attr.Wakeup = uint32(size / 4)
			fd, err := kernel.OpenPerf(&attr, tid, cpu)
			if err == unix.ESRCH {
				continue
			}
			if err != nil {
				return err
			}
			e.fds = append(e.fds, fd)
			if r != nil {
				if err := unix.IoctlSetInt(fd, unix.PERF_EVENT_IOC_SET_OUTPUT, r.fd); err != nil {
					return os.NewSyscallError("set output of perf event", err)
				}
				continue
			}
			if r, err = newRing(fd, size); err != nil {
				return err
			}
			e.rings = append(e.rings, r)
		}
	}
	if r == nil {
		return fmt.Errorf("none of %d threads is there: %w", len(threads), unix.ESRCH)
	}
	return nil
}

// empty takes the records until close.
func (e *events) empty() error {
	wait := -1 // for ever
	for stopped := false; !stopped; {
		if _, err := unix.Poll(e.poll, wait); err != nil && err != unix.EINTR {
			return os.NewSyscallError("poll perf events", err)
		}
		stopped = e.poll[0].Revents != 0
		for i, r := range e.rings {
			r.empty(e.record)
			if e.poll[i+1].Revents&unix.POLLHUP != 0 {
				e.poll[i+1].Fd, wait = -1, 100 // ms: the ring's own thread has ended, and others may use it
			}
		}
	}
	return nil
}

func (e *events) record(kind uint32, body []byte) {
	if kind == unix.PERF_RECORD_LOST {
		f := fields(body)
		f.uint64() // of which event
		e.lost += int64(f.uint64())
		return
	}
	e.take(kind, body)
}

// close takes the last records and releases all. Then lost is how many there was no room for.
func (e *events) close() error {
	defer e.release()
	if _, err := unix.Write(e.fds[len(e.fds)-1], []byte{7: 1}); err != nil {
		return os.NewSyscallError("end perf events", err)
	}
	return <-e.ended
}

func (e *events) release() {
	for _, r := range e.rings {
		unix.Munmap(r.memory)
	}
	for _, fd := range e.fds {
		unix.Close(fd)
	}
}

// ring is the memory that an event shares with the kernel: a page that says where its records
// begin and end, and the records.
type ring struct {
	fd     int
	memory []byte
	page   *unix.PerfEventMmapPage
}

func newRing(fd, size int) (*ring, error) {
	memory, err := unix.Mmap(fd, 0, os.Getpagesize()+size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err == unix.EPERM {
		return nil, fmt.Errorf("map %d KiB for a CPU's events: more than kernel.perf_event_mlock_kb allows: %w", size>>10, errors.ErrUnsupported)
	}
	if err != nil {
		return nil, os.NewSyscallError("map perf event", err)
	}
	return &ring{fd, memory, (*unix.PerfEventMmapPage)(unsafe.Pointer(&memory[0]))}, nil
}

func (r *ring) empty(take func(kind uint32, body []byte)) {
	head := atomic.LoadUint64(&r.page.Data_head)
	eachRecord(r.memory[os.Getpagesize():], r.page.Data_tail, head, take)
	atomic.StoreUint64(&r.page.Data_tail, head)
}
