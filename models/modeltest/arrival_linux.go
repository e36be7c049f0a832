package modeltest

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// awaitArrival waits until all that c has sent is in the server's socket. A Unix
// socket puts it there at once.
func (c *client) awaitArrival(t *testing.T) {
	t.Helper()
	tcp, ok := c.socket().(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	check(t, err)
	arrived := func() bool {
		unacknowledged := 1
		err := raw.Control(func(fd uintptr) {
			unacknowledged, _ = unix.IoctlGetInt(int(fd), unix.TIOCOUTQ) // SIOCOUTQ
		})
		check(t, err)
		return unacknowledged == 0
	}
	eventually(t, arrived, func() { t.Fatal("what was sent does not arrive") })
}
