package kernel

import (
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// detach is DetachListener for a test.
func detach(t *testing.T, l net.Listener) int {
	t.Helper()
	fd, err := DetachListener(l)
	check(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// accept takes a connection off listener once there is one.
func accept(t *testing.T, listener int) int {
	t.Helper()
	await(t, listener, unix.POLLIN)
	fd, errno := Accept(listener)
	if errno != 0 {
		t.Fatal(errno)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// await waits until one of events is there at fd.
func await(t *testing.T, fd int, events int16) {
	t.Helper()
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: events}}, int(patience.Milliseconds()))
		if err == unix.EINTR {
			continue
		}
		if n != 1 || err != nil {
			t.Fatalf("nothing comes: %d, %v", n, err)
		}
		return
	}
}

func TestDetachListener(t *testing.T) {
	for network, address := range map[string]string{"tcp": "127.0.0.1:0", "unix": socketPath(t)} {
		t.Run(network, func(t *testing.T) {
			l := listen(t, network, address, SocketOptions{})
			addr := l.Addr()
			fd := detach(t, l)
			if _, err := l.Accept(); err == nil {
				t.Error("the listener still accepts")
			}
			if n, errno := Accept(fd); errno != unix.EAGAIN {
				t.Errorf("accept where nobody waits: %d, %v, want EAGAIN", n, errno)
			}
			checkCloseOnExec(t, fd)
			client := dial(t, addr)
			conn := accept(t, fd)
			checkCloseOnExec(t, conn)
			checkSendRecv(t, client, conn)
			if network == "unix" {
				if _, err := os.Stat(address); err != nil {
					t.Errorf("the socket file is gone: %v", err)
				}
			}
		})
	}
}

func checkCloseOnExec(t *testing.T, fd int) {
	t.Helper()
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("a child would inherit the descriptor (%v)", err)
	}
}

// checkSendRecv looks at every way in which Send and Recv return.
func checkSendRecv(t *testing.T, client net.Conn, conn int) {
	t.Helper()
	buf := make([]byte, 10)
	if n, errno := Recv(conn, buf); errno != unix.EAGAIN {
		t.Errorf("nothing there: %d, %v, want EAGAIN", n, errno)
	}
	_, err := client.Write([]byte("ping"))
	check(t, err)
	await(t, conn, unix.POLLIN)
	if n, errno := Recv(conn, buf); errno != 0 || string(buf[:n]) != "ping" {
		t.Errorf("received %d bytes, %v", n, errno)
	}
	if n, errno := Send(conn, []byte("pong")); errno != 0 || n != 4 {
		t.Errorf("sent %d bytes, %v", n, errno)
	}
	if n, err := client.Read(buf); err != nil || string(buf[:n]) != "pong" {
		t.Errorf("the client received %q, %v", buf[:n], err)
	}
	client.Close()
	await(t, conn, unix.POLLIN)
	if n, errno := Recv(conn, buf); errno != 0 || n != 0 {
		t.Errorf("at the end: %d bytes, %v", n, errno)
	}
	for errno := unix.Errno(0); errno != unix.EPIPE; { // which would be a signal
		_, errno = Send(conn, []byte("gone"))
		if errno != 0 && errno != unix.EPIPE && errno != unix.ECONNRESET {
			t.Fatalf("to a peer that is gone: %v", errno)
		}
	}
}

func TestSendTakesWhatFits(t *testing.T) {
	l := listen(t, "unix", socketPath(t), SocketOptions{})
	addr := l.Addr()
	fd := detach(t, l)
	dial(t, addr)
	conn := accept(t, fd)
	chunk := make([]byte, 1<<20)
	for {
		n, errno := Send(conn, chunk)
		if errno == unix.EAGAIN {
			return
		}
		if errno != 0 || n <= 0 {
			t.Fatalf("sent %d, %v", n, errno)
		}
	}
}

// Linger waits for what comes, and no longer than it was set to; on the same socket Recv does not wait.
func TestLinger(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	if err := SetLinger(pair[0], time.Millisecond); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 8)
	if _, errno := Recv(pair[0], buf); errno != unix.EAGAIN {
		t.Errorf("Recv of nothing: %v", errno)
	}
	linger := func() (n int, errno unix.Errno) {
		for errno = unix.EINTR; errno == unix.EINTR; { // which is the runtime's
			n, errno = Linger(pair[0], buf)
		}
		return n, errno
	}
	began := time.Now()
	if _, errno := linger(); errno != unix.EAGAIN || time.Since(began) < time.Millisecond {
		t.Errorf("Linger for nothing: %v after %v", errno, time.Since(began))
	}
	if err := SetLinger(pair[0], time.Minute); err != nil {
		t.Fatal(err)
	}
	sent := make(chan unix.Errno)
	go func() {
		_, errno := Send(pair[1], []byte("late"))
		sent <- errno
	}()
	n, errno := linger()
	if errno != 0 || string(buf[:n]) != "late" || <-sent != 0 {
		t.Errorf("got %q, %v", buf[:n], errno)
	}
}
