package sample

import "golang.org/x/sys/unix"

// olderCalls are those that newer architectures do not have.
var olderCalls = map[int]string{
	unix.SYS_SELECT:     "select",
	unix.SYS_POLL:       "poll",
	unix.SYS_EPOLL_WAIT: "epoll_wait",
}
