package loadgen

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// descriptorLimit is how many files this process may have open. The Go runtime
// has raised it to the hard limit by the time anybody asks.
func descriptorLimit() (uint64, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	return limit.Cur, nil
}

// socketBuffer is the receive buffer that a datagram socket gets here, in bytes:
// the system's default, or Linux's own where that cannot be read.
func socketBuffer() int {
	b, err := os.ReadFile("/proc/sys/net/core/rmem_default")
	if err == nil {
		if n, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil {
			return n
		}
	}
	return 212992
}
