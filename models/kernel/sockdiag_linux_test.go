package kernel

import (
	"encoding/binary"
	"errors"
	"net"
	"os"
	"slices"
	"testing"

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

const (
	diagTestSeq  = 7
	diagTestPort = 0x1234
)

// netlink builds a message.
func netlink(kind, flags uint16, seq uint32, payload ...byte) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(unix.NLMSG_HDRLEN+len(payload)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = binary.NativeEndian.AppendUint16(b, flags)
	b = binary.NativeEndian.AppendUint32(b, seq)
	b = binary.NativeEndian.AppendUint32(b, 99)
	return padded(append(b, payload...))
}

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
	oneSocket  = netlink(unix.SOCK_DIAG_BY_FAMILY, unix.NLM_F_MULTI, diagTestSeq, described(diagEstablished, diagTestPort, shutInfo, memoryInfo)...)
	listDone   = netlink(unix.NLMSG_DONE, unix.NLM_F_MULTI, diagTestSeq, words(0)...)
)

func TestSockDiagParse(t *testing.T) {
	one := SocketMemory{Sockets: 1, Buffers: 54281, ReceiveQueue: 1000, SendQueue: 100}
	socket := func(b []byte) []byte { return netlink(unix.SOCK_DIAG_BY_FAMILY, 0, diagTestSeq, b...) }
	for _, tt := range []struct {
		name  string
		parts [][]byte
		want  diagList
	}{
		{"nothing", [][]byte{nil}, diagList{}},
		{"nobody", [][]byte{listDone}, diagList{done: true}},
		{"done without a code", [][]byte{netlink(unix.NLMSG_DONE, 0, diagTestSeq)}, diagList{done: true}},
		{"one", [][]byte{oneSocket, listDone}, diagList{SocketMemory: one, done: true}},
		{"two in a part", [][]byte{append(slices.Clone(oneSocket), oneSocket...)}, diagList{SocketMemory: SocketMemory{2, 2 * 54281, 2000, 200}}},
		{"after the end", [][]byte{append(slices.Clone(listDone), oneSocket...)}, diagList{done: true}},
		{"another port", [][]byte{socket(described(diagEstablished, 0x3412, memoryInfo))}, diagList{}},
		{"another state", [][]byte{socket(described(10, diagTestPort, memoryInfo))}, diagList{}},
		{"another request", [][]byte{netlink(unix.NLMSG_DONE, unix.NLM_F_DUMP_INTR, 3)}, diagList{}},
		{"interrupted", [][]byte{netlink(unix.NLMSG_DONE, unix.NLM_F_DUMP_INTR, diagTestSeq, words(0)...)}, diagList{done: true, interrupted: true}},
		{"acknowledged", [][]byte{netlink(unix.NLMSG_ERROR, 0, diagTestSeq, words(0)...)}, diagList{done: true}},
		{"of another kind", [][]byte{netlink(unix.NLMSG_NOOP, 0, diagTestSeq), oneSocket}, diagList{SocketMemory: one}},
	} {
		got := diagList{port: diagTestPort, seq: diagTestSeq}
		for _, part := range tt.parts {
			if err := got.parse(part); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
		tt.want.port, tt.want.seq = got.port, got.seq
		if got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestSockDiagParseRefuses(t *testing.T) {
	socket := func(b []byte) []byte { return netlink(unix.SOCK_DIAG_BY_FAMILY, 0, diagTestSeq, b...) }
	for _, tt := range []struct {
		name string
		part []byte
		want string
	}{
		{"refused", netlink(unix.NLMSG_ERROR, 0, diagTestSeq, words(-int32(unix.ENOENT), 0)...), unix.ENOENT.Error()},
		{"broken off", netlink(unix.NLMSG_DONE, 0, diagTestSeq, words(-int32(unix.ENOMEM))...), unix.ENOMEM.Error()},
		{"error without a code", netlink(unix.NLMSG_ERROR, 0, diagTestSeq), "a netlink error of 0 bytes"},
		{"half a header", oneSocket[:8], "a netlink message of 8 bytes has no header"},
		{"half a message", oneSocket[:40], "a netlink message says that it has 136 bytes, in 40"},
		{"length 0", make([]byte, 16), "a netlink message says that it has 0 bytes, in 16"},
		{"half a socket", socket(make([]byte, 40)), "a socket described in 40 bytes, want 72"},
		{"no memory", socket(described(diagEstablished, diagTestPort, shutInfo)), "a socket's memory described in 0 bytes, want 32"},
		{"half a memory", socket(described(diagEstablished, diagTestPort, netlinkAttribute(diagMemory, words(1, 2)...))), "a socket's memory described in 8 bytes, want 32"},
		{"half an attribute", socket(described(diagEstablished, diagTestPort, memoryInfo[:20])), "an attribute says that it has 40 bytes, in 20"},
		{"attribute of no length", socket(described(diagEstablished, diagTestPort, make([]byte, 8))), "an attribute says that it has 0 bytes, in 8"},
	} {
		l := diagList{port: diagTestPort, seq: diagTestSeq}
		if err := l.parse(tt.part); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

// Whatever arrives, what was counted was there.
func FuzzSockDiagParse(f *testing.F) {
	f.Add(slices.Concat(oneSocket, oneSocket, listDone))
	f.Add(netlink(unix.NLMSG_ERROR, 0, diagTestSeq, words(-2)...))
	f.Add(oneSocket[:len(oneSocket)-1])
	f.Fuzz(func(t *testing.T, b []byte) {
		l := diagList{port: diagTestPort, seq: diagTestSeq}
		err := l.parse(b)
		if smallest := unix.NLMSG_HDRLEN + diagSocketSize; l.Sockets > len(b)/smallest {
			t.Errorf("%d sockets in %d bytes (%v)", l.Sockets, len(b), err)
		}
	})
}
