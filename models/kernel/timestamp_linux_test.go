package kernel

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The stamps of a byte's way there and back come in the order in which it is gone.
func TestStamper(t *testing.T) {
	l := listen(t, "tcp", "127.0.0.1:0", SocketOptions{ReuseAddr: true})
	peer := make(chan struct{})
	go func() {
		defer close(peer)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		b := make([]byte, 64)
		for {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			c.Write(b[:n])
		}
	}()
	target, err := ResolveTarget("tcp", l.Addr().String())
	check(t, err)
	fd, errno := Connect(target, 0)
	if errno != 0 && errno != unix.EINPROGRESS {
		t.Fatal(errno)
	}
	defer func() { unix.Close(fd); <-peer }()
	await := func(events int16) {
		p := []unix.PollFd{{Fd: int32(fd), Events: events}}
		for {
			n, err := unix.Poll(p, int(patience.Milliseconds()))
			if err == unix.EINTR {
				continue
			}
			if n != 1 || err != nil {
				t.Fatalf("poll: %d, %v", n, err)
			}
			return
		}
	}
	await(unix.POLLOUT)
	check(t, EnableTimestamps(fd))

	// The kernel begins to stamp what comes in some time after it was asked to.
	var s Stamper
	for received := time.Duration(0); received == 0; {
		if n, errno := s.Send(fd, []byte("first")); n != 5 || errno != 0 {
			t.Fatalf("sent %d, %v", n, errno)
		}
		s.Sent(fd)
		await(unix.POLLIN)
		var errno unix.Errno
		if _, received, errno = s.Recv(fd, make([]byte, 64)); errno != 0 {
			t.Fatal(errno)
		}
	}
	if at := s.Sent(fd); at != 0 {
		t.Errorf("a stamp of nothing sent: %v", at)
	}
	for range 3 {
		before := time.Duration(time.Now().UnixNano())
		if n, errno := s.Send(fd, []byte("hello")); n != 5 || errno != 0 {
			t.Fatalf("sent %d, %v", n, errno)
		}
		// The stamp comes as an event too, and would be one until it is fetched.
		sent := s.Sent(fd)
		await(unix.POLLIN)
		b := make([]byte, 64)
		n, received, errno := s.Recv(fd, b)
		after := time.Duration(time.Now().UnixNano())
		if n != 5 || errno != 0 {
			t.Fatalf("received %d, %v", n, errno)
		}
		if before > sent || sent > received || received > after {
			t.Errorf("sent %v and received %v after the beginning, the end after %v", sent-before, received-before, after-before)
		}
	}
	if _, _, errno := s.Recv(fd, make([]byte, 1)); errno != unix.EAGAIN {
		t.Errorf("nothing to receive: %v", errno)
	}
	allocs := testing.AllocsPerRun(100, func() { s.Sent(fd) })
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
