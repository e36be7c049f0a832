//go:build linux && !race

package blocking_test

import (
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"testing"

	"connbench/models"
	"connbench/models/blocking"

	"golang.org/x/sys/unix"
)

// leanLimit is what a connection that waits may cost in stack and heap, in bytes.
const leanLimit = 3 << 10

// TestGoroutineLeanHoldsLittle measures each network in a process of its own, where
// every goroutine starts with the smallest stack: the runtime's guess at the size
// follows what ran before.
func TestGoroutineLeanHoldsLittle(t *testing.T) {
	const inside = "CONNBENCH_TEST_LEAN"
	if network := os.Getenv(inside); network != "" {
		holdsLittle(t, network)
		return
	}
	for _, network := range blocking.GoroutineLean.Networks {
		c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		c.Env = append(os.Environ(), inside+"="+network, "GODEBUG=adaptivestackstart=0")
		out, err := c.CombinedOutput()
		t.Logf("%s: %v\n%s", network, err, out)
		if err != nil {
			t.Fail()
		}
	}
}

func holdsLittle(t *testing.T, network string) {
	const few, many = 50, 2000
	cfg := models.DefaultConfig()
	cfg.Network = network
	if network == "unix" {
		cfg.Address = t.TempDir() + "/s"
	}
	s, err := blocking.GoroutineLean.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	connectIdle(t, s.Addr(), few)
	before := memory()
	connectIdle(t, s.Addr(), many)
	after := memory()
	stack := float64(after.StackInuse-before.StackInuse) / many
	heap := float64(after.HeapAlloc-before.HeapAlloc) / many
	other := float64(after.OtherSys-before.OtherSys) / many
	t.Logf("%s: %.0f B of stack, %.0f of heap, %.0f of the runtime's own", network, stack, heap, other)
	if stack+heap > leanLimit {
		t.Errorf("an idle connection costs %.0f bytes, want at most %d", stack+heap, leanLimit)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	<-served
}

func memory() (m runtime.MemStats) {
	runtime.GC() // twice, for what is in a sync.Pool
	runtime.GC()
	debug.FreeOSMemory()
	runtime.ReadMemStats(&m)
	return m
}

// connectIdle opens n connections that are answered once and then wait, on bare
// descriptors that cost this process no memory of its own.
func connectIdle(t *testing.T, to net.Addr, n int) {
	family := unix.AF_UNIX
	var addr unix.Sockaddr
	switch to := to.(type) {
	case *net.TCPAddr:
		family, addr = unix.AF_INET, &unix.SockaddrInet4{Port: to.Port, Addr: [4]byte(to.IP.To4())}
	case *net.UnixAddr:
		addr = &unix.SockaddrUnix{Name: to.Name}
	}
	ping := []byte{0, 0, 0, 4, 'p', 'i', 'n', 'g'}
	fds := make([]int, 0, n)
	t.Cleanup(func() {
		for _, fd := range fds {
			unix.Close(fd)
		}
	})
	for range n {
		fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		fds = append(fds, fd)
		if err := unix.Connect(fd, addr); err != nil {
			t.Fatal(err)
		}
		if _, err := unix.Write(fd, ping); err != nil {
			t.Fatal(err)
		}
		for got, buf := 0, make([]byte, len(ping)); got < len(ping); {
			n, err := unix.Read(fd, buf)
			if err != nil || n == 0 {
				t.Fatal(n, err)
			}
			got += n
		}
	}
}
