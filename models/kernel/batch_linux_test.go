package kernel

import (
	"bytes"
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openBatch opens a BatchConn on a free port.
func openBatch(t *testing.T, address string, size int, o SocketOptions) (*BatchConn, net.Addr) {
	t.Helper()
	c, err := ListenPacket(address, o)
	check(t, err)
	addr := c.LocalAddr()
	b, err := NewBatchConn(c, size)
	check(t, err)
	t.Cleanup(b.Close)
	return b, addr
}

// datagrams are those in message i of the last Receive.
func (b *BatchConn) datagrams(i int) [][]byte {
	all, segment := b.Message(i)
	if len(all) == 0 {
		return [][]byte{all}
	}
	return slices.Collect(slices.Chunk(all, segment))
}

// echo answers everything in the last Receive.
func (b *BatchConn) echo(messages int) {
	for i := range messages {
		for _, d := range b.datagrams(i) {
			b.Reply(i, d)
		}
	}
	b.Flush()
}

// sendDatagrams sends one after another.
func sendDatagrams(t *testing.T, c net.Conn, datagrams ...[]byte) {
	t.Helper()
	for _, d := range datagrams {
		_, err := c.Write(d)
		check(t, err)
	}
}

// expectDatagrams reads one after another.
func expectDatagrams(t *testing.T, c net.Conn, want ...[]byte) {
	t.Helper()
	buf := make([]byte, maxMessage)
	for i, w := range want {
		n, err := c.Read(buf)
		check(t, err)
		if !bytes.Equal(buf[:n], w) {
			t.Fatalf("datagram %d is %d bytes %.20q, want %d bytes %.20q", i, n, buf[:n], len(w), w)
		}
	}
}

// numbered is a datagram of its own.
func numbered(n, size int) []byte {
	return bytes.Repeat([]byte{byte(n)}, size)
}

// Each sender gets the answers to its own, over IPv4, IPv6 and both at one socket.
func TestBatchConnAnswersEachSender(t *testing.T) {
	for _, tt := range []struct{ listen, dial string }{
		{"127.0.0.1:0", "127.0.0.1"}, {"[::1]:0", "::1"}, {":0", "127.0.0.1"}, {":0", "::1"},
	} {
		t.Run(tt.listen+" from "+tt.dial, func(t *testing.T) {
			if l, err := net.ListenPacket("udp6", "[::1]:0"); err == nil {
				l.Close()
			} else if tt.dial == "::1" {
				t.Skip(err)
			}
			b, addr := openBatch(t, tt.listen, 8, SocketOptions{})
			port := addr.(*net.UDPAddr).Port
			var clients []net.Conn
			for i := range 5 {
				c := dial(t, &net.UDPAddr{IP: net.ParseIP(tt.dial), Port: port})
				clients = append(clients, c)
				sendDatagrams(t, c, numbered(i, 10), numbered(i, 0), numbered(i, 10_000))
			}
			for left := 15; left > 0; {
				n, err := b.Receive()
				check(t, err)
				b.echo(n)
				left -= n
			}
			for i, c := range clients {
				expectDatagrams(t, c, numbered(i, 10), numbered(i, 0), numbered(i, 10_000))
			}
		})
	}
}

func TestBatchConnTakesTheLongest(t *testing.T) {
	b, addr := openBatch(t, "127.0.0.1:0", 4, SocketOptions{})
	c := dial(t, addr)
	for range 3 {
		sendDatagrams(t, c, numbered(1, 65507))
		n, err := b.Receive()
		check(t, err)
		b.echo(n)
		expectDatagrams(t, c, numbered(1, 65507))
	}
	if got := b.Sent(); got.Failed != 0 || got.Datagrams != 3 {
		t.Errorf("sent %+v", got)
	}
}

func TestBatchConnEnds(t *testing.T) {
	for name, end := range map[string]func(*BatchConn){"interrupt": (*BatchConn).Interrupt, "cut": (*BatchConn).Cut} {
		t.Run(name, func(t *testing.T) {
			b, addr := openBatch(t, "127.0.0.1:0", 4, SocketOptions{})
			ended := make(chan error, 1)
			go func() {
				_, err := b.Receive()
				ended <- err
			}()
			time.Sleep(10 * time.Millisecond) // more likely than not it waits now
			end(b)
			if err := <-ended; !errors.Is(err, net.ErrClosed) {
				t.Errorf("the wait ended with %v, want net.ErrClosed", err)
			}
			if n, err := b.Receive(); n != 0 || !errors.Is(err, net.ErrClosed) {
				t.Errorf("received %d, %v after the end", n, err)
			}
			b.Close()
			b.Close()
			end(b)
			l, err := net.ListenPacket("udp", addr.String())
			check(t, err)
			l.Close()
		})
	}
}

// What has arrived before the end is still received.
func TestBatchConnEndsAfterWhatHasArrived(t *testing.T) {
	b, addr := openBatch(t, "127.0.0.1:0", 4, SocketOptions{})
	sendDatagrams(t, dial(t, addr), numbered(1, 10), numbered(2, 0))
	b.Interrupt()
	if n, err := b.Receive(); n != 2 || err != nil {
		t.Errorf("received %d, %v, want 2", n, err)
	}
	if n, err := b.Receive(); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("received %d, %v, want net.ErrClosed", n, err)
	}
}

func TestBatchConnAllocatesNothing(t *testing.T) {
	b, addr := openBatch(t, "127.0.0.1:0", 4, SocketOptions{})
	target, err := ResolveTarget("udp", addr.String())
	check(t, err)
	fd, errno := Connect(target, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	defer unix.Close(fd)
	buf := make([]byte, 100)
	allocs := testing.AllocsPerRun(100, func() {
		for range 3 {
			Send(fd, buf)
		}
		n, _ := b.Receive()
		for i := range n {
			d, _ := b.Message(i)
			b.Reply(i, d)
		}
		b.Flush()
		for range n {
			await(t, fd, unix.POLLIN)
			Recv(fd, buf)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a batch", allocs)
	}
}
