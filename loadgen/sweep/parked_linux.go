package sweep

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"connbench/results"
)

// parked counts threads by the system call in which they wait, where the kernel says so
// (it is ours to ask, and built with CONFIG_HAVE_ARCH_TRACEHOOK). Those that run are
// left out.
func parked(tids []int) results.Parked {
	counted := results.Parked{}
	buf := make([]byte, 512)
	for _, tid := range tids {
		first, _, _ := bytes.Cut(readInto(buf, fmt.Sprintf("/proc/%d/syscall", tid)), []byte(" "))
		call, err := strconv.Atoi(string(first))
		if err != nil || call < 0 {
			continue // running, or in the kernel without a call
		}
		counted[cmp.Or(callNames[call], olderCalls[call], "other")]++
	}
	if len(counted) == 0 {
		return nil
	}
	return counted
}

// callNames are the calls in which servers wait.
var callNames = map[int]string{
	unix.SYS_READ:            "read",
	unix.SYS_READV:           "readv",
	unix.SYS_RECVFROM:        "recvfrom",
	unix.SYS_RECVMSG:         "recvmsg",
	unix.SYS_RECVMMSG:        "recvmmsg",
	unix.SYS_ACCEPT:          "accept",
	unix.SYS_ACCEPT4:         "accept4",
	unix.SYS_EPOLL_PWAIT:     "epoll_pwait",
	unix.SYS_PSELECT6:        "pselect6",
	unix.SYS_PPOLL:           "ppoll",
	unix.SYS_IO_URING_ENTER:  "io_uring_enter",
	unix.SYS_FUTEX:           "futex",
	unix.SYS_NANOSLEEP:       "nanosleep",
	unix.SYS_CLOCK_NANOSLEEP: "clock_nanosleep",
	unix.SYS_RT_SIGTIMEDWAIT: "rt_sigtimedwait",
	unix.SYS_WAIT4:           "wait4",
}
