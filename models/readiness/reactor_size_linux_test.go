package readiness

import (
	"runtime"
	"testing"
	"unsafe"

	"connbench/models"

	"golang.org/x/sys/unix"
)

func TestReactorConnIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(reactorConn{}); size > 80 {
		t.Errorf("a connection takes %d bytes", size)
	}
}

// An idle connection costs less than 300 bytes of user memory in all, whether it has
// been used before or not.
func TestReactorIdleConnectionIsCheap(t *testing.T) {
	const connections = 2000
	cfg := models.DefaultConfig()
	s, err := newReactor(cfg, reactorKind{notifier: newEpoll, loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	l := s.loops[0]
	defer func() { l.closeAll(); s.release() }()
	peers := make([]int, 0, connections)
	defer func() {
		for _, fd := range peers {
			unix.Close(fd)
		}
	}()
	before := heap()
	frame := make([]byte, 4+32<<10)
	frame[2] = 0x80
	for range connections {
		fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Skip(err)
		}
		peers = append(peers, fds[1])
		l.adopt(fds[0])
		unix.Write(fds[1], frame)
		l.read(fds[0], l.conns[fds[0]], false)
	}
	each := (heap() - before) / connections
	t.Logf("%d bytes each", each)
	if l.live != connections || each > 300 {
		t.Errorf("%d bytes for each of %d idle connections", each, l.live)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A request costs no allocation.
func TestReactorDoesNotAllocate(t *testing.T) {
	s, err := newReactor(models.DefaultConfig(), reactorKind{notifier: newEpoll, loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	l := s.loops[0]
	defer func() { l.closeAll(); s.release() }()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[1])
	l.adopt(fds[0])
	events, reply := make([]unix.EpollEvent, 4), make([]byte, 8)
	request := []byte{0, 0, 0, 4, 'p', 'i', 'n', 'g'}
	allocs := testing.AllocsPerRun(100, func() {
		unix.Write(fds[1], request)
		n, _ := l.await(events)
		for i := range events[:n] {
			l.handle(&events[i])
		}
		if n, err := unix.Read(fds[1], reply); n != len(reply) || err != nil {
			t.Fatalf("%d bytes of a reply, %v", n, err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a request", allocs)
	}
}
