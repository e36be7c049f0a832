package loadgen

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// echo is a raw echo server on a stream network, which works for framed requests
// too. It lives as long as the test.
func echo(t testing.TB, network, address string) string {
	t.Helper()
	return serve(t, network, address, func(c net.Conn) { io.Copy(c, c) })
}

// serve answers each connection with handle, and closes it when that returns.
func serve(t testing.TB, network, address string, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				handle(c)
			}()
		}
	}()
	return l.Addr().String()
}

// quick is a load that takes no longer than a test should.
func quick(network, address string) Spec {
	s := DefaultSpec()
	s.Network, s.Address = network, address
	s.Warmup, s.Duration, s.Timeout = 10*time.Millisecond, 100*time.Millisecond, 10*time.Second
	return s
}

func mustRun(t *testing.T, s Spec) *Result {
	t.Helper()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), s, Stages{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// mustAnswer is mustRun in a window that is long enough for an answer: on a busy machine
// nothing may have its turn in a short one.
func mustAnswer(t *testing.T, s Spec) *Result {
	t.Helper()
	r := mustRun(t, s)
	for r.Requests == 0 && r.Unanswered == 0 && len(r.Errors) == 0 && s.Duration < 10*time.Second {
		s.Duration *= 4
		r = mustRun(t, s)
	}
	return r
}

func TestRunClosedLoop(t *testing.T) {
	tcp := echo(t, "tcp", "127.0.0.1:0")
	unix := echo(t, "unix", filepath.Join(t.TempDir(), "s"))
	tests := []struct {
		name             string
		network, address string
		framing          string
		clients, payload int
		pipeline         int
		threads          int
	}{
		{"one client", "tcp", tcp, "length", 1, 64, 1, 1},
		{"one byte raw", "tcp", tcp, "raw", 1, 1, 1, 1},
		{"many clients", "tcp", tcp, "length", 100, 64, 1, 2},
		{"more threads than clients", "tcp", tcp, "length", 2, 64, 1, 5},
		{"clients not divisible by threads", "tcp", tcp, "length", 7, 64, 1, 3},
		{"pipelined", "tcp", tcp, "length", 4, 64, 16, 1},
		{"pipelined one byte", "tcp", tcp, "raw", 1, 1, 64, 1},
		{"large", "tcp", tcp, "length", 2, 1 << 20, 1, 1},
		{"large, pipelined", "tcp", tcp, "raw", 2, 300_000, 4, 1},
		{"unix", "unix", unix, "length", 10, 4096, 1, 1},
		{"unix large", "unix", unix, "raw", 2, 1 << 20, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := quick(tt.network, tt.address)
			s.Framing, s.Clients, s.PayloadBytes = tt.framing, tt.clients, tt.payload
			s.Pipeline, s.Threads = tt.pipeline, tt.threads
			r := mustAnswer(t, s)
			if len(r.Errors) > 0 || r.Unanswered > 0 {
				t.Errorf("errors %v, %d unanswered", r.Errors, r.Unanswered)
			}
			if r.Requests == 0 || r.Requests != r.distribution(ServiceDistribution).TotalCount() {
				t.Errorf("%d requests, %d latencies", r.Requests, r.distribution(ServiceDistribution).TotalCount())
			}
			if r.Answers.Served == 0 || r.Clients != tt.clients {
				t.Errorf("%d of %d clients served", r.Answers.Served, r.Clients)
			}
		})
	}
}

// A server's misbehaviour is counted by class, as requests without an answer.
func TestRunCountsFailuresByClass(t *testing.T) {
	tests := []struct {
		name   string
		handle func(net.Conn)
		class  class
	}{
		{"reset", func(c net.Conn) {
			io.ReadFull(c, make([]byte, 68))
			c.(*net.TCPConn).SetLinger(0)
		}, reset},
		{"closed", func(c net.Conn) { io.ReadFull(c, make([]byte, 68)) }, closed},
		{"short", func(c net.Conn) { io.CopyN(c, c, 67); c.Read(make([]byte, 1)) }, short},
		{"mismatch", func(c net.Conn) {
			b := make([]byte, 68)
			io.ReadFull(c, b)
			b[67] ^= 1
			c.Write(b)
			io.Copy(io.Discard, c)
		}, mismatch},
		{"unasked", func(c net.Conn) { c.Write([]byte("220 ready\r\n")); io.Copy(io.Discard, c) }, mismatch},
		{"silent", func(c net.Conn) { io.Copy(io.Discard, c) }, readTimeout},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := quick("tcp", serve(t, "tcp", "127.0.0.1:0", tt.handle))
			s.Warmup, s.Clients = 0, 3
			if tt.class == readTimeout {
				s.Timeout = 20 * time.Millisecond
			}
			r := mustRun(t, s)
			if n := r.Errors[tt.class.String()]; n == 0 || r.Unanswered != n || len(r.Errors) != 1 {
				t.Errorf("errors %v, %d unanswered; want %v only", r.Errors, r.Unanswered, tt.class)
			}
			if trial := r.Trial(&s); !trial.ServiceLatency.Max.IsInf() {
				t.Errorf("max latency %v with unanswered requests", trial.ServiceLatency.Max)
			}
		})
	}
}

func TestRunFailsWhenNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	s := quick("tcp", address)
	_, err = Run(t.Context(), s, Stages{})
	if !errors.Is(err, errNobody) || !strings.Contains(err.Error(), "refused") || !strings.Contains(err.Error(), s.Address) {
		t.Errorf("got %v, want refused, with the address", err)
	}
}

// when does something at one stage.
func when(stage Stage, do func() error) func(Stage) error {
	return func(reached Stage) error {
		if reached != stage {
			return nil
		}
		return do()
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Duration = time.Minute
	_, err := Run(ctx, s, Stages{Reached: when(StageMeasuring, func() error { cancel(); return nil })})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// The stages come once each and in order, and nothing is sent before Connected
// has returned.
func TestRunStages(t *testing.T) {
	received := make(chan struct{}, 1000)
	address := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		b := make([]byte, 68)
		for {
			if _, err := io.ReadFull(c, b); err != nil {
				return
			}
			select {
			case received <- struct{}{}:
			default:
			}
			c.Write(b)
		}
	})
	var got []string
	s := quick("tcp", address)
	_, err := Run(t.Context(), s, Stages{
		Reached: func(stage Stage) error {
			if got = append(got, string(stage)); stage == StageConnected && len(received) > 0 {
				t.Error("a request was sent before the start")
			}
			return nil
		},
		Servers: func() []int { got = append(got, "servers"); return nil },
	})
	if err != nil || strings.Join(got, " ") != "connected servers measuring measured finished" {
		t.Errorf("stages %v, %v", got, err)
	}
	stop := errors.New("stop")
	if _, err := Run(t.Context(), s, Stages{Reached: when(StageConnected, func() error { return stop })}); !errors.Is(err, stop) {
		t.Errorf("got %v, want %v", err, stop)
	}
}

func udpServer(t *testing.T, answer func(c *net.UDPConn, b []byte, to *net.UDPAddr)) string {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		b := make([]byte, 65536)
		for {
			n, from, err := c.ReadFromUDP(b)
			if err != nil {
				return
			}
			answer(c, b[:n], from)
		}
	}()
	return c.LocalAddr().String()
}

func TestRunUDP(t *testing.T) {
	echo := func(c *net.UDPConn, b []byte, to *net.UDPAddr) { c.WriteToUDP(b, to) }
	var n int
	var held []byte
	tests := []struct {
		name     string
		answer   func(c *net.UDPConn, b []byte, to *net.UDPAddr)
		payload  int
		pipeline int
		check    func(r *Result) bool
	}{
		{"echo", echo, 64, 1, func(r *Result) bool { return r.Unanswered == 0 }},
		{"echo of a byte", echo, 1, 1, func(r *Result) bool { return r.Unanswered == 0 }},
		{"echo of the longest", echo, 65507, 1, func(r *Result) bool { return r.Unanswered == 0 }},
		{"pipelined", echo, 1, 32, func(r *Result) bool { return r.Unanswered == 0 }},
		{"duplicated", func(c *net.UDPConn, b []byte, to *net.UDPAddr) {
			c.WriteToUDP(b, to)
			c.WriteToUDP(b, to)
		}, 64, 4, func(r *Result) bool { return r.Datagrams.Duplicated > 0 && r.Datagrams.Lost == 0 }},
		{"every fourth lost", func(c *net.UDPConn, b []byte, to *net.UDPAddr) {
			if n++; n%4 != 0 {
				c.WriteToUDP(b, to)
			}
		}, 64, 1, func(r *Result) bool {
			return r.Datagrams.Lost > 0 && r.Datagrams.Lost == r.Unanswered && r.Errors["lost"] == r.Unanswered
		}},
		{"pairs swapped", func(c *net.UDPConn, b []byte, to *net.UDPAddr) {
			if held == nil {
				held = append(held, b...)
				return
			}
			c.WriteToUDP(b, to)
			c.WriteToUDP(held, to)
			held = nil
		}, 64, 4, func(r *Result) bool { return r.Datagrams.Reordered > 0 && r.Datagrams.Duplicated == 0 }},
		{"garbage", func(c *net.UDPConn, b []byte, to *net.UDPAddr) {
			c.WriteToUDP([]byte("garbage"), to)
			c.WriteToUDP(b, to)
		}, 64, 1, func(r *Result) bool { return r.Errors["mismatch"] > 0 && r.Datagrams.Lost == 0 }},
		{"nothing before each answer", func(c *net.UDPConn, b []byte, to *net.UDPAddr) {
			c.WriteToUDP(nil, to)
			c.WriteToUDP(b, to)
		}, 64, 1, func(r *Result) bool { return r.Errors["mismatch"] >= r.Requests && r.Datagrams.Lost == 0 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := quick("udp", udpServer(t, tt.answer))
			s.PayloadBytes, s.Pipeline = tt.payload, tt.pipeline
			if tt.name == "every fourth lost" || tt.name == "pairs swapped" {
				s.Timeout, s.Resend = 20*time.Millisecond, 0
			}
			r := mustAnswer(t, s)
			for (r.Requests == 0 || !tt.check(r)) && s.Duration < 5*time.Second { // it may have stood still for longer than a datagram waits
				s.Duration, s.Timeout = 2*s.Duration, 2*s.Timeout
				r = mustAnswer(t, s)
			}
			if r.Requests == 0 || !tt.check(r) {
				t.Errorf("%d requests, %d unanswered, errors %v, datagrams %+v", r.Requests, r.Unanswered, r.Errors, r.Datagrams)
			}
		})
	}
}

// A server that sends without end, unasked, does not hold the thread up: a client has its
// turn, and the poller tells of what is left.
func TestReceiveHasAnEnd(t *testing.T) {
	server, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	s := quick("udp", server.LocalAddr().String())
	r, err := newRun(&s)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	w := r.workers[0]
	if err := w.connectAll(r.stop); err != nil {
		t.Fatal(err)
	}
	w.started = true
	address, err := unix.Getsockname(w.conns[0].fd)
	if err != nil {
		t.Fatal(err)
	}
	client := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: address.(*unix.SockaddrInet4).Port}
	for range datagramsPerTurn + 10 {
		if _, err := server.WriteToUDP([]byte("more"), client); err != nil {
			t.Fatal(err)
		}
	}
	w.rec.from = 0
	for turn, want := range []int64{datagramsPerTurn, datagramsPerTurn + 10} {
		n, err := w.poller.Poll(w.events)
		if err != nil {
			t.Fatal(err)
		}
		w.handleAll(n)
		if got := w.rec.errors[mismatch]; got != want {
			t.Errorf("%d taken after turn %d, want %d", got, turn, want)
		}
	}
}
