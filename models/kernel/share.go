package kernel

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// SharePort lets sockets that have SO_REUSEPORT take the port of c, which has had it
// to itself. On Linux, the datagrams are then spread over all of them.
func SharePort(c syscall.Conn) error {
	return control(c, func(fd int) error {
		return setFlag(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, "SO_REUSEPORT", true)
	})
}
