//go:build crosscheck && linux

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"connbench/loadgen/sweep"

	"golang.org/x/sys/unix"
)

// crossEcho has the test binary be an echo server, of the network and at the address behind it. Other
// servers do not do for sockperf, which takes for an answer only its own message with a bit
// cleared.
const crossEcho = "CONNBENCH_CROSS_ECHO"

func init() {
	if where := os.Getenv(crossEcho); where != "" {
		network, address, _ := strings.Cut(where, " ")
		fmt.Fprintln(os.Stderr, serveEcho(network, address))
		os.Exit(1)
	}
}

// echoServer starts it on the CPUs that are for a server.
func (c *crosscheck) echoServer(network string) *sweep.Server {
	executable, err := os.Executable()
	if err != nil {
		c.Fatal(err)
	}
	return c.start(sweep.Row{Name: "echo", Network: network, Foreign: true, Command: []string{"env", crossEcho + "=" + network + " {addr}", executable}})
}

// serveEcho answers as plainly as can be: a thread for each connection, or for all datagrams, that
// blocks in read and then writes. It returns where it cannot go on.
func serveEcho(network, address string) error {
	if network == "udp" {
		c, err := net.ListenPacket(network, address)
		if err != nil {
			return err
		}
		fd, err := blockingSocket(c.(*net.UDPConn))
		if err != nil {
			return err
		}
		return echoDatagrams(fd)
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		fd, err := blockingSocket(c.(*net.TCPConn))
		if err != nil {
			return err
		}
		go echoStream(fd)
	}
}

// blockingSocket is a socket's descriptor, out of the hands of Go's poller.
func blockingSocket(c interface {
	File() (*os.File, error)
	io.Closer
}) (int, error) {
	f, err := c.File()
	if err != nil {
		return 0, err
	}
	c.Close()
	fd, err := unix.Dup(int(f.Fd())) // f closes its own when it is collected
	f.Close()
	return fd, err
}

func echoStream(fd int) {
	runtime.LockOSThread()
	defer unix.Close(fd)
	b := make([]byte, 64<<10)
	for {
		n, err := unix.Read(fd, b)
		if err == unix.EINTR {
			continue
		}
		if n <= 0 {
			return
		}
		answered(b[:n])
		for out := b[:n]; len(out) > 0; {
			n, err := unix.Write(fd, out)
			if err != nil && err != unix.EINTR {
				return
			}
			out = out[max(0, n):]
		}
	}
}

func echoDatagrams(fd int) error {
	runtime.LockOSThread()
	b := make([]byte, 64<<10)
	for {
		n, from, err := unix.Recvfrom(fd, b, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		answered(b[:n])
		unix.Sendto(fd, b[:n], 0, from)
	}
}

// The header of sockperf's messages, in network order (its src/message.h): 8 bytes of sequence number,
// 2 of flags and 4 of the message's length.
const (
	sockperfFlags  = 8
	sockperfLength = 10
	sockperfHeader = 14

	sockperfClient = 1 // the flag of a client's message
	sockperfKnown  = 7 // that one, that an answer is wanted, and that it is the warm-up
)

// answered makes of sockperf's messages, as many as there are, the answers that its server gives, and leaves anything else as
// it is: what is asked by our client is not a message of the length that it says.
func answered(b []byte) {
	for len(b) >= sockperfHeader {
		flags, size := binary.BigEndian.Uint16(b[sockperfFlags:]), binary.BigEndian.Uint32(b[sockperfLength:])
		if flags&sockperfClient == 0 || flags > sockperfKnown || size < sockperfHeader || uint64(size) > uint64(len(b)) {
			return
		}
		binary.BigEndian.PutUint16(b[sockperfFlags:], flags&^sockperfClient)
		b = b[size:]
	}
}

func TestCrossEcho(t *testing.T) {
	message := func(flags uint16, says, is int) []byte {
		b := make([]byte, is)
		binary.BigEndian.PutUint16(b[sockperfFlags:], flags)
		binary.BigEndian.PutUint32(b[sockperfLength:], uint32(says))
		return b
	}
	two := func(flags uint16) []byte { return append(message(flags, 64, 64), message(flags, 20, 20)...) }
	for name, tt := range map[string]struct{ asked, want []byte }{
		"a message":           {message(3, 64, 64), message(2, 64, 64)},
		"several":             {two(3), two(2)},
		"of a server":         {message(2, 64, 64), message(2, 64, 64)},
		"longer than it says": {message(3, 64, 70), message(2, 64, 70)},
		"shorter":             {message(3, 64, 63), message(3, 64, 63)},
		"of no length":        {message(3, 0, 64), message(3, 0, 64)},
		"other flags":         {message(9, 64, 64), message(9, 64, 64)},
		"text":                {[]byte("is anybody there?"), []byte("is anybody there?")},
		"nothing":             {nil, nil},
	} {
		got := bytes.Clone(tt.asked)
		if answered(got); !bytes.Equal(got, tt.want) {
			t.Errorf("%s: %x, want %x", name, got, tt.want)
		}
	}
}
