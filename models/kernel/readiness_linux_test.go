package kernel

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// watcher is what Poller, SelectSet and PollSet have in common.
type watcher interface {
	Add(fd int, events uint32) error
	Modify(fd int, events uint32) error
	Remove(fd int) error
	Poll([]unix.EpollEvent) (int, error)
	Wait([]unix.EpollEvent, time.Duration) (int, error)
	Wake()
	IsWake(*unix.EpollEvent) bool
	Close()
}

// eachWatcher runs test for each kind.
func eachWatcher(t *testing.T, test func(*testing.T, watcher)) {
	kinds := map[string]func() (watcher, error){
		"epoll":  func() (watcher, error) { return NewPoller() },
		"select": func() (watcher, error) { return NewSelectSet() },
		"poll":   func() (watcher, error) { return NewPollSet() },
	}
	for name, open := range kinds {
		t.Run(name, func(t *testing.T) {
			w, err := open()
			check(t, err)
			t.Cleanup(w.Close)
			test(t, w)
		})
	}
}

// polled are the descriptors of all events that are there now, room at a time.
func polled(t *testing.T, w watcher, room int) (fds []int) {
	t.Helper()
	buf := make([]unix.EpollEvent, room)
	for {
		n, err := w.Poll(buf)
		check(t, err)
		for i := range buf[:n] {
			fds = append(fds, int(buf[i].Fd))
		}
		if n < room {
			slices.Sort(fds)
			return fds
		}
	}
}

func wantFDs(t *testing.T, when string, got []int, want ...int) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: events of %v, want %v", when, got, want)
	}
}

func TestWatchersFollowWhatIsAskedFor(t *testing.T) {
	eachWatcher(t, func(t *testing.T, w watcher) {
		a, b := pair(t)
		check(t, w.Add(a, Readable))
		wantFDs(t, "nothing to read", polled(t, w, 4))
		Send(b, []byte("x"))
		wantFDs(t, "something to read", polled(t, w, 4), a)
		wantFDs(t, "still something to read", polled(t, w, 4), a)
		check(t, w.Modify(a, 0))
		wantFDs(t, "not asked for", polled(t, w, 4))
		check(t, w.Modify(a, Writable))
		wantFDs(t, "room to write", polled(t, w, 4), a)
		check(t, w.Modify(a, Readable|Writable))
		buf := make([]unix.EpollEvent, 4)
		if n, err := w.Wait(buf, -1); n != 1 || err != nil || buf[0].Events != Readable|Writable {
			t.Errorf("%d events, %#x, %v", n, buf[0].Events, err)
		}
		check(t, w.Remove(a))
		wantFDs(t, "removed", polled(t, w, 4))
	})
}

// A peer that is gone makes a descriptor ready, whatever is waited for.
func TestWatchersReportTheEnd(t *testing.T) {
	for _, events := range []uint32{Readable, Writable} {
		eachWatcher(t, func(t *testing.T, w watcher) {
			fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
			check(t, err)
			a, b := fds[0], fds[1]
			t.Cleanup(func() { unix.Close(a) })
			for {
				if _, errno := Send(a, make([]byte, 1<<16)); errno == unix.EAGAIN {
					break
				}
			}
			check(t, w.Add(a, events))
			wantFDs(t, "peer there", polled(t, w, 4))
			check(t, unix.Close(b))
			wantFDs(t, "peer gone", polled(t, w, 4), a)
		})
	}
}

// More descriptors are ready than one call returns: each is told of once before any
// is again.
func TestWatchersReturnAllThatIsReady(t *testing.T) {
	eachWatcher(t, func(t *testing.T, w watcher) {
		var all []int
		for range 100 {
			a, b := pair(t)
			check(t, w.Add(a, Readable))
			Send(b, []byte("x"))
			all = append(all, a)
		}
		buf := make([]unix.EpollEvent, 7)
		var got []int
		for len(got) < len(all) {
			n, err := w.Wait(buf, -1)
			check(t, err)
			for i := range buf[:n] {
				got = append(got, int(buf[i].Fd))
			}
		}
		got = got[:len(all)]
		slices.Sort(got)
		wantFDs(t, "all readable", got, all...)
	})
}

// What is removed while it waits to be returned is not returned, and what has its
// number later is not taken for it.
func TestWatchersForgetWhatIsRemoved(t *testing.T) {
	eachWatcher(t, func(t *testing.T, w watcher) {
		var fds, peers []int
		for range 10 {
			a, b := pair(t)
			check(t, w.Add(a, Readable))
			Send(b, []byte("x"))
			fds, peers = append(fds, a), append(peers, b)
		}
		buf := make([]unix.EpollEvent, 1)
		n, err := w.Wait(buf, -1)
		check(t, err)
		if n != 1 {
			t.Fatalf("%d events", n)
		}
		for i, fd := range fds { // the next has nothing to read
			check(t, w.Remove(fd))
			Recv(fd, make([]byte, 1))
			check(t, w.Add(fd, Readable))
			if i%2 == 0 {
				check(t, w.Remove(fd))
			}
		}
		wantFDs(t, "nothing to read", polled(t, w, 1))
		for _, b := range peers {
			Send(b, []byte("x"))
		}
		var odd []int
		for i := 1; i < len(fds); i += 2 {
			odd = append(odd, fds[i])
		}
		wantFDs(t, "all written to", polled(t, w, 20), odd...)
	})
}

func TestWatchersWake(t *testing.T) {
	eachWatcher(t, func(t *testing.T, w watcher) {
		buf := make([]unix.EpollEvent, 4)
		for range 100 {
			go w.Wake()
			n, err := w.Wait(buf, -1)
			for n == 0 && err == nil {
				n, err = w.Wait(buf, -1)
			}
			if n != 1 || err != nil || !w.IsWake(&buf[0]) {
				t.Fatalf("%d events, %v", n, err)
			}
		}
		if n, err := w.Wait(buf, time.Millisecond); n != 0 || err != nil {
			t.Errorf("%d events when the wake-up was taken, %v", n, err)
		}
		w.Close()
		w.Close()
		w.Wake()
	})
}

func TestSelectRefusesHighDescriptors(t *testing.T) {
	s, err := NewSelectSet()
	check(t, err)
	defer s.Close()
	for _, fd := range []int{SelectLimit, 1 << 20, -1} {
		if err := s.Add(fd, Readable); err == nil {
			t.Errorf("descriptor %d is watched", fd)
		}
	}
	a, b := pair(t)
	high, err := unix.FcntlInt(uintptr(a), unix.F_DUPFD_CLOEXEC, SelectLimit-1)
	check(t, err)
	defer unix.Close(high)
	if high != SelectLimit-1 {
		t.Skip("the highest number is taken")
	}
	check(t, s.Add(high, Readable))
	wantFDs(t, "nothing to read", polled(t, s, 4))
	Send(b, []byte("x"))
	wantFDs(t, "something to read", polled(t, s, 4), high)
}

func TestPollSetErrors(t *testing.T) {
	p, err := NewPollSet()
	check(t, err)
	defer p.Close()
	a, _ := pair(t)
	check(t, p.Add(a, Readable))
	if p.Add(a, Readable) == nil {
		t.Error("added twice")
	}
	check(t, p.Remove(a))
	if p.Remove(a) == nil || p.Modify(a, Readable) == nil || p.Modify(1<<20, Readable) == nil {
		t.Error("what is not there is removed or modified")
	}
}
