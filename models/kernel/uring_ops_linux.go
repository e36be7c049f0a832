package kernel

import (
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	uringOpPoll   = 6
	uringOpAccept = 13
	uringOpCancel = 14
	uringOpSend   = 26
	uringOpRecv   = 27

	uringBufferSelect     = 1 << 5 // of an entry's flags
	uringSkipSuccess      = 1 << 6
	uringAcceptMultishot  = 1 << 0 // of ioprio
	uringReceiveMultishot = 1 << 1
	uringPollMultishot    = 1 << 0 // of length
)

// Accept takes one connection off the listening descriptor fd: Result is a descriptor, or a
// place in the ring's table of files. Where that is full the connection would be lost.
func (r *Ring) Accept(fd int, tag uint64) {
	e := r.next()
	e.opcode, e.fd, e.opFlags, e.data = uringOpAccept, int32(fd), unix.SOCK_CLOEXEC, tag
	if r.direct {
		e.opFlags, e.fileIndex = 0, uringAnyPlace // which cannot be inherited
	}
}

// AcceptAll takes connections off the listening descriptor fd until it completes
// without More.
func (r *Ring) AcceptAll(fd int, tag uint64) {
	r.Accept(fd, tag)
	r.last().ioprio = uringAcceptMultishot
}

// Receive reads from fd, into a buffer of b each time something arrives, until it
// completes without More: at the end of the stream (Result 0), at an error, or for
// want of a buffer (ENOBUFS).
func (r *Ring) Receive(fd int, b *Buffers, tag uint64) {
	e := r.next()
	e.opcode, e.flags, e.fd, e.ioprio, e.bufGroup, e.data = uringOpRecv, uringBufferSelect|r.file(), int32(fd), uringReceiveMultishot, b.group, tag
}

// ReceiveNow reads what has arrived at fd into a buffer of b, when it is handed over;
// where that is nothing, it completes with EAGAIN.
func (r *Ring) ReceiveNow(fd int, b *Buffers, tag uint64) {
	r.Receive(fd, b, tag)
	e := r.last()
	e.ioprio, e.opFlags = 0, unix.MSG_DONTWAIT
}

// Cancel ends an operation that was given tag target, which completes for it, with
// ECANCELED if there was nothing else to tell. It completes itself only if there is
// no such operation, or none that can be ended.
func (r *Ring) Cancel(target, tag uint64) {
	e := r.next()
	e.opcode, e.flags, e.fd, e.addr, e.data = uringOpCancel, uringSkipSuccess, -1, target, tag
}

// CancelEach ends all operations that were given tag target, as Cancel does one; one that is at
// work just then may go on, and nothing says so.
func (r *Ring) CancelEach(target, tag uint64) {
	const all = 1 << 0
	r.Cancel(target, tag)
	r.last().opFlags = all
}

// CancelAll ends all operations on a descriptor; they complete with ECANCELED. Nothing is
// heard of it under the tag unless there was none.
func (r *Ring) CancelAll(fd int, tag uint64) {
	const all, byDescriptor = 1 << 0, 1 << 1
	e := r.next()
	e.opcode, e.flags, e.fd, e.opFlags, e.data = uringOpCancel, uringSkipSuccess, int32(fd), all|byDescriptor, tag
	if r.direct {
		e.opFlags |= uringCancelByFixed
	}
}

// SendNow writes p as far as it goes without waiting, when it is handed over; p is
// free again after that. It completes only if not all of p was written: Result is
// then how much was, or -EAGAIN for nothing.
func (r *Ring) SendNow(fd int, p []byte, tag uint64) {
	r.Send(fd, p, unix.MSG_WAITALL|unix.MSG_DONTWAIT, tag)
	r.last().flags |= uringSkipSuccess
}

// Watch reports each time that fd, an epoll's, has events to report.
func (r *Ring) Watch(fd int, tag uint64) {
	e := r.next()
	e.opcode, e.fd, e.length, e.opFlags, e.data = uringOpPoll, int32(fd), uringPollMultishot, unix.POLLIN, tag
}

// Writable reports once when fd has room to write, or is broken.
func (r *Ring) Writable(fd int, tag uint64) {
	e := r.next()
	e.opcode, e.flags, e.fd, e.opFlags, e.data = uringOpPoll, r.file(), int32(fd), unix.POLLOUT, tag
}

// Send writes p, which stays untouched until it completes, with flags such as
// MSG_WAITALL to complete when all of it is written.
func (r *Ring) Send(fd int, p []byte, flags uint32, tag uint64) {
	e := r.next()
	e.opcode, e.flags, e.fd, e.addr, e.length = uringOpSend, r.file(), int32(fd), uint64(uintptr(unsafe.Pointer(unsafe.SliceData(p)))), uint32(len(p))
	e.opFlags, e.data = unix.MSG_NOSIGNAL|flags, tag
}

// Buffers are the buffers that receives of a ring take from.
type Buffers struct {
	group  uint16
	size   int
	ring   []bufferEntry
	memory []byte // the ring, then the buffers
	data   []byte
	tail   uint16
}

type bufferEntry struct {
	addr   uint64
	length uint32
	id     uint16
	tail   uint16 // in the first entry: of the ring
}

// NewBuffers gives r count buffers of size bytes; count is a power of two up to
// 32768. They live as long as the ring.
func (r *Ring) NewBuffers(group uint16, count, size int) (*Buffers, error) {
	b, err := r.ReserveBuffers(group, count, size)
	if err == nil {
		for i := range count {
			b.Return(i)
		}
	}
	return b, err
}

// ReserveBuffers is NewBuffers that gives none yet: Return does. The kernel fills all
// that it has in turn, so that few of them stay in the CPU's caches.
func (r *Ring) ReserveBuffers(group uint16, count, size int) (*Buffers, error) {
	memory, err := unix.Mmap(-1, 0, count*int(unsafe.Sizeof(bufferEntry{})), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	r.buffers = append(r.buffers, memory)
	b := &Buffers{group: group, size: size, memory: memory, data: make([]byte, count*size)}
	b.ring = unsafe.Slice((*bufferEntry)(unsafe.Pointer(&memory[0])), count)
	reg := struct {
		addr       uint64
		entries    uint32
		group, pad uint16
		_          [3]uint64
	}{addr: uint64(uintptr(unsafe.Pointer(&memory[0]))), entries: uint32(count), group: group}
	if err := r.register(uringRegisterBufferRing, unsafe.Pointer(&reg), 1); err != nil {
		return nil, err
	}
	return b, nil
}

// Get returns buffer number i, as a receive filled it with n bytes.
func (b *Buffers) Get(i, n int) []byte { return b.data[i*b.size:][:n:n] }

// Return gives buffer number i to the kernel, for the first time or back.
func (b *Buffers) Return(i int) {
	e := &b.ring[b.tail&uint16(len(b.ring)-1)]
	e.addr, e.length, e.id = uint64(uintptr(unsafe.Pointer(&b.data[i*b.size]))), uint32(b.size), uint16(i)
	b.tail++
	// The ring's tail is the upper half of a word; the lower half is the first entry's number.
	word := (*uint32)(unsafe.Pointer(&b.ring[0].id))
	atomic.StoreUint32(word, uint32(b.ring[0].id)|uint32(b.tail)<<16)
}

// Direct descriptors are in a ring's own table of files, whose places operations name instead of
// descriptors. No file in it takes one of the process, so that the limit of these holds for
// each table by itself, and not for their sum (Linux 5.19).

const (
	uringOpClose = 19

	uringFixedFile     = 1 << 0 // of an entry's flags
	uringAnyPlace      = 1<<32 - 1
	uringCancelByFixed = 1 << 3 // of a cancellation's

	uringRegisterFiles = 13 // IORING_REGISTER_FILES2
	uringUpdateFiles   = 6
	uringSparse        = 1 << 0
)

// ReserveFiles gives r a table of files, as many as the process may have descriptors and at the
// most so many, and returns how many places that is. From then on Accept puts connections there, and what
// operations name is a place in it, but for the listening descriptor and that of Watch.
func (r *Ring) ReserveFiles(most int) (places int, err error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	places = int(min(limit.Cur, uint64(most)))
	reg := struct {
		n, flags   uint32
		_          uint64
		data, tags uint64
	}{n: uint32(places), flags: uringSparse}
	if err := r.register(uringRegisterFiles, unsafe.Pointer(&reg), unsafe.Sizeof(reg)); err != nil {
		return 0, fmt.Errorf("a table of %d files: %w", places, err)
	}
	r.direct = true
	return places, nil
}

// file is an entry's flags for a file of r.
func (r *Ring) file() uint8 {
	if r.direct {
		return uringFixedFile
	}
	return 0
}

// PutFile puts the file of a descriptor, which may be closed then, at a free place of the table.
func (r *Ring) PutFile(place, fd int) error {
	file := int32(fd)
	reg := struct {
		offset, _ uint32
		files     *int32
	}{offset: uint32(place), files: &file}
	return r.register(uringUpdateFiles, unsafe.Pointer(&reg), 1)
}

// CloseFile closes the file at a place of the table, which is free for another then. It completes only
// with an error.
func (r *Ring) CloseFile(place int, tag uint64) {
	e := r.next()
	e.opcode, e.flags, e.fileIndex, e.data = uringOpClose, uringSkipSuccess, uint32(place)+1, tag
}
