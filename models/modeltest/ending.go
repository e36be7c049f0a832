package modeltest

import (
	"fmt"
	"net"
	"syscall"
	"testing"

	"connbench/models"
	"connbench/models/wire"

	"golang.org/x/sys/unix"
)

// testHalfClose has a client say all it has to say, end its half of the
// connection, and read every reply.
func testHalfClose(t *testing.T, g *target) {
	s := g.start(t, nil)
	c := s.dial(t)
	all := g.message(payload(100, 1)).times(50)
	c.send(t, all.request)
	check(t, c.closeWrite())
	c.receive(t, all.reply)
	check(t, c.expectEOF())
	s.finish(t, map[string]int64{"clean": 1})
}

// besideOthers runs misbehave, which is counted once in class, beside a client
// that is connected all the while, where the model serves two at once, and
// before another.
func besideOthers(t *testing.T, g *target, class string, misbehave func(*server)) {
	t.Helper()
	s := g.start(t, nil)
	others := s.others(t)
	misbehave(s)
	check(t, exchangeEach(others, g.message([]byte("all well?"))))
	s.awaitCount(t, class, 1)
	check(t, s.dial(t).exchange(g.message([]byte("all well here too?"))))
	s.stop(t)
	s.checkCounts(t, map[string]int64{class: 1, "clean": int64(len(others) + 1)})
}

// testTruncated ends the stream inside a frame: in the header, after it, and in
// the payload.
func testTruncated(t *testing.T, g *target) {
	frame := g.request([]byte("never finished"))
	for _, cut := range []int{1, wire.HeaderSize, wire.HeaderSize + 5} {
		t.Run(fmt.Sprintf("after %d bytes", cut), func(t *testing.T) {
			besideOthers(t, g, "truncated", func(s *server) {
				c := s.greeted(t)
				c.send(t, frame[:cut])
				check(t, c.closeWrite())
				check(t, c.expectEOF())
			})
		})
	}
}

// testGoneWithRepliesUnread closes while replies have not been read, which is a
// reset to the server on a Unix socket too.
func testGoneWithRepliesUnread(t *testing.T, g *target) {
	besideOthers(t, g, "reset", func(s *server) {
		c := s.greeted(t)
		m := g.message(payload(1000, 1))
		c.send(t, m.times(2).request)
		c.receive(t, m.reply[:1]) // the rest stays unread
		check(t, c.Close())
	})
}

// lopsided is a server and its client with room in the kernel for some 200 KiB
// of requests and much less of replies.
func lopsided(t *testing.T, g *target, readBuffer int) (*server, *client) {
	t.Helper()
	s := g.start(t, func(c *models.Config) {
		c.ReadBuffer = g.readBuffer(readBuffer)
		lopsidedSockets(c)
	})
	return s, s.lopsidedClient(t)
}

func lopsidedSockets(c *models.Config) { c.RecvBuffer, c.SendBuffer = 200<<10, 16<<10 }

// lopsidedClient is a client that has been answered once. Its segments are short:
// a receive buffer that is smaller than one segment of the loopback interface opens
// again only after a timeout of the sender's.
func (s *server) lopsidedClient(t *testing.T) *client {
	t.Helper()
	c := s.dialBy(t, net.Dialer{Control: func(network, _ string, raw syscall.RawConn) error {
		if network == "unix" {
			return nil
		}
		return raw.Control(func(fd uintptr) {
			unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG, 1400)
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 16<<10) // before a window is promised
		})
	}})
	sizes := c.socket().(interface {
		SetReadBuffer(int) error
		SetWriteBuffer(int) error
	})
	check(t, sizes.SetReadBuffer(16<<10))
	check(t, sizes.SetWriteBuffer(200<<10))
	check(t, c.exchange(s.target.message(payload(10, 0))))
	return c
}
