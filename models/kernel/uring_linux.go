package kernel

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What io_uring's system calls take and return, by linux/io_uring.h.
const (
	uringSetupCQSize       = 1 << 3
	uringSetupClamp        = 1 << 4
	uringSetupDisabled     = 1 << 6
	uringSetupSubmitAll    = 1 << 7
	uringSetupSingleIssuer = 1 << 12
	uringSetupDeferTaskrun = 1 << 13

	uringOverflow = 1 << 1 // of the queue's flags

	uringEnterGetEvents = 1 << 0
	uringEnterExtArg    = 1 << 3

	uringOffRing = 0
	uringOffSQEs = 0x10000000

	uringRegisterEventfd    = 4
	uringRegisterEnable     = 12
	uringRegisterBufferRing = 22
)

type uringParams struct {
	sqEntries, cqEntries, flags, sqThreadCPU, sqThreadIdle, features, wqFD uint32
	_                                                                      [3]uint32
	sqOff                                                                  struct {
		head, tail, mask, entries, flags, dropped, array, _ uint32
		_                                                   uint64
	}
	cqOff struct {
		head, tail, mask, entries, overflow, cqes, flags, _ uint32
		_                                                   uint64
	}
}

type uringSQE struct {
	opcode, flags uint8
	ioprio        uint16
	fd            int32
	off           uint64
	addr          uint64
	length        uint32
	opFlags       uint32
	data          uint64
	bufGroup      uint16
	_             uint16
	fileIndex     uint32
	_             [2]uint64
}

type uringGetEvents struct {
	sigmask  uint64
	maskSize uint32
	_        uint32
	timeout  *unix.Timespec
}

// Completion is what became of an operation.
type Completion struct {
	Tag    uint64 // what the operation was given
	Result int32  // as of the system call, -errno for an error
	flags  uint32
}

// Errno is the error of c, 0 for none.
func (c *Completion) Errno() unix.Errno { return unix.Errno(max(0, -c.Result)) }

// More reports whether the operation goes on and completes again.
func (c *Completion) More() bool { return c.flags&(1<<1) != 0 }

// Buffer is the number of the buffer that a receive took, -1 for none.
func (c *Completion) Buffer() int {
	if c.flags&1 == 0 {
		return -1
	}
	return int(c.flags >> 16)
}

// Ring is an io_uring: operations are queued in memory that the kernel reads, and
// handed over, many at once, by the call that also waits for what they came to.
//
// It belongs to one locked thread, the one that calls [Ring.Enable]; only that
// submits, and the kernel does the work of completions when it enters
// (IORING_SETUP_SINGLE_ISSUER and DEFER_TASKRUN, Linux 6.1).
type Ring struct {
	fd             int
	direct         bool     // files are those of its own table
	rings, entries []byte   // mapped memory
	buffers        [][]byte // likewise, of NewBuffers

	sqHead, sqTail *uint32
	sqFlags        *uint32
	sqes           []uringSQE
	tail           uint32 // of the queue, before the kernel is told
	cqHead, cqTail *uint32
	cqes           []Completion
	seen           uint32 // completions taken
	failed         error  // of handing over, not yet returned

	arg     uringGetEvents // of the call that waits; here, where it does not move
	timeout unix.Timespec
}

// NewRing opens a ring for up to entries operations a call and four times as many
// completions before they overflow; entries is a power of two up to 32768. The
// error says why where there is no io_uring, or one that is too old or not allowed,
// and wraps [errors.ErrUnsupported] then.
func NewRing(entries int) (*Ring, error) {
	p := uringParams{
		flags: uringSetupCQSize | uringSetupClamp | uringSetupDisabled | uringSetupSubmitAll |
			uringSetupSingleIssuer | uringSetupDeferTaskrun,
		cqEntries: uint32(4 * entries),
	}
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, uintptr(entries), uintptr(unsafe.Pointer(&p)), 0)
	switch errno {
	case 0:
	case unix.ENOSYS:
		return nil, fmt.Errorf("this kernel has no io_uring: %w", errors.ErrUnsupported)
	case unix.EPERM:
		return nil, fmt.Errorf("io_uring is not allowed here (see sysctl kernel.io_uring_disabled): %w", errors.ErrUnsupported)
	case unix.EINVAL:
		return nil, fmt.Errorf("this kernel's io_uring is older than Linux 6.1: %w", errors.ErrUnsupported)
	default:
		return nil, os.NewSyscallError("io_uring_setup", errno)
	}
	r := &Ring{fd: int(fd)}
	if err := r.mapped(&p); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Ring) mapped(p *uringParams) (err error) {
	size := max(p.sqOff.array+4*p.sqEntries, p.cqOff.cqes+p.cqEntries*uint32(unsafe.Sizeof(Completion{})))
	const shared = unix.MAP_SHARED | unix.MAP_POPULATE
	if r.rings, err = unix.Mmap(r.fd, uringOffRing, int(size), unix.PROT_READ|unix.PROT_WRITE, shared); err != nil {
		return os.NewSyscallError("mmap", err)
	}
	sqes := int(p.sqEntries) * int(unsafe.Sizeof(uringSQE{}))
	if r.entries, err = unix.Mmap(r.fd, uringOffSQEs, sqes, unix.PROT_READ|unix.PROT_WRITE, shared); err != nil {
		return os.NewSyscallError("mmap", err)
	}
	at := func(offset uint32) *uint32 { return (*uint32)(unsafe.Pointer(&r.rings[offset])) }
	r.sqHead, r.sqTail, r.sqFlags = at(p.sqOff.head), at(p.sqOff.tail), at(p.sqOff.flags)
	r.cqHead, r.cqTail = at(p.cqOff.head), at(p.cqOff.tail)
	r.sqes = unsafe.Slice((*uringSQE)(unsafe.Pointer(&r.entries[0])), p.sqEntries)
	r.cqes = unsafe.Slice((*Completion)(unsafe.Pointer(&r.rings[p.cqOff.cqes])), p.cqEntries)
	for i, slots := 0, unsafe.Slice(at(p.sqOff.array), p.sqEntries); i < len(slots); i++ {
		slots[i] = uint32(i) // the queue's order is that of the entries
	}
	return nil
}

// Tell makes the ring write to an eventfd when it has something to tell, which Poll brings. A
// poller does not see that of the ring itself: where the kernel does the work of completions
// when it enters, nothing has completed before.
func (r *Ring) Tell(eventfd int) error {
	to := int32(eventfd)
	return r.register(uringRegisterEventfd, unsafe.Pointer(&to), 1)
}

// Enable makes the calling thread, which is locked, the ring's own.
func (r *Ring) Enable() error { return r.register(uringRegisterEnable, nil, 0) }

func (r *Ring) register(what uintptr, arg unsafe.Pointer, n uintptr) error {
	_, _, errno := unix.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(r.fd), what, uintptr(arg), n, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("io_uring_register", errno)
	}
	return nil
}

// Close releases the ring and ends its operations, some time later: what they
// write to or read from stays in use until they have completed.
func (r *Ring) Close() {
	for _, m := range append(r.buffers, r.entries, r.rings) {
		if m != nil {
			unix.Munmap(m)
		}
	}
	unix.Close(r.fd)
}

// next is the entry of a further operation, cleared. If the queue is full, it is
// handed over first; the error of that is for the next Poll or Wait to return.
func (r *Ring) next() *uringSQE {
	if r.Queued() == len(r.sqes) {
		r.failed = r.Poll()
		if r.failed == nil && r.Queued() == len(r.sqes) {
			r.failed = errors.New("io_uring takes no more operations before their completions are taken")
		}
	}
	e := &r.sqes[r.tail&uint32(len(r.sqes)-1)]
	*e = uringSQE{}
	r.tail++
	return e
}

// Queued is how many operations wait to be handed over. A descriptor or a buffer
// that one of them names may not find another use before that.
func (r *Ring) Queued() int { return int(r.tail - atomic.LoadUint32(r.sqHead)) }

// Settled reports, when Next has returned nil, whether the kernel has been handed all
// that was queued and has told all that became of it so far: a [Ring.SendNow] of
// which nothing was heard has then written everything.
func (r *Ring) Settled() bool {
	return r.Queued() == 0 && atomic.LoadUint32(r.sqFlags)&uringOverflow == 0
}

func (r *Ring) last() *uringSQE { return &r.sqes[(r.tail-1)&uint32(len(r.sqes)-1)] }

// Poll hands over what is queued and returns with what has completed.
func (r *Ring) Poll() error { return r.enter(unix.RawSyscall6, 0, -1) }

// Wait hands over what is queued and waits until something has completed, at most
// for timeout if that is not negative. It may return early.
func (r *Ring) Wait(timeout time.Duration) error { return r.enter(unix.Syscall6, 1, timeout) }

// Block is Wait as [Poller.Block] is [Poller.Wait].
func (r *Ring) Block(timeout time.Duration) error { return r.enter(unix.RawSyscall6, 1, timeout) }

func (r *Ring) enter(call syscall6, wait uintptr, timeout time.Duration) error {
	if r.failed != nil {
		return r.failed
	}
	atomic.StoreUint32(r.sqTail, r.tail)
	r.arg.timeout = nil
	if timeout >= 0 {
		r.timeout = unix.NsecToTimespec(int64(timeout))
		r.arg.timeout = &r.timeout
	}
	const flags = uringEnterGetEvents | uringEnterExtArg
	_, _, errno := call(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(r.Queued()), wait, flags, uintptr(unsafe.Pointer(&r.arg)), unsafe.Sizeof(r.arg))
	switch errno {
	case 0, unix.ETIME, unix.EINTR, unix.EBUSY, unix.EAGAIN: // the last two: take completions first
		return nil
	}
	return os.NewSyscallError("io_uring_enter", errno)
}

type syscall6 func(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, errno unix.Errno)

// Next takes a completion, which is valid until the next call of Next. It returns
// nil when there is none left.
func (r *Ring) Next() *Completion {
	atomic.StoreUint32(r.cqHead, r.seen)
	if r.seen == atomic.LoadUint32(r.cqTail) {
		return nil
	}
	c := &r.cqes[r.seen&uint32(len(r.cqes)-1)]
	r.seen++
	return c
}
