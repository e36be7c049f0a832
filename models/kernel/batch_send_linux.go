package kernel

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	maxSegments = 64    // that every kernel with UDP_SEGMENT takes in a message
	maxTogether = 65507 // likewise bytes, over IPv4 and IPv6
)

// BatchSent counts what a [BatchConn] has sent.
type BatchSent struct {
	Datagrams int64
	Messages  int64 // of one datagram or several
	Calls     int64 // of the kernel, those included that failed
	Failed    int64 // datagrams that could not be sent
}

// sendQueue holds the messages that Flush sends. Their datagrams stay where they are.
type sendQueue struct {
	messages []unix.Mmsghdr
	counts   []int // datagrams in each
	segments []segmentControl
	iov      []unix.Iovec // of all messages, in order
	n, parts int          // messages and iov in use

	// Of the last message, to which more may be added:
	to      *address
	segment int  // length of its first datagram
	bytes   int  // length of all
	whole   bool // no datagram is shorter than the first

	longest int // segment that the kernel takes, 0 for none
	sent    BatchSent
}

func newSendQueue(fd, size int) sendQueue {
	q := sendQueue{
		messages: make([]unix.Mmsghdr, size),
		counts:   make([]int, size),
		segments: make([]segmentControl, size),
		iov:      make([]unix.Iovec, size),
	}
	for i := range q.segments {
		q.segments[i].init()
	}
	// No segments is how a socket begins: who knows the option has no objection.
	if unix.SetsockoptInt(fd, unix.SOL_UDP, unix.UDP_SEGMENT, 0) == nil {
		q.longest = maxTogether
	}
	return q
}

// Reply queues a datagram for the sender of message i of the last Receive; if the
// queue is full, it sends that first. Until Flush the datagram must stay as it is.
func (b *BatchConn) Reply(i int, datagram []byte) {
	q := &b.out
	joins := q.joins(&b.from[i], len(datagram))
	if joins && q.extend(datagram) {
		return
	}
	if q.parts == len(q.iov) { // there are at least as many as messages
		b.Flush()
		joins = false
	}
	if !joins {
		q.begin(&b.from[i], b.in[i].Hdr.Namelen, len(datagram))
	}
	q.add(datagram)
}

// joins reports whether a datagram can be another segment of the last message. All
// but the last segment are of one length.
func (q *sendQueue) joins(to *address, size int) bool {
	return q.n > 0 && q.whole && size > 0 && size <= q.segment && q.segment <= q.longest &&
		q.counts[q.n-1] < maxSegments && q.bytes+size <= maxTogether && *q.to == *to
}

func (q *sendQueue) begin(to *address, length uint32, segment int) {
	h := &q.messages[q.n].Hdr
	h.Name, h.Namelen = &to[0], length
	h.Iov, h.Control = &q.iov[q.parts], nil
	h.SetIovlen(0)
	h.SetControllen(0)
	q.counts[q.n] = 0
	q.n++
	q.to, q.segment, q.bytes = to, segment, 0
}

// extend adds to the last message a datagram that in memory follows its last one.
func (q *sendQueue) extend(datagram []byte) bool {
	part := &q.iov[q.parts-1]
	if unsafe.Add(unsafe.Pointer(part.Base), int(part.Len)) != unsafe.Pointer(&datagram[0]) {
		return false
	}
	part.SetLen(int(part.Len) + len(datagram))
	q.count(len(datagram))
	return true
}

func (q *sendQueue) add(datagram []byte) {
	part := &q.iov[q.parts]
	part.Base = unsafe.SliceData(datagram)
	part.SetLen(len(datagram))
	q.parts++
	h := &q.messages[q.n-1].Hdr
	h.SetIovlen(int(h.Iovlen) + 1)
	q.count(len(datagram))
}

func (q *sendQueue) count(size int) {
	last := q.n - 1
	q.counts[last]++
	q.bytes += size
	q.whole = size == q.segment
	if q.counts[last] == 2 {
		c := &q.segments[last]
		c.set(q.segment)
		q.messages[last].Hdr.Control = c.start()
		q.messages[last].Hdr.SetControllen(int(unsafe.Sizeof(*c)))
	}
}

// Flush sends what is queued. What cannot be sent is counted and lost, as if the
// network had dropped it: the other receivers notice nothing.
func (b *BatchConn) Flush() {
	q := &b.out
	for first := 0; first < q.n; {
		n, errno := b.send(q.messages[first:q.n])
		switch errno {
		case 0:
			for _, datagrams := range q.counts[first : first+n] {
				q.sent.Datagrams += int64(datagrams)
			}
			q.sent.Messages += int64(n)
			first += n
		case unix.EINTR:
		default:
			b.unsent(first, errno)
			first++
		}
	}
	q.n, q.parts = 0, 0
}

// send waits only where there is no room, and tells the Go scheduler only then.
func (b *BatchConn) send(messages []unix.Mmsghdr) (int, unix.Errno) {
	b.out.sent.Calls++
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(b.fd), uintptr(unsafe.Pointer(&messages[0])), uintptr(len(messages)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	if errno == unix.EAGAIN {
		n, _, errno = unix.Syscall6(unix.SYS_SENDMMSG, uintptr(b.fd), uintptr(unsafe.Pointer(&messages[0])), uintptr(len(messages)), unix.MSG_NOSIGNAL, 0, 0)
	}
	return int(n), errno
}

// unsent deals with message i, which the kernel has refused. If that has segments it
// may be for their length, as when they are longer than the path takes: then the
// datagrams go out one by one, and so do from now on all of that length.
func (b *BatchConn) unsent(i int, errno unix.Errno) {
	q := &b.out
	n := int64(q.counts[i])
	if n == 1 || errno != unix.EINVAL && errno != unix.EMSGSIZE && errno != unix.EIO {
		q.sent.Failed += n
		return
	}
	went := b.sendApart(i)
	q.sent.Datagrams += went
	q.sent.Messages += went
	q.sent.Calls += n
	q.sent.Failed += n - went
	if went > 0 {
		q.longest = min(q.longest, q.segments[i].get()-1)
	}
}

// sendApart sends the datagrams of message i one by one and returns how many went.
func (b *BatchConn) sendApart(i int) (went int64) {
	h, segment := &b.out.messages[i].Hdr, b.out.segments[i].get()
	for _, part := range unsafe.Slice(h.Iov, h.Iovlen) {
		for rest := unsafe.Slice(part.Base, part.Len); len(rest) > 0; {
			size := min(segment, len(rest))
			_, _, errno := unix.Syscall6(unix.SYS_SENDTO, uintptr(b.fd), uintptr(unsafe.Pointer(&rest[0])), uintptr(size), unix.MSG_NOSIGNAL, uintptr(unsafe.Pointer(h.Name)), uintptr(h.Namelen))
			if errno == unix.EINTR {
				continue
			}
			if errno == 0 {
				went++
			}
			rest = rest[size:]
		}
	}
	return went
}

// Sent returns the counts.
func (b *BatchConn) Sent() BatchSent { return b.out.sent }
