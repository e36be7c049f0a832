package kernel

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// segmentControl is the control message with the length of the datagrams in a
// message: an int32 on the way in (UDP_GRO), a uint16 on the way out (UDP_SEGMENT).
type segmentControl struct {
	header unix.Cmsghdr
	size   [8]byte
}

func (c *segmentControl) start() *byte { return (*byte)(unsafe.Pointer(c)) }

// joined is the length that the kernel has written, 0 if it has written anything else.
func (c *segmentControl) joined() int {
	if c.header.Level != unix.SOL_UDP || c.header.Type != unix.UDP_GRO {
		return 0
	}
	return int(*(*int32)(unsafe.Pointer(&c.size)))
}

func (c *segmentControl) init() {
	c.header.Level, c.header.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	c.header.SetLen(unix.CmsgLen(2))
}

func (c *segmentControl) set(segment int) { *(*uint16)(unsafe.Pointer(&c.size)) = uint16(segment) }
func (c *segmentControl) get() int        { return int(*(*uint16)(unsafe.Pointer(&c.size))) }
