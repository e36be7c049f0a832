package models

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"connbench/models/kernel"
)

// UDP answers each datagram from one socket: receive from, send to, no accept and
// no state for a client. A datagram is a request; what the kernel drops is lost.
var UDP = Model{
	Name:     "udp",
	Summary:  "one socket, one goroutine, a datagram is a request",
	Networks: []string{"udp"},
	Unit:     "none: one goroutine serves all",
	Blocking: false,
	Knobs:    []Knob{KnobRecvBuffer, KnobSendBuffer, KnobReusePort},
	Open:     openUDP,
}

type udpServer struct {
	lifecycle
	counters
	session  session
	maxFrame int
	conn     *net.UDPConn
}

func openUDP(cfg Config) (Server, error) {
	conn, err := kernel.ListenPacket(cfg.Address, cfg.socketOptions())
	if err != nil {
		return nil, err
	}
	cfg.Framing = Raw // the datagram is the frame
	return &udpServer{
		lifecycle: newLifecycle(),
		session:   newSession(&cfg),
		maxFrame:  cfg.MaxFrame,
		conn:      conn,
	}, nil
}

func (s *udpServer) Addr() net.Addr { return s.conn.LocalAddr() }

func (s *udpServer) Serve() error {
	if !s.begin() {
		return nil
	}
	defer s.end()
	defer s.conn.Close()
	buf := make([]byte, maxDatagram+1)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf)
		switch {
		case err == nil:
		case s.stopping():
			return nil
		case errors.Is(err, syscall.ECONNREFUSED):
			continue // the echo of an answer to a client that is gone
		default:
			return err
		}
		if n > s.maxFrame {
			s.oversized.Add(1)
			continue
		}
		_, reply, _ := s.session.replies(buf[:n])
		if _, err := s.conn.WriteToUDPAddrPort(reply, from); err != nil {
			s.unsent(err)
		}
	}
}

// unsent counts a reply that could not be sent. Its client sees a loss, as if
// the network had dropped it; the others notice nothing.
func (s *udpServer) unsent(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed) {
		s.cut.Add(1)
		return
	}
	s.failed.Add(1)
}

// Shutdown answers the datagram at hand; those still in the socket's buffer are
// lost, as datagrams may be.
func (s *udpServer) Shutdown(ctx context.Context) error {
	drain := func() { s.conn.SetReadDeadline(time.Unix(1, 0)) }
	release := func() { s.conn.Close() }
	return s.shutdown(ctx, drain, release, release)
}
