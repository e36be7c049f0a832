// Package datagram has the models without connections: a datagram is a request.
package datagram

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"connbench/models"
	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sync/errgroup"
)

// UDP answers each datagram from one socket: receive from, send to, no accept and
// no state for a client. A datagram is a request; what the kernel drops is lost.
var UDP = models.Model{
	Name:     "udp",
	Summary:  "one socket, one goroutine, a datagram is a request",
	Networks: []string{"udp"},
	Unit:     "none: one goroutine serves all",
	Blocking: false,
	Knobs:    udpKnobs,
	Open:     openUDP,
}

// udpKnobs are those of every datagram server.
var udpKnobs = []models.Knob{models.KnobRecvBuffer, models.KnobSendBuffer, models.KnobReusePort, models.KnobProcesses}

// udpServer serves datagrams through net.UDPConn and the runtime's poller, with a
// goroutine for each of its sockets.
type udpServer struct {
	serving.Lifecycle
	serving.Tally
	maxFrame int
	sockets  []*udpSocket // at one address
}

// udpSocket is one socket with what only its goroutine uses.
type udpSocket struct {
	server   *udpServer
	session  serving.Session
	conn     *net.UDPConn
	received atomic.Int64
	sent     atomic.Int64
	dropped  atomic.Int64 // by the kernel, as of the end
}

func openUDP(cfg models.Config) (models.Server, error) {
	conn, err := kernel.ListenPacket(cfg.Address, cfg.SocketOptions())
	if err != nil {
		return nil, err
	}
	return newUDPServer(cfg, conn), nil
}

func newUDPServer(cfg models.Config, conns ...*net.UDPConn) *udpServer {
	s := &udpServer{Lifecycle: serving.NewLifecycle(), maxFrame: cfg.MaxFrame}
	for _, c := range conns {
		s.sockets = append(s.sockets, &udpSocket{server: s, session: serving.NewSession(&cfg), conn: c})
	}
	return s
}

func (s *udpServer) Addr() net.Addr { return s.sockets[0].conn.LocalAddr() }

func (s *udpServer) Serve() error {
	if !s.Begin() {
		return nil
	}
	defer s.End()
	var group errgroup.Group
	for _, u := range s.sockets {
		group.Go(func() error {
			err := u.serve()
			if err != nil {
				s.interrupt()
			}
			return err
		})
	}
	err := group.Wait()
	s.close()
	return err
}

// Shutdown answers the datagram at hand; those still in the sockets' buffers are
// lost, as datagrams may be.
func (s *udpServer) Shutdown(ctx context.Context) error {
	return s.Finish(ctx, s.interrupt, s.close, s.close)
}

func (s *udpServer) interrupt() {
	for _, u := range s.sockets {
		u.conn.SetReadDeadline(time.Unix(1, 0))
	}
}

func (s *udpServer) close() {
	for _, u := range s.sockets {
		u.drops()
		u.conn.Close()
	}
}

// Counters adds received and sent, in datagrams, and dropped, those that the kernel
// threw away for want of room in a socket's buffer, where it says so. Of several
// sockets it tells how many the busiest received: the kernel shares clients out by
// their addresses, not by how busy a socket is.
func (s *udpServer) Counters() map[string]int64 {
	m := s.Tally.Counters()
	m["received"], m["sent"] = 0, 0
	var busiest int64
	for _, u := range s.sockets {
		received := u.received.Load()
		busiest = max(busiest, received)
		m["received"] += received
		m["sent"] += u.sent.Load()
		if n, ok := u.drops(); ok {
			m["dropped"] += n
		}
	}
	if len(s.sockets) > 1 {
		m["received_busiest"] = busiest
	}
	return m
}

// longestDatagram has room for what any can hold.
const longestDatagram = 1 << 16

func (u *udpSocket) serve() error {
	buf := make([]byte, longestDatagram)
	for {
		n, from, err := u.conn.ReadFromUDPAddrPort(buf)
		switch {
		case err == nil:
		case u.server.Stopping():
			return nil
		case errors.Is(err, syscall.ECONNREFUSED):
			continue // the echo of an answer to a client that is gone
		default:
			return err
		}
		u.received.Add(1)
		if n > u.server.maxFrame {
			u.server.Oversized.Add(1)
			continue
		}
		_, reply, _ := u.session.Replies(buf[:n])
		if _, err := u.conn.WriteToUDPAddrPort(reply, from); err != nil {
			u.server.unsent(err)
			continue
		}
		u.sent.Add(1)
	}
}

// unsent counts a reply that could not be sent. Its client sees a loss, as if
// the network had dropped it; the others notice nothing.
func (s *udpServer) unsent(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed) {
		s.Cut.Add(1)
		return
	}
	s.Failed.Add(1)
}

// drops is what the kernel has dropped, up to the end of the socket if it has ended;
// ok is false where the kernel does not say.
func (u *udpSocket) drops() (n int64, ok bool) {
	n, err := kernel.Drops(u.conn)
	switch {
	case err == nil:
		u.dropped.Store(n)
		return n, true
	case errors.Is(err, net.ErrClosed):
		return u.dropped.Load(), true
	}
	return 0, false
}
