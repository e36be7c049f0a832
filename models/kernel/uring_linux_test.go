package kernel

import (
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openRing is a ring of the test's own thread.
func openRing(t *testing.T) *Ring {
	t.Helper()
	r, err := NewRing(16)
	if err != nil {
		t.Skip(err)
	}
	runtime.LockOSThread() // until the test's goroutine ends
	t.Cleanup(r.Close)
	if err := r.Enable(); err != nil {
		t.Fatal(err)
	}
	return r
}

// completion waits for the next completion.
func completion(t *testing.T, r *Ring) Completion {
	t.Helper()
	for began := time.Now(); time.Since(began) < time.Minute; {
		if c := r.Next(); c != nil {
			return *c
		}
		if err := r.Wait(10 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("nothing completes")
	return Completion{}
}

// halfPair is a connection of the standard library and the descriptor of its other end.
func halfPair(t *testing.T) (net.Conn, int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fds[0]) })
	return fileConn(t, fds[1]), fds[0]
}

func TestRingAccepts(t *testing.T) {
	r := openRing(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fd, err := DetachListener(l)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	r.AcceptAll(fd, 7)
	for range 3 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		done := completion(t, r)
		if done.Tag != 7 || !done.More() || done.Result < 0 {
			t.Fatalf("got %+v", done)
		}
		unix.Close(int(done.Result))
	}
}

// A connection in the table of files is read from, written to and closed by its place, takes no
// descriptor, and its place is free again at once.
func TestRingFiles(t *testing.T) {
	r := openRing(t)
	places, err := r.ReserveFiles(1)
	check(t, err)
	if places != 1 {
		t.Fatalf("%d places", places)
	}
	b, err := r.NewBuffers(1, 2, 8)
	check(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer l.Close()
	file, err := l.(*net.TCPListener).File()
	check(t, err)
	defer file.Close()
	for range 3 {
		c, err := net.Dial("tcp", l.Addr().String())
		check(t, err)
		defer c.Close()
		r.Accept(int(file.Fd()), 1)
		if done := completion(t, r); done.Tag != 1 || done.Result != 0 || done.More() {
			t.Fatalf("accepted: %+v, want the only place", done)
		}
		c.Write([]byte("x"))
		r.Receive(0, b, 2)
		done := completion(t, r)
		if done.Tag != 2 || done.Result != 1 {
			t.Fatalf("received: %+v", done)
		}
		b.Return(done.Buffer())
		r.CancelAll(0, 3)
		if done := completion(t, r); done.Tag != 2 || done.Errno() != unix.ECANCELED {
			t.Errorf("cancelled: %+v", done)
		}
		r.SendNow(0, []byte("yz"), 4)
		r.CloseFile(0, 5)
		check(t, r.Poll())
		if got, err := io.ReadAll(c); string(got) != "yz" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

// A socket that was put in the table lives on without its descriptor, and an eventfd hears of
// what arrives there before anybody enters the ring.
func TestRingTellsOfFiles(t *testing.T) {
	r := openRing(t)
	_, err := r.ReserveFiles(1)
	check(t, err)
	b, err := r.NewBuffers(1, 2, 8)
	check(t, err)
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	check(t, err)
	defer unix.Close(wake)
	check(t, r.Tell(wake))
	for range 2 {
		fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		check(t, err)
		check(t, r.PutFile(0, fds[0]))
		check(t, unix.Close(fds[0]))
		c := fileConn(t, fds[1])
		r.Writable(0, 1)
		if done := completion(t, r); done.Tag != 1 || done.Result&unix.POLLOUT == 0 {
			t.Errorf("writable: %+v", done)
		}
		r.Receive(0, b, 2)
		check(t, r.Poll())
		unix.SetNonblock(wake, true)
		unix.Read(wake, make([]byte, 8)) // of before
		unix.SetNonblock(wake, false)
		c.Write([]byte("x"))
		if _, err := unix.Read(wake, make([]byte, 8)); err != nil {
			t.Error(err)
		}
		done := completion(t, r)
		if done.Tag != 2 || done.Result != 1 {
			t.Errorf("received: %+v", done)
		}
		b.Return(done.Buffer())
		r.CancelAll(0, 3)
		completion(t, r)
		r.CloseFile(0, 4)
		check(t, r.Poll())
		if _, err := io.ReadAll(c); err != nil {
			t.Error(err)
		}
	}
}

func TestRingReceives(t *testing.T) {
	r := openRing(t)
	b, err := r.NewBuffers(1, 2, 8)
	if err != nil {
		t.Fatal(err)
	}
	peer, fd := halfPair(t)
	r.Receive(fd, b, 3)
	if err := r.Poll(); err != nil {
		t.Fatal(err)
	}
	peer.Write([]byte("0123456789abcdefghij"))
	var got []byte
	for len(got) < 20 {
		done := completion(t, r)
		if i := done.Buffer(); i >= 0 {
			got = append(got, b.Get(i, int(done.Result))...)
			b.Return(i)
		} else if done.Errno() != unix.ENOBUFS || done.More() {
			t.Fatalf("got %+v", done)
		} else {
			r.Receive(fd, b, 3) // two buffers were not enough
		}
	}
	if string(got) != "0123456789abcdefghij" {
		t.Errorf("got %q", got)
	}
	peer.Close()
	done := completion(t, r)
	for done.Errno() == unix.ENOBUFS {
		r.Receive(fd, b, 3)
		done = completion(t, r)
	}
	if done.Result != 0 || done.More() {
		t.Errorf("at the end of the stream: %+v", done)
	}
}

func TestRingReceivesNow(t *testing.T) {
	r := openRing(t)
	b, err := r.ReserveBuffers(1, 2, 8)
	check(t, err)
	peer, fd := halfPair(t)
	want := func(errno unix.Errno, data string) {
		t.Helper()
		r.ReceiveNow(fd, b, 3)
		done := completion(t, r)
		if done.Tag != 3 || done.More() || done.Errno() != errno {
			t.Fatalf("got %+v, want %v", done, errno)
		}
		if i := done.Buffer(); i >= 0 {
			if got := string(b.Get(i, int(done.Result))); got != data {
				t.Errorf("got %q, want %q", got, data)
			}
			b.Return(i)
		}
	}
	want(unix.ENOBUFS, "") // none is given yet
	b.Return(1)
	want(unix.EAGAIN, "")
	peer.Write([]byte("0123456789"))
	want(0, "01234567")
	want(0, "89")
	want(unix.EAGAIN, "")
	peer.Close()
	want(0, "")
}

func TestRingCancels(t *testing.T) {
	r := openRing(t)
	b, err := r.NewBuffers(1, 2, 8)
	check(t, err)
	peer, fd := halfPair(t)
	r.Receive(fd, b, 3)
	check(t, r.Poll())
	r.Cancel(3, 4)
	if done := completion(t, r); done.Tag != 3 || done.Errno() != unix.ECANCELED || done.More() {
		t.Errorf("got %+v, want the end of receiving", done)
	}
	peer.Write([]byte("x"))
	r.Cancel(3, 5)
	if done := completion(t, r); done.Tag != 5 || done.Errno() != unix.ENOENT {
		t.Errorf("got %+v, want that there is nothing to cancel", done)
	}
	r.ReceiveNow(fd, b, 6)
	if done := completion(t, r); done.Tag != 6 || done.Result != 1 {
		t.Errorf("got %+v, want what has arrived since", done)
	}
}

// Completions for which there is no room come later, and until then the ring is not
// settled.
func TestRingSettles(t *testing.T) {
	r := openRing(t)
	peer, fd := halfPair(t)
	peer.Close()
	const sends = 100 // there is room for 64
	for range sends {
		r.SendNow(fd, []byte("x"), 1)
	}
	if r.Settled() {
		t.Error("settled before all is handed over")
	}
	check(t, r.Poll())
	got, rounds := 0, 0
	for {
		for r.Next() != nil {
			got++
		}
		if r.Settled() {
			break
		}
		rounds++
		check(t, r.Poll())
	}
	if got != sends || rounds == 0 {
		t.Errorf("%d of %d completions in %d rounds", got, sends, 1+rounds)
	}
}

// SendNow tells nothing of a success, and how far it came otherwise.
func TestRingSendsNow(t *testing.T) {
	r := openRing(t)
	peer, fd := halfPair(t)
	r.SendNow(fd, []byte("hello"), 1)
	if err := r.Poll(); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(peer, got); err != nil || string(got) != "hello" {
		t.Fatalf("peer got %q, %v", got, err)
	}
	big := make([]byte, 16<<20)
	r.SendNow(fd, big, 2)
	if done := completion(t, r); done.Tag != 2 || done.Result < 1 || int(done.Result) >= len(big) {
		t.Errorf("of more than fits: %+v", done)
	}
	r.SendNow(fd, big, 3)
	if done := completion(t, r); done.Tag != 3 || done.Errno() != unix.EAGAIN {
		t.Errorf("with no room at all: %+v", done)
	}
	peer.Close()
	r.SendNow(fd, []byte("x"), 4)
	if done := completion(t, r); done.Tag != 4 || done.Errno() != unix.EPIPE {
		t.Errorf("with nobody to read it: %+v", done)
	}
}

func TestRingWatchesAPoller(t *testing.T) {
	r := openRing(t)
	p, err := NewPoller()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	r.Watch(p.FD(), 9)
	events := make([]unix.EpollEvent, 4)
	for range 3 {
		p.Wake()
		if done := completion(t, r); done.Tag != 9 || !done.More() {
			t.Fatalf("got %+v", done)
		}
		if n, err := p.Poll(events); n != 1 || err != nil || !p.IsWake(&events[0]) {
			t.Fatalf("%d events, %v", n, err)
		}
	}
}

// A queue that is full is handed over by itself.
func TestRingTakesMoreThanItsQueue(t *testing.T) {
	r := openRing(t)
	peer, fd := halfPair(t)
	for range 100 {
		r.SendNow(fd, []byte("x"), 1)
	}
	if err := r.Poll(); err != nil {
		t.Fatal(err)
	}
	if n, err := io.ReadFull(peer, make([]byte, 100)); err != nil {
		t.Errorf("peer got %d bytes, %v", n, err)
	}
	if r.Queued() != 0 {
		t.Errorf("%d operations still queued", r.Queued())
	}
}

func TestRingWaitEnds(t *testing.T) {
	r := openRing(t)
	if err := r.Wait(time.Millisecond); err != nil {
		t.Error(err)
	}
	if c := r.Next(); c != nil {
		t.Errorf("got %+v from nothing", c)
	}
}

func TestRingRefusesNonsense(t *testing.T) {
	if r, err := NewRing(0); err == nil {
		r.Close()
		t.Error("a ring of no entries")
	}
}

func fileConn(t *testing.T, fd int) net.Conn {
	t.Helper()
	f := os.NewFile(uintptr(fd), "peer")
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}
