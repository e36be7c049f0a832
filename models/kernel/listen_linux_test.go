package kernel

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const patience = 20 * time.Second

// option is a socket option to read back.
type option struct {
	name       string
	level, opt int
	want       int
}

// checkOptions reads the options of c back from the kernel.
func checkOptions(t *testing.T, c syscall.Conn, options []option) {
	t.Helper()
	check(t, control(c, func(fd int) error {
		checkOptionsRaw(t, fd, options)
		return nil
	}))
}

func checkOptionsRaw(t *testing.T, fd int, options []option) {
	t.Helper()
	for _, o := range options {
		got, err := unix.GetsockoptInt(fd, o.level, o.opt)
		if err != nil || got != o.want {
			t.Errorf("%s is %d, want %d (%v)", o.name, got, o.want, err)
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func listen(t *testing.T, network, address string, o SocketOptions) net.Listener {
	t.Helper()
	l, err := Listen(network, address, o)
	check(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

func dial(t *testing.T, addr net.Addr) net.Conn {
	t.Helper()
	c, err := net.DialTimeout(addr.Network(), addr.String(), patience)
	check(t, err)
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c
}

// socketPath is a short path, as that of a Unix socket must be.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cb")
	check(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

const size = 32 << 10 // below net.core.rmem_max of any kernel

// The kernel doubles the sizes, and reports them so.
var sizes = []option{
	{"SO_RCVBUF", unix.SOL_SOCKET, unix.SO_RCVBUF, 2 * size},
	{"SO_SNDBUF", unix.SOL_SOCKET, unix.SO_SNDBUF, 4 * size},
}

func TestTCPOptions(t *testing.T) {
	sized := SocketOptions{RecvBuffer: size, SendBuffer: 2 * size}
	tests := []struct {
		name     string
		o        SocketOptions
		listener []option
		accepted []option
	}{
		{"off", SocketOptions{}, []option{
			{"SO_REUSEADDR", unix.SOL_SOCKET, unix.SO_REUSEADDR, 0},
			{"SO_REUSEPORT", unix.SOL_SOCKET, unix.SO_REUSEPORT, 0},
			{"SO_PROTOCOL", unix.SOL_SOCKET, unix.SO_PROTOCOL, unix.IPPROTO_TCP},
		}, []option{
			{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
			{"SO_KEEPALIVE", unix.SOL_SOCKET, unix.SO_KEEPALIVE, 0},
			{"SO_PROTOCOL", unix.SOL_SOCKET, unix.SO_PROTOCOL, unix.IPPROTO_TCP},
		}},
		{"reuse", SocketOptions{ReuseAddr: true, ReusePort: true}, []option{
			{"SO_REUSEADDR", unix.SOL_SOCKET, unix.SO_REUSEADDR, 1},
			{"SO_REUSEPORT", unix.SOL_SOCKET, unix.SO_REUSEPORT, 1},
		}, nil},
		{"nagle", SocketOptions{Nagle: true}, nil, []option{
			{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY, 0},
		}},
		{"sizes", sized, sizes, sizes},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := listen(t, "tcp", "127.0.0.1:0", tt.o)
			checkOptions(t, l.(*net.TCPListener), tt.listener)
			checkAccepted(t, l, tt.o, tt.accepted)
		})
	}
}

// Unix sockets inherit nothing of their listener's.
func TestUnixOptions(t *testing.T) {
	o := SocketOptions{RecvBuffer: size, SendBuffer: 2 * size}
	checkAccepted(t, listen(t, "unix", socketPath(t), o), o, sizes)
}

// checkAccepted checks the options of a connection taken off l with Go, and of
// one taken without.
func checkAccepted(t *testing.T, l net.Listener, o SocketOptions, want []option) {
	t.Helper()
	addr := l.Addr()
	dial(t, addr)
	c, err := l.Accept()
	check(t, err)
	defer c.Close()
	check(t, o.Apply(c))
	checkOptions(t, c.(syscall.Conn), want)

	listener := detach(t, l)
	dial(t, addr)
	fd := accept(t, listener)
	check(t, o.ApplyRaw(addr.Network(), fd))
	checkOptionsRaw(t, fd, want)
}

func TestUDPOptions(t *testing.T) {
	c, err := ListenPacket("127.0.0.1:0", SocketOptions{RecvBuffer: size, SendBuffer: 2 * size, ReuseAddr: true, ReusePort: true})
	check(t, err)
	defer c.Close()
	checkOptions(t, c, append([]option{
		{"SO_REUSEADDR", unix.SOL_SOCKET, unix.SO_REUSEADDR, 0},
		{"SO_REUSEPORT", unix.SOL_SOCKET, unix.SO_REUSEPORT, 1},
	}, sizes...))
}

func TestReusePortShares(t *testing.T) {
	share := SocketOptions{ReusePort: true}
	l := listen(t, "tcp", "127.0.0.1:0", share)
	listen(t, "tcp", l.Addr().String(), share)
	if l, err := Listen("tcp", l.Addr().String(), SocketOptions{ReuseAddr: true}); !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("shared without SO_REUSEPORT: %v, %v", l, err)
	}
}

// Of a listening socket, TCP_INFO tells the backlog where it tells the
// selectively acknowledged segments of a connection.
func TestTCPBacklog(t *testing.T) {
	b, err := os.ReadFile("/proc/sys/net/core/somaxconn")
	check(t, err)
	most, err := strconv.Atoi(strings.TrimSpace(string(b)))
	check(t, err)
	for _, tt := range []struct{ backlog, want int }{{0, most}, {1, 1}, {5, 5}, {65535, min(65535, most)}} {
		l := listen(t, "tcp", "127.0.0.1:0", SocketOptions{Backlog: tt.backlog})
		check(t, control(l.(*net.TCPListener), func(fd int) error {
			info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
			if err == nil && int(info.Sacked) != tt.want {
				t.Errorf("backlog %d: the kernel has %d, want %d", tt.backlog, info.Sacked, tt.want)
			}
			return err
		}))
	}
}

// A Unix socket refuses at once beyond its backlog, which takes one more than its
// number.
func TestUnixBacklog(t *testing.T) {
	const backlog = 3
	l := listen(t, "unix", socketPath(t), SocketOptions{Backlog: backlog})
	for range backlog + 1 {
		dial(t, l.Addr())
	}
	if c, err := net.Dial("unix", l.Addr().String()); !errors.Is(err, unix.EAGAIN) {
		t.Errorf("connection %d: %v, %v, want EAGAIN", backlog+2, c, err)
	}
}

func TestUnixTakesOverAStaleSocket(t *testing.T) {
	path := socketPath(t)
	killed := listen(t, "unix", path, SocketOptions{}).(*net.UnixListener)
	if l, err := Listen("unix", path, SocketOptions{}); !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("took over a socket that is served: %v, %v", l, err)
	}
	killed.SetUnlinkOnClose(false)
	check(t, killed.Close())
	listen(t, "unix", path, SocketOptions{})
}

func TestUnixKeepsWhatIsNoSocket(t *testing.T) {
	path := socketPath(t)
	check(t, os.WriteFile(path, []byte("precious"), 0o600))
	if l, err := Listen("unix", path, SocketOptions{}); err == nil {
		l.Close()
		t.Error("listens where a file is")
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "precious" {
		t.Errorf("the file holds %q, %v", b, err)
	}
}

func TestReadNow(t *testing.T) {
	for network, address := range map[string]string{"tcp": "127.0.0.1:0", "unix": socketPath(t)} {
		t.Run(network, func(t *testing.T) {
			l := listen(t, network, address, SocketOptions{})
			client := dial(t, l.Addr())
			c, err := l.Accept()
			check(t, err)
			defer c.Close()
			c.SetReadDeadline(time.Unix(1, 0)) // which is not heeded
			now := func() (string, error) {
				buf := make([]byte, 10)
				n, err := ReadNow(c.(syscall.Conn), buf)
				return string(buf[:n]), err
			}
			if got, err := now(); got != "" || !errors.Is(err, syscall.EAGAIN) {
				t.Errorf("nothing there: %q, %v", got, err)
			}
			_, err = client.Write([]byte("here"))
			check(t, err)
			if got, err := once(now); got != "here" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
			client.Close()
			if got, err := once(now); got != "" || err != io.EOF {
				t.Errorf("at the end: %q, %v", got, err)
			}
		})
	}
}

// once calls now until it returns something else than EAGAIN.
func once(now func() (string, error)) (string, error) {
	for start := time.Now(); ; time.Sleep(time.Millisecond) {
		got, err := now()
		if !errors.Is(err, syscall.EAGAIN) || time.Since(start) > patience {
			return got, err
		}
	}
}
