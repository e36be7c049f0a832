package kernel

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

func TestListenInherits(t *testing.T) {
	first := listen(t, "tcp", "127.0.0.1:0", SocketOptions{})
	want := first.Addr().String()
	fd := detach(t, first)
	copied, err := unix.Dup(fd) // the cleanup of detach closes the other
	check(t, err)

	l := listen(t, "tcp", Inherited(copied), SocketOptions{})
	if got := l.Addr().String(); got != want {
		t.Errorf("listens at %s, want %s", got, want)
	}
	if _, err := unix.FcntlInt(uintptr(copied), unix.F_GETFD, 0); !errors.Is(err, unix.EBADF) {
		t.Errorf("the descriptor it was inherited as is still open: %v", err)
	}
	c := dial(t, l.Addr())
	accepted, err := l.Accept()
	check(t, err)
	defer accepted.Close()
	if accepted.RemoteAddr().String() != c.LocalAddr().String() {
		t.Errorf("accepted %v, want %v", accepted.RemoteAddr(), c.LocalAddr())
	}
}

// What is no listening socket is refused, and not closed.
func TestListenInheritsListenersOnly(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	check(t, err)
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	for _, address := range []string{Inherited(pair[0]), Inherited(1 << 20), "fd@-1", "fd@three"} {
		if l, err := Listen("tcp", address, SocketOptions{}); err == nil {
			t.Errorf("%s: listens at %v", address, l.Addr())
		}
	}
	if _, err := unix.Write(pair[0], []byte("x")); err != nil {
		t.Errorf("the socket that does not listen: %v", err)
	}
}
