package kernel

import (
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// PollSet watches descriptors by poll(2), with the methods of [Poller]. Each wait
// gives the kernel the list of all, which it goes through, and which is searched for
// what has come back. All methods but Wake are for one thread. There is no Edge.
type PollSet struct {
	wakeup
	list  []unix.PollFd
	place []int32 // in list, by descriptor, plus 1; 0 for those that are not there

	seen int // of list, of the last wait: what lies behind has not been returned yet
	left int // how many of those have events, at most

	limit unix.Timespec // of the call that waits; here, where it does not move
}

// NewPollSet opens a PollSet; the caller closes it.
func NewPollSet() (*PollSet, error) {
	p := &PollSet{}
	return p, p.open(p.Add)
}

// Close releases the PollSet, not the descriptors that were added.
func (p *PollSet) Close() { p.wakeup.close() }

// Add starts reporting events of fd.
func (p *PollSet) Add(fd int, events uint32) error {
	if p.find(fd) != nil {
		return os.NewSyscallError("poll", unix.EEXIST)
	}
	for fd >= len(p.place) {
		p.place = append(p.place, 0)
	}
	p.list = append(p.list, unix.PollFd{Fd: int32(fd), Events: int16(events)})
	p.place[fd] = int32(len(p.list))
	return nil
}

// Modify changes the events asked for; none at all still reports [Broken].
func (p *PollSet) Modify(fd int, events uint32) error {
	e := p.find(fd)
	if e == nil {
		return os.NewSyscallError("poll", unix.ENOENT)
	}
	e.Events = int16(events)
	return nil
}

// Remove ends reporting events of fd. It comes before fd is closed.
func (p *PollSet) Remove(fd int) error {
	e := p.find(fd)
	if e == nil {
		return os.NewSyscallError("poll", unix.ENOENT)
	}
	// The last takes its place. If that skips an event, the next wait tells it again.
	last := len(p.list) - 1
	*e = p.list[last]
	p.place[e.Fd] = p.place[fd]
	p.place[fd] = 0
	p.list = p.list[:last]
	return nil
}

func (p *PollSet) find(fd int) *unix.PollFd {
	if fd < 0 || fd >= len(p.place) || p.place[fd] == 0 {
		return nil
	}
	return &p.list[p.place[fd]-1]
}

// Poll returns the events that are there, without waiting.
func (p *PollSet) Poll(events []unix.EpollEvent) (int, error) {
	return p.next(unix.RawSyscall6, events, 0)
}

// Wait waits for events, at most for timeout if that is not negative. It may
// return none early.
func (p *PollSet) Wait(events []unix.EpollEvent, timeout time.Duration) (int, error) {
	return p.next(unix.Syscall6, events, timeout)
}

// next returns what is left of the last wait, or waits by call if there is nothing.
func (p *PollSet) next(call syscall6, events []unix.EpollEvent, timeout time.Duration) (int, error) {
	if n := p.collect(events); n > 0 {
		return n, nil
	}
	limit := &p.limit
	*limit = unix.NsecToTimespec(int64(timeout))
	if timeout < 0 {
		limit = nil
	}
	n, _, errno := call(unix.SYS_PPOLL, uintptr(unsafe.Pointer(unsafe.SliceData(p.list))), uintptr(len(p.list)), uintptr(unsafe.Pointer(limit)), 0, 0, 0)
	var err error
	if p.left, err = counted("poll", n, errno); err != nil {
		return 0, err
	}
	p.seen = 0
	return p.collect(events), nil
}

// collect moves what the list holds into events, as far as there is room.
func (p *PollSet) collect(events []unix.EpollEvent) int {
	n := 0
	for ; p.left > 0 && p.seen < len(p.list); p.seen++ {
		e := &p.list[p.seen]
		if e.Revents == 0 {
			continue
		}
		if n == len(events) {
			return n
		}
		p.left--
		if got := e.Revents & (e.Events | Broken); got != 0 {
			events[n] = unix.EpollEvent{Fd: e.Fd, Events: uint32(got)}
			n++
		}
		e.Revents = 0
	}
	p.left = 0
	return n
}
