package kernel

import (
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func newPoller(t *testing.T) *Poller {
	t.Helper()
	p, err := NewPoller()
	check(t, err)
	t.Cleanup(p.Close)
	return p
}

// pair is two connected descriptors.
func pair(t *testing.T) (a, b int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	check(t, err)
	t.Cleanup(func() { unix.Close(fds[0]); unix.Close(fds[1]) })
	return fds[0], fds[1]
}

// next waits for events, at least one, with Wait; a wake-up is -1.
func next(t *testing.T, p *Poller, timeout time.Duration) (fds []int, events uint32) {
	t.Helper()
	buf := make([]unix.EpollEvent, 4)
	for len(fds) == 0 {
		n, err := p.Wait(buf, timeout)
		check(t, err)
		for i := range buf[:n] {
			fd := int(buf[i].Fd)
			if p.IsWake(&buf[i]) {
				fd = -1
			}
			fds, events = append(fds, fd), events|buf[i].Events
		}
	}
	return fds, events
}

func TestPollerReportsWhatIsAskedFor(t *testing.T) {
	p := newPoller(t)
	a, b := pair(t)
	buf := make([]unix.EpollEvent, 4)
	nothing := func(when string) {
		t.Helper()
		if n, err := p.Poll(buf); n != 0 || err != nil {
			t.Errorf("%s: %d events, %v", when, n, err)
		}
	}
	want := func(events uint32) {
		t.Helper()
		if fds, got := next(t, p, -1); !slices.Equal(fds, []int{a}) || got&events != events {
			t.Errorf("events %#x of %v, want %#x of %d", got, fds, events, a)
		}
	}
	check(t, p.Add(a, Readable))
	nothing("nothing to read")
	Send(b, []byte("x"))
	want(Readable)
	want(Readable) // level-triggered
	check(t, p.Modify(a, 0))
	nothing("not asked for")
	check(t, p.Modify(a, Writable))
	want(Writable)
	check(t, p.Modify(a, 0))
	check(t, unix.Shutdown(b, unix.SHUT_RDWR))
	want(unix.EPOLLHUP)
}

func TestPollerWakesFromAnotherThread(t *testing.T) {
	p := newPoller(t)
	for range 100 {
		var group sync.WaitGroup
		for range 3 {
			group.Go(p.Wake)
		}
		if fds, _ := next(t, p, -1); !slices.Equal(fds, []int{-1}) {
			t.Fatalf("events of %v, want the wake-up", fds)
		}
		group.Wait()
		drain(t, p)
	}
}

// drain takes wake-ups until there are none.
func drain(t *testing.T, p *Poller) {
	t.Helper()
	buf := make([]unix.EpollEvent, 1)
	for {
		n, err := p.Poll(buf)
		check(t, err)
		if n == 0 {
			return
		}
		p.IsWake(&buf[0])
	}
}

func TestPollerWakeBeforeWait(t *testing.T) {
	p := newPoller(t)
	p.Wake()
	p.Wake()
	if fds, _ := next(t, p, -1); !slices.Equal(fds, []int{-1}) {
		t.Errorf("events of %v, want the wake-up", fds)
	}
	buf := make([]unix.EpollEvent, 1)
	if n, err := p.Poll(buf); n != 0 || err != nil {
		t.Errorf("%d events after the wake-up was taken, %v", n, err)
	}
}

func TestPollerWaitTimesOut(t *testing.T) {
	p := newPoller(t)
	buf := make([]unix.EpollEvent, 1)
	for _, timeout := range []time.Duration{0, time.Microsecond, time.Millisecond} {
		if n, err := p.Wait(buf, timeout); n != 0 || err != nil {
			t.Errorf("after %v: %d events, %v", timeout, n, err)
		}
	}
}

func TestPollerErrors(t *testing.T) {
	p := newPoller(t)
	a, _ := pair(t)
	check(t, p.Add(a, Readable))
	if err := p.Add(a, Readable); err == nil {
		t.Error("added twice")
	}
	if err := p.Modify(1<<20, Readable); err == nil {
		t.Error("modified what is not open")
	}
}

// A descriptor of a closed Poller may be somebody else's by now.
func TestPollerClosedDoesNothing(t *testing.T) {
	p := newPoller(t)
	wake := p.wake
	p.Close()
	a, b := pair(t)
	if wake != a && wake != b {
		t.Skip("the number has not been given out again")
	}
	p.Wake()
	p.Close()
	for _, fd := range []int{a, b} {
		if n, errno := Recv(fd, make([]byte, 8)); errno != unix.EAGAIN {
			t.Errorf("descriptor %d: received %d bytes, %v", fd, n, errno)
		}
	}
}
