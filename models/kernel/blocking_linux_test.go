package kernel

import (
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// blocking is a blocking descriptor and the other end of its connection.
func blocking(t *testing.T) (net.Conn, int) {
	t.Helper()
	l := listen(t, "tcp", "127.0.0.1:0", SocketOptions{})
	addr := l.Addr()
	fd := detach(t, l)
	client := dial(t, addr)
	conn, errno := WaitAccept(fd)
	if errno != 0 {
		t.Fatal(errno)
	}
	t.Cleanup(func() { unix.Close(conn) })
	return client, conn
}

func TestWaitAccept(t *testing.T) {
	_, conn := blocking(t)
	checkCloseOnExec(t, conn)
	flags, err := unix.FcntlInt(uintptr(conn), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_NONBLOCK != 0 {
		t.Errorf("the connection does not block (flags %#x, %v)", flags, err)
	}
}

func TestWaitAcceptEndsWithTheListener(t *testing.T) {
	for network, address := range map[string]string{"tcp": "127.0.0.1:0", "unix": socketPath(t)} {
		fd := detach(t, listen(t, network, address, SocketOptions{}))
		ended := make(chan unix.Errno)
		go func() {
			_, errno := WaitAccept(fd)
			ended <- errno
		}()
		check(t, unix.Shutdown(fd, unix.SHUT_RDWR))
		if errno := <-ended; errno != unix.EINVAL {
			t.Errorf("%s: %v, want EINVAL", network, errno)
		}
	}
}

func TestWaitReadAndWrite(t *testing.T) {
	client, conn := blocking(t)
	buf := make([]byte, 10)
	_, err := client.Write([]byte("ping"))
	check(t, err)
	if n, errno := WaitRead(conn, buf); errno != 0 || string(buf[:n]) != "ping" {
		t.Errorf("read %d bytes, %v", n, errno)
	}
	if n, errno := WaitWrite(conn, []byte("pong")); errno != 0 || n != 4 {
		t.Errorf("wrote %d bytes, %v", n, errno)
	}
	if n, err := client.Read(buf); err != nil || string(buf[:n]) != "pong" {
		t.Errorf("the client read %q, %v", buf[:n], err)
	}
	client.Close()
	if n, errno := WaitRead(conn, buf); n != 0 || errno != 0 {
		t.Errorf("at the end: %d bytes, %v", n, errno)
	}
	for errno := unix.Errno(0); errno != unix.EPIPE; { // which would be a signal
		if _, errno = WaitWrite(conn, []byte("gone")); errno != 0 && errno != unix.EPIPE && errno != unix.ECONNRESET {
			t.Fatalf("to a peer that is gone: %v", errno)
		}
	}
}

func TestWaitsAreBounded(t *testing.T) {
	_, conn := blocking(t)
	check(t, SetWaits(conn, time.Nanosecond, time.Nanosecond))
	if n, errno := WaitRead(conn, make([]byte, 1)); errno != unix.EAGAIN {
		t.Errorf("read %d bytes, %v, want EAGAIN", n, errno)
	}
	big := make([]byte, 64<<20)
	if n, errno := WaitWrite(conn, big); errno != 0 || n <= 0 || n == len(big) {
		t.Errorf("wrote %d bytes of more than fits, %v", n, errno)
	}
	for { // the peer's buffer may grow a few times
		n, errno := WaitWrite(conn, big)
		if errno == unix.EAGAIN {
			return
		}
		if errno != 0 || n <= 0 {
			t.Fatalf("wrote %d bytes where there is little room, %v", n, errno)
		}
	}
}

// A signal ends a read whose time is bounded, which is how a thread is woken.
func TestWaitReadIsInterrupted(t *testing.T) {
	_, conn := blocking(t)
	check(t, SetWaits(conn, time.Hour, 0))
	thread := make(chan int)
	ended := make(chan unix.Errno)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		thread <- unix.Gettid()
		_, errno := WaitRead(conn, make([]byte, 1))
		ended <- errno
	}()
	for id := <-thread; ; time.Sleep(time.Millisecond) { // it may not have begun to read
		check(t, unix.Tgkill(os.Getpid(), id, unix.SIGURG))
		select {
		case errno := <-ended:
			if errno != unix.EINTR {
				t.Errorf("read ended with %v, want EINTR", errno)
			}
			return
		default:
		}
	}
}
