package kernel

import (
	"fmt"
	"net"
	"slices"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sendSegments has the kernel cut data into datagrams.
func sendSegments(t *testing.T, c net.Conn, data []byte, segment int) {
	t.Helper()
	var control segmentControl
	control.init()
	control.set(segment)
	_, _, err := c.(*net.UDPConn).WriteMsgUDP(data, unsafe.Slice(control.start(), unsafe.Sizeof(control)), nil)
	check(t, err)
}

// A call takes what is there, up to its size; what goes to one receiver in a row and
// is of one length, but for a shorter last one, goes out as one message.
func TestBatchConnJoinsReplies(t *testing.T) {
	sizes := []int{100, 100, 100, 40, 100, 100, 300, 0, 100}
	messages := [][]int{{100, 100, 100, 40}, {100, 100}, {300}, {0}, {100}}
	b, addr := openBatch(t, "127.0.0.1:0", 32, SocketOptions{})
	c, other := dial(t, addr), dial(t, addr)
	var sent [][]byte
	for i, size := range sizes {
		sent = append(sent, numbered(i, size))
	}
	sendDatagrams(t, c, sent...)
	sendDatagrams(t, other, numbered(99, 100))
	n, err := b.Receive()
	check(t, err)
	if n != len(sizes)+1 {
		t.Fatalf("received %d at once, want %d", n, len(sizes)+1)
	}
	b.echo(n)
	expectDatagrams(t, c, sent...)
	expectDatagrams(t, other, numbered(99, 100))
	want := BatchSent{Datagrams: int64(n), Messages: int64(len(messages) + 1), Calls: 1}
	if b.out.longest == 0 {
		want.Messages = want.Datagrams
	}
	if got := b.Sent(); got != want {
		t.Errorf("sent %+v, want %+v", got, want)
	}
}

// Datagrams that the kernel has joined on the way in are told apart, and those that
// answer them are joined on the way out.
func TestBatchConnSegments(t *testing.T) {
	tests := []struct{ size, total, segment, messages int }{
		{4, 1050, 100, 1},
		{4, 50, 100, 1}, // alone
		{1, 64 * 10, 10, 1},
		{2, 60_000, 1000, 1},
		{2, 65_000, 30_000, 1},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d of %d", tt.total, tt.segment), func(t *testing.T) {
			b, addr := openBatch(t, "127.0.0.1:0", tt.size, SocketOptions{})
			if b.out.longest == 0 {
				t.Skip("the kernel has no UDP_SEGMENT")
			}
			c := dial(t, addr)
			var data []byte
			for i := 0; len(data) < tt.total; i++ {
				data = append(data, numbered(i, min(tt.segment, tt.total-len(data)))...)
			}
			sendSegments(t, c, data, tt.segment)
			n, err := b.Receive()
			check(t, err)
			want := slices.Collect(slices.Chunk(data, tt.segment))
			if got := b.datagrams(0); n != 1 || len(got) != len(want) {
				t.Fatalf("received %d messages with %d datagrams, want 1 with %d", n, len(got), len(want))
			}
			b.echo(n)
			expectDatagrams(t, c, want...)
			if got := b.Sent(); got != (BatchSent{int64(len(want)), int64(tt.messages), 1, 0}) {
				t.Errorf("sent %+v, want %d datagrams in %d messages", got, len(want), tt.messages)
			}
		})
	}
}

// Where the kernel does not segment, the datagrams go out all the same: one by one,
// and the next time at once. Other lengths below are tried yet.
func TestBatchConnWithoutSegmentation(t *testing.T) {
	b, addr := openBatch(t, "127.0.0.1:0", 8, SocketOptions{})
	// It does not for a socket that wants no checksums.
	check(t, unix.SetsockoptInt(b.fd, unix.SOL_SOCKET, unix.SO_NO_CHECK, 1))
	c := dial(t, addr)
	datagrams := [][]byte{numbered(1, 100), numbered(2, 100), numbered(3, 60)}
	for round, calls := range []int64{1 + 3, 4 + 1} {
		sendDatagrams(t, c, datagrams...)
		n, err := b.Receive()
		check(t, err)
		b.echo(n)
		expectDatagrams(t, c, datagrams...)
		sent := int64(3 * (round + 1))
		if got := b.Sent(); got != (BatchSent{sent, sent, calls, 0}) {
			t.Errorf("round %d: sent %+v, want %d in %d calls", round, got, sent, calls)
		}
	}
	if b.out.longest != 99 {
		t.Errorf("segments of %d bytes are tried yet, want 99", b.out.longest)
	}
	sendSegments(t, c, numbered(7, 1000), 100) // more than the queue has room for
	n, err := b.Receive()
	check(t, err)
	b.echo(n)
	expectDatagrams(t, c, slices.Repeat([][]byte{numbered(7, 100)}, 10)...)
}

// What cannot be sent is counted, and the rest of the batch goes out.
func TestBatchConnCountsFailures(t *testing.T) {
	b, addr := openBatch(t, "127.0.0.1:0", 8, SocketOptions{})
	lost, c := dial(t, addr), dial(t, addr)
	sendDatagrams(t, lost, numbered(1, 10), numbered(2, 10))
	sendDatagrams(t, c, numbered(3, 10))
	n, err := b.Receive()
	check(t, err)
	for i := range 2 {
		b.from[i][2], b.from[i][3] = 0, 0 // nothing is ever at port 0
	}
	b.echo(n)
	expectDatagrams(t, c, numbered(3, 10))
	if got := b.Sent(); got.Failed != 2 || got.Datagrams != 1 {
		t.Errorf("sent %+v, want 2 failed and 1 not", got)
	}
	if b.out.longest != maxTogether {
		t.Errorf("a bad address has changed what is segmented: up to %d bytes", b.out.longest)
	}
}
