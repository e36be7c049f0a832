package kernel

import (
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
)

// limit reads a setting of this machine.
func limit(t *testing.T, key string) int {
	t.Helper()
	b, err := os.ReadFile("/proc/sys/" + strings.ReplaceAll(key, ".", "/"))
	if err != nil {
		t.Skip(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	check(t, err)
	return n
}

// What a socket asks for beyond the machine's limits is the limit, of what listens as of
// what is tried; what is below them is as it was asked for.
func TestEffective(t *testing.T) {
	rcv, snd, queue := limit(t, "net.core.rmem_max"), limit(t, "net.core.wmem_max"), limit(t, "net.core.somaxconn")
	far := SocketOptions{RecvBuffer: 2 * rcv, SendBuffer: 2 * snd, Backlog: 2 * queue}
	near := SocketOptions{RecvBuffer: 32 << 10, SendBuffer: 48 << 10, Backlog: 3}
	for _, tt := range []struct {
		network, address string
		options          SocketOptions
		want             Effective
	}{
		{"tcp", "127.0.0.1:0", far, Effective{rcv, snd, queue}},
		{"tcp", "[::1]:0", far, Effective{rcv, snd, queue}},
		{"tcp", "127.0.0.1:0", near, Effective{32 << 10, 48 << 10, 3}},
		{"unix", t.TempDir() + "/far", far, Effective{rcv, snd, queue}},
		{"unix", t.TempDir() + "/near", near, Effective{32 << 10, 48 << 10, 3}},
		{"udp", "127.0.0.1:0", far, Effective{rcv, snd, 0}},
		{"udp", "127.0.0.1:0", near, Effective{32 << 10, 48 << 10, 0}},
	} {
		tried, err := Try(tt.network, tt.options)
		check(t, err)
		if tried != tt.want {
			t.Errorf("%s: tried %+v, want %+v", tt.network, tried, tt.want)
		}
		address := servedAt(t, tt.network, tt.address, tt.options)
		read, err := ReadBack(tt.network, address)
		check(t, err)
		if tt.network == "unix" {
			tt.want.Backlog = 0
		}
		if read != tt.want {
			t.Errorf("%s %s: read back %+v, want %+v", tt.network, tt.address, read, tt.want)
		}
	}
}

// servedAt is where a server with the options listens until the test is over.
func servedAt(t *testing.T, network, address string, o SocketOptions) net.Addr {
	t.Helper()
	if network == "udp" {
		c, err := ListenPacket(address, o)
		check(t, err)
		t.Cleanup(func() { c.Close() })
		return c.LocalAddr()
	}
	l, err := Listen(network, address, o)
	if err != nil && strings.HasPrefix(address, "[") {
		t.Skip(err)
	}
	check(t, err)
	t.Cleanup(func() { l.Close() })
	return l.Addr()
}

// The default backlog is the limit, and what is not ours cannot be read.
func TestEffectiveDefaults(t *testing.T) {
	e, err := Try("tcp", SocketOptions{})
	check(t, err)
	if e.Backlog != limit(t, "net.core.somaxconn") || e.RecvBuffer == 0 || e.SendBuffer == 0 {
		t.Errorf("%+v", e)
	}
	c, err := ListenPacket("127.0.0.1:0", SocketOptions{})
	check(t, err)
	defer c.Close()
	if e, err := ReadBack("tcp", &net.TCPAddr{Port: c.LocalAddr().(*net.UDPAddr).Port}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%+v, %v", e, err)
	}
}
