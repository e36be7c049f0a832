package kernel

import (
	"encoding/binary"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// tcpMemoryOf is TCPMemory where there is such a thing.
func tcpMemoryOf(t *testing.T, addr net.Addr) SocketMemory {
	t.Helper()
	m, err := TCPMemory(uint16(addr.(*net.TCPAddr).Port))
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	check(t, err)
	return m
}

// accepted connects to l from an address and returns both ends.
func accepted(t *testing.T, l net.Listener, from string) (server, client *net.TCPConn) {
	t.Helper()
	c := dial(t, &net.TCPAddr{IP: net.ParseIP(from), Port: l.Addr().(*net.TCPAddr).Port})
	s, err := l.Accept()
	check(t, err)
	t.Cleanup(func() { s.Close() })
	return s.(*net.TCPConn), c.(*net.TCPConn)
}

// Only the server's ends of its own connections count, over IPv4, over IPv6, and over
// IPv4 at a socket of IPv6; idle, they hold less than a page each.
func TestSockTCPMemoryCountsTheServersEnds(t *testing.T) {
	const each = 50
	for _, tt := range []struct{ listen, dial string }{
		{"127.0.0.1:0", "127.0.0.1"}, {"[::1]:0", "::1"}, {"[::]:0", "127.0.0.1"}, {"[::]:0", "::1"},
	} {
		t.Run(tt.listen+" from "+tt.dial, func(t *testing.T) {
			l, err := net.Listen("tcp", tt.listen)
			if err != nil {
				t.Skip(err)
			}
			defer l.Close()
			other := listen(t, "tcp", "127.0.0.1:0", SocketOptions{})
			accepted(t, other, "127.0.0.1")
			if m := tcpMemoryOf(t, l.Addr()); m != (SocketMemory{}) {
				t.Errorf("with nobody connected: %+v", m)
			}
			var servers []*net.TCPConn
			for range each {
				s, _ := accepted(t, l, tt.dial)
				servers = append(servers, s)
			}
			m := tcpMemoryOf(t, l.Addr())
			t.Logf("%+v", m)
			if m.Sockets != each || m.ReceiveQueue != 0 || m.SendQueue != 0 || m.Buffers >= each*int64(os.Getpagesize()) {
				t.Errorf("with %d idle: %+v", each, m)
			}
			servers[0].Close()
			if m := tcpMemoryOf(t, l.Addr()); m.Sockets != each-1 {
				t.Errorf("with one closed of %d: %+v", each, m)
			}
		})
	}
}

// What has arrived and was not read is in the figures.
func TestSockTCPMemoryReceived(t *testing.T) {
	const size = 20_000
	l := listen(t, "tcp", "127.0.0.1:0", SocketOptions{})
	server, client := accepted(t, l, "127.0.0.1")
	check(t, control(server, func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVLOWAT, size) }))
	_, err := client.Write(make([]byte, size))
	check(t, err)
	check(t, control(server, func(fd int) error {
		await(t, fd, unix.POLLIN) // until all of it is there
		return nil
	}))
	m := tcpMemoryOf(t, l.Addr())
	t.Logf("%+v", m)
	if m.Sockets != 1 || m.ReceiveQueue != size || m.Buffers < size {
		t.Errorf("with %d bytes unread: %+v", size, m)
	}
}

// So is what was written and cannot be sent.
func TestSockTCPMemoryToSend(t *testing.T) {
	l := listen(t, "tcp", "127.0.0.1:0", SocketOptions{})
	server, _ := accepted(t, l, "127.0.0.1")
	written := 0
	check(t, control(server, func(fd int) error {
		buf := make([]byte, 64<<10)
		for {
			n, errno := Send(fd, buf)
			if errno == unix.EAGAIN {
				return nil
			}
			if errno != 0 {
				return errno
			}
			written += n
		}
	}))
	m := tcpMemoryOf(t, l.Addr())
	t.Logf("of %d bytes written: %+v", written, m)
	if m.Sockets != 1 || m.SendQueue <= 0 || m.SendQueue > int64(written) || m.Buffers < m.SendQueue/2 {
		t.Errorf("of %d bytes written: %+v", written, m)
	}
}

// The kernel writes the list of so many in several parts.
func TestSockTCPMemoryOfMany(t *testing.T) {
	const connections = 1000
	l := listen(t, "tcp", "127.0.0.1:0", SocketOptions{})
	for range connections {
		accepted(t, l, "127.0.0.1")
	}
	if m := tcpMemoryOf(t, l.Addr()); m.Sockets != connections {
		t.Errorf("with %d connections: %+v", connections, m)
	}
}

func TestSockSize(t *testing.T) {
	for _, protocol := range []string{"TCP", "UDP", "UNIX"} {
		n, err := SocketSize(protocol)
		check(t, err)
		t.Logf("%s: %d bytes", protocol, n)
		if n < 100 || n > 64<<10 {
			t.Errorf("a %s socket of %d bytes", protocol, n)
		}
	}
	if n, err := SocketSize("tcp?"); n != 0 || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("of no protocol: %d, %v, want ErrUnsupported", n, err)
	}
}

const diagTestPort = 0x1234

// netlinkAttribute builds an attribute.
func netlinkAttribute(kind uint16, payload ...byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(unix.NLA_HDRLEN+len(payload)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	return padded(append(b, payload...))
}

func padded(b []byte) []byte { return append(b, make([]byte, -len(b)&3)...) }

// words are numbers as the kernel writes them.
func words(numbers ...int32) (b []byte) {
	for _, n := range numbers {
		b = binary.NativeEndian.AppendUint32(b, uint32(n))
	}
	return b
}

// described is a socket with 1000 bytes received and 100 to send.
func described(state byte, port uint16, attributes ...[]byte) []byte {
	b := []byte{unix.AF_INET, state, 0, 0}
	b = binary.BigEndian.AppendUint16(b, port)
	b = append(b, make([]byte, 56-len(b))...)
	b = append(b, words(1000, 100, 0, 0)...)
	return append(b, slices.Concat(attributes...)...)
}

var (
	// In the kernel's order; those that count have a digit of their own.
	memoryInfo = netlinkAttribute(diagMemory, words(1, 7777777, 7777777, 7777777, -20, 300, 4000, 50000, 7777777)...)
	shutInfo   = netlinkAttribute(8, 3) // a byte, then three that pad it
	oneSocket  = described(diagEstablished, diagTestPort, shutInfo, memoryInfo)
)

func TestSockDiagAdds(t *testing.T) {
	one := SocketMemory{Sockets: 1, Buffers: 54281, ReceiveQueue: 1000, SendQueue: 100}
	for _, tt := range []struct {
		name    string
		sockets [][]byte
		want    SocketMemory
	}{
		{"one", [][]byte{oneSocket}, one},
		{"two", [][]byte{oneSocket, oneSocket}, SocketMemory{2, 2 * 54281, 2000, 200}},
		{"another port", [][]byte{described(diagEstablished, 0x3412, memoryInfo)}, SocketMemory{}},
		{"another state", [][]byte{described(10, diagTestPort, memoryInfo)}, SocketMemory{}},
	} {
		var got SocketMemory
		for _, b := range tt.sockets {
			if err := got.add(b, diagTestPort); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
		if got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestSockDiagRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		socket []byte
		want   string
	}{
		{"half a socket", make([]byte, 40), "a socket described in 40 bytes, want 72"},
		{"no memory", described(diagEstablished, diagTestPort, shutInfo), "a socket's memory described in 0 bytes, want 32"},
		{"half a memory", described(diagEstablished, diagTestPort, netlinkAttribute(diagMemory, words(1, 2)...)), "a socket's memory described in 8 bytes, want 32"},
		{"half an attribute", described(diagEstablished, diagTestPort, memoryInfo[:20]), "a socket's attributes: "},
		{"attribute of a wrong length", described(diagEstablished, diagTestPort, []byte{2, 0, 0, 0}), "a socket's attributes: "},
	} {
		var m SocketMemory
		if err := m.add(tt.socket, diagTestPort); err == nil || !strings.HasPrefix(err.Error(), tt.want) || m != (SocketMemory{}) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	for err, unsupported := range map[error]bool{unix.ENOENT: true, unix.EPROTONOSUPPORT: true, unix.ENOMEM: false} {
		if got := diagError(&netlink.OpError{Op: "receive", Err: err}); errors.Is(got, errors.ErrUnsupported) != unsupported {
			t.Errorf("%v is %v", err, got)
		}
	}
}

// Whatever arrives, what was counted was there.
func FuzzSockDiagAdd(f *testing.F) {
	f.Add(oneSocket)
	f.Add(oneSocket[:len(oneSocket)-1])
	f.Fuzz(func(t *testing.T, b []byte) {
		var m SocketMemory
		if err := m.add(b, diagTestPort); m.Sockets > 0 && (err != nil || len(b) < diagSocketSize) {
			t.Errorf("%+v of %d bytes (%v)", m, len(b), err)
		}
	})
}
