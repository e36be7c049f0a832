package profile

import (
	"fmt"

	"github.com/elastic/go-seccomp-bpf/arch"
)

// moving are the calls whose result is a number of bytes, and telling those whose result is one
// of events or messages.
var (
	moving = []string{
		"read", "pread64", "readv", "preadv", "preadv2", "recvfrom", "recvmsg",
		"write", "pwrite64", "writev", "pwritev", "pwritev2", "sendto", "sendmsg",
		"sendfile", "splice", "tee", "vmsplice", "copy_file_range",
	}
	telling = []string{
		"epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select", "pselect6",
		"recvmmsg", "sendmmsg", "io_uring_enter", "io_getevents", "io_submit",
	}
)

// here is nil on an architecture of which the names are not known.
var here, _ = arch.GetInfo("")

// CallName is the name of a system call by its number on this architecture; "call 500" of one that
// is not known.
func CallName(call int) string {
	if here != nil && here.SyscallNumbers[call] != "" {
		return here.SyscallNumbers[call]
	}
	return fmt.Sprintf("call %d", call)
}
