package kernel

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// inheritedPrefix is one that no host and no usual path begins with.
const inheritedPrefix = "fd@"

// Inherited is the address by which [Listen] takes over a listening socket that this
// process was started with, as descriptor fd. Its options are those that it was
// opened with. Go's own Accept would turn keep-alive on for its connections; one
// that is to do without uses [DetachListener].
func Inherited(fd int) string { return inheritedPrefix + strconv.Itoa(fd) }

func inherited(address string) (fd int, ok bool) {
	number, ok := strings.CutPrefix(address, inheritedPrefix)
	if !ok {
		return 0, false
	}
	fd, err := strconv.Atoi(number)
	return fd, err == nil && fd >= 0
}

// adopt makes a listener of a descriptor, which is its own from then on. One that is
// no listening socket is left alone: it belongs to somebody else in this process.
func adopt(fd int) (net.Listener, error) {
	if listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err != nil || listens == 0 {
		return nil, fmt.Errorf("descriptor %d is no listening socket: %w", fd, unix.EINVAL)
	}
	f := os.NewFile(uintptr(fd), Inherited(fd))
	defer f.Close()
	return net.FileListener(f)
}
