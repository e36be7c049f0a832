package loadgen

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Every error of the system has a name, and advice.
func TestClassOfEveryErrno(t *testing.T) {
	for errno := unix.Errno(1); errno < 2*unix.Errno(maxErrno); errno++ {
		c := classOf(errno)
		if c.String() == "" || c.String() == "other" || c.advice() == "" || c >= counted {
			t.Errorf("%d (%v) is %d, %q: %q", errno, errno, c, c, c.advice())
		}
	}
	for c := range classes {
		if c.String() == "" || c.advice() == "" {
			t.Errorf("class %d is %q: %q", c, c, c.advice())
		}
	}
	for errno, want := range map[unix.Errno]string{
		unix.EHOSTUNREACH: "unreachable", unix.ENETUNREACH: "unreachable", unix.EACCES: "denied", unix.EPERM: "denied",
		unix.ENOENT: "no_socket", unix.EPROTOTYPE: "wrong_socket", unix.EAFNOSUPPORT: "EAFNOSUPPORT", unix.EINVAL: "EINVAL",
		unix.ECONNREFUSED: "refused", unix.ENOTDIR: "no_socket", unix.ENETDOWN: "unreachable", unix.EHOSTDOWN: "unreachable",
		unix.ECONNRESET: "reset", unix.EPIPE: "reset", unix.ETIMEDOUT: "connect_timeout", unix.EPROTO: "no_tls",
		unix.ENFILE: "no_descriptors", unix.ENOMEM: "no_memory",
		unix.EMFILE: "no_descriptors", unix.EADDRNOTAVAIL: "no_ports", unix.ENOBUFS: "no_memory", 200: "errno_200", 100_000: "errno_255",
	} {
		if got := classOf(errno).String(); got != want {
			t.Errorf("%v is %s, want %s", errno, got, want)
		}
	}
}

// Where no client can connect, the error says why and what to try.
func TestRunSaysWhyNobodyConnects(t *testing.T) {
	dir := t.TempDir()
	datagrams := filepath.Join(dir, "d")
	d, err := net.ListenPacket("unixgram", datagrams)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	plain := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		c.Write([]byte("220 ready\r\n"))
		io.Copy(io.Discard, c)
	})
	hangsUp := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) { c.Read(make([]byte, 1<<16)) })
	for _, tt := range []struct{ name, network, address, want string }{
		{"no socket", "unix", filepath.Join(dir, "none"), "no_socket: there is no such"},
		{"no folder", "unix", datagrams + "/s", "no_socket: there is no such"},
		{"datagrams", "unix", datagrams, "wrong_socket: that socket is not one of a stream"},
		{"nobody", "tcp", "127.0.0.1:1", "refused: nobody listens there"},
		{"plain", "tls", plain, "no_tls: the server does not speak TLS there: leave out --tls"},
		{"hangs up", "tls", hangsUp, "closed: the server closed each connection at once; does it speak TLS?"},
		{"broadcast", "tcp", "255.255.255.255:1", "unreachable: there is no route"},
		{"without a zone", "tcp", "[fe80::1]:1", "EINVAL: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := quick(tt.network, tt.address)
			if tt.network == "tls" {
				s.Network, s.TLS = "tcp", true
			}
			if err := s.Validate(); err != nil {
				t.Fatal(err)
			}
			_, err := Run(t.Context(), s, Stages{})
			if !errors.Is(err, errNobody) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
