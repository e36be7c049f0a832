package kernel

import (
	"errors"
	"net"
	"testing"
)

// What was sent over the loopback interface has been received or is counted as
// dropped, while the socket is open, and of a BatchConn afterwards too.
func TestDrops(t *testing.T) {
	const sent = 1000
	small := SocketOptions{RecvBuffer: 16 << 10}
	c, err := ListenPacket("127.0.0.1:0", small)
	check(t, err)
	n, err := Drops(c)
	if n != 0 || err != nil {
		t.Errorf("%d dropped before anything was sent (%v)", n, err)
	}
	addr := c.LocalAddr()
	b, err := NewBatchConn(c, 8)
	check(t, err)
	if _, err := Drops(c); !errors.Is(err, net.ErrClosed) {
		t.Errorf("of a closed socket: %v, want net.ErrClosed", err)
	}
	client := dial(t, addr)
	for range sent {
		sendDatagrams(t, client, numbered(1, 100))
	}
	b.Interrupt()
	received := 0
	for err == nil {
		n := 0
		n, err = b.Receive()
		received += n
	}
	open, err := b.Drops()
	check(t, err)
	b.Close()
	closed, err := b.Drops()
	check(t, err)
	if received == 0 || open == 0 || closed != open || received+int(open) != sent {
		t.Errorf("received %d, dropped %d, and %d after the end; want %d together", received, open, closed, sent)
	}
}
