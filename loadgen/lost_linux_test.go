package loadgen

import (
	"crypto/tls"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"connbench/results"

	"golang.org/x/sys/unix"
)

// requestBytes is the length of a request of [quick].
const requestBytes = 68

// answering is a server that reads requests of [requestBytes] and does with each as told:
// reply gets the request, and ends the connection by returning false.
func answering(t *testing.T, reply func(c net.Conn, request []byte) bool) string {
	return serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		defer c.Close()
		b := make([]byte, requestBytes)
		for {
			if _, err := io.ReadFull(c, b); err != nil || !reply(c, b) {
				return
			}
		}
	})
}

// Issue 12: connections that the server ended between two requests were counted nowhere,
// and the client's own pause became the server's throughput and latency.
func TestLostConnections(t *testing.T) {
	defer func(d time.Duration) { retryPause = d }(retryPause)
	retryPause = time.Hour // whoever waits for its end sends no second request
	idles := func(limit time.Duration) string {
		return serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
			defer c.Close()
			b := make([]byte, requestBytes)
			for {
				c.SetReadDeadline(time.Now().Add(limit))
				if _, err := io.ReadFull(c, b); err != nil {
					return
				}
				c.Write(b)
			}
		})
	}
	hangsUp := answering(t, func(c net.Conn, b []byte) bool { c.Write(b); return false })
	resets := answering(t, func(c net.Conn, b []byte) bool {
		c.Write(b)
		c.(*net.TCPConn).SetLinger(0)
		return false
	})
	secure := tlsEcho(t, "tcp", "127.0.0.1:0", tls.VersionTLS13, requestBytes)
	for _, test := range []struct {
		name    string
		address string
		load    func(*Spec)
		idle    bool // the clients lost are idle
	}{
		{"idle timeout", idles(time.Millisecond), func(s *Spec) { s.Think = 20 * time.Millisecond }, false},
		{"idle clients", idles(400 * time.Millisecond), func(s *Spec) { // which is over in the window, however late that begins
			s.Clients, s.Active, s.Duration = 10, 0.1, 800*time.Millisecond
		}, true},
		{"hang-up, thinking", hangsUp, func(s *Spec) { s.Think = 5 * time.Millisecond }, false},
		{"hang-up, open loop", hangsUp, func(s *Spec) { s.Rate, s.Arrivals = 100, Constant }, false},
		{"reset, thinking", resets, func(s *Spec) { s.Think = 5 * time.Millisecond }, false},
		{"reset, open loop", resets, func(s *Spec) { s.Rate, s.Arrivals = 100, Constant }, false},
		{"hang-up over TLS", secure, func(s *Spec) { s.TLS, s.Rate, s.Arrivals = true, 100, Constant }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.name == "idle timeout" {
				retryPause = time.Millisecond // it cuts those that have sent nothing yet
				defer func() { retryPause = time.Hour }()
			}
			s := quick("tcp", test.address)
			s.Clients, s.Duration = 2, 300*time.Millisecond
			test.load(&s)
			r := mustRun(t, s)
			for tries := 0; r.Errors[results.ConnectionLost] == 0 && tries < 10; tries++ { // requests are late on a busy machine, and always on their way
				r = mustRun(t, s)
			}
			trial := r.Trial(&s)
			if r.Errors[results.ConnectionLost] == 0 {
				t.Errorf("no lost connection among %v", r.Errors)
			}
			if !slices.Contains(trial.Verdicts, results.Lost) {
				t.Errorf("%d lost, verdicts %v", r.Errors[results.ConnectionLost], trial.Verdicts)
			}
			if !test.idle && r.Requests <= int64(s.Clients) {
				t.Errorf("%d requests of %d clients: they waited for the end of a pause", r.Requests, s.Clients)
			}
		})
	}
}

// What nobody asked for is a mismatch, whether it comes with the answer or behind it.
func TestUnaskedBytes(t *testing.T) {
	for name, reply := range map[string]func(c net.Conn, b []byte) bool{
		"a byte too many":       func(c net.Conn, b []byte) bool { c.Write(append(slices.Clone(b), 'x')); return true },
		"a byte too many later": func(c net.Conn, b []byte) bool { c.Write(b); c.Write([]byte{'x'}); return true },
		"each answer twice":     func(c net.Conn, b []byte) bool { c.Write(append(slices.Clone(b), b...)); return true },
		"a byte, and the end":   func(c net.Conn, b []byte) bool { c.Write(append(slices.Clone(b), 'x')); return false },
	} {
		address := answering(t, reply)
		for kind, load := range map[string]func(*Spec){
			"closed loop": func(*Spec) {},
			"one request": func(s *Spec) { s.RequestsPerConn = 1 },
			"open loop":   func(s *Spec) { s.Rate, s.Arrivals = 100, Constant },
			"thinking":    func(s *Spec) { s.Think = time.Millisecond },
		} {
			if name == "a byte too many later" && kind == "one request" {
				continue // the connection may be closed before it comes
			}
			t.Run(name+", "+kind, func(t *testing.T) {
				s := quick("tcp", address)
				load(&s)
				r := mustRun(t, s)
				for tries := 0; r.Errors["mismatch"] == 0 && tries < 10; tries++ { // nothing comes in the window on a busy machine
					r = mustRun(t, s)
				}
				if trial := r.Trial(&s); r.Errors["mismatch"] == 0 || !slices.Contains(trial.Verdicts, results.Errors) {
					t.Errorf("errors %v, verdicts %v", r.Errors, trial.Verdicts)
				}
			})
		}
	}
}

// What has come behind the last answer of a connection is seen when that is given up.
func TestUnaskedByteBehindTheLast(t *testing.T) {
	connected := make(chan struct{})
	address := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		defer c.Close()
		<-connected
		c.Write([]byte{'x'})
		io.Copy(io.Discard, c)
	})
	s := quick("tcp", address)
	s.Threads, s.Clients, s.RequestsPerConn = 1, 1, 1
	_, w := connectedRun(t, &s)
	close(connected)
	c := &w.conns[0]
	if n, err := unix.Poll([]unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLIN}}, 60_000); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	w.rec.from = 0
	if w.renew(c, w.clock()); w.rec.errors[mismatch] != 1 {
		t.Errorf("%d unasked", w.rec.errors[mismatch])
	}
}

// A request that comes due while the server refuses connections fails: it does not wait
// for the client's pause.
func TestRefusedRequestsFail(t *testing.T) {
	defer func(d time.Duration) { retryPause = d }(retryPause)
	retryPause = time.Hour
	l, err := net.Listen("tcp", "127.77.0.1:0") // where no other test listens that it would be tried on later
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		c, err := l.Accept()
		l.Close() // nobody after the first
		if err != nil {
			return
		}
		defer c.Close()
		b := make([]byte, requestBytes)
		io.ReadFull(c, b)
		c.Write(b)
	}()
	s := quick("tcp", l.Addr().String())
	s.Rate, s.Arrivals, s.Warmup, s.Duration, s.Pipeline = 100, Constant, 0, 200*time.Millisecond, 1
	r := mustRun(t, s)
	<-served
	// A request that is late follows the first at once, and may be on the connection when that ends.
	if r.Requests != 1 || r.Unanswered != 19 || r.Errors["refused"] < 18 || r.Errors["refused"]+r.Errors["reset"]+r.Errors["closed"] < 19 {
		t.Errorf("%d answered, %d not, errors %v; want 1, 19 and as many refused", r.Requests, r.Unanswered, r.Errors)
	}
}

// A datagram of the warm-up that is given up for lost in the window is not the window's.
func TestWarmupLossesAreDiscarded(t *testing.T) {
	load := func() *Result {
		answers := 0
		s := quick("udp", udpServer(t, func(c *net.UDPConn, b []byte, to *net.UDPAddr) {
			if answers++; answers > 5 { // the first ones are lost
				c.WriteToUDP(b, to)
			}
		}))
		s.Rate, s.Arrivals = 100, Constant
		s.Warmup, s.Duration, s.Timeout = 100*time.Millisecond, 200*time.Millisecond, 150*time.Millisecond
		s.Resend = 0
		return mustRun(t, s)
	}
	r := load()
	for tries := 0; r.Unanswered > 0 && tries < 10; tries++ { // answers of the window are late too on a busy machine
		r = load()
	}
	if r.Datagrams.Lost > 0 || r.Unanswered > 0 {
		t.Errorf("%d lost, %d unanswered of the warm-up", r.Datagrams.Lost, r.Unanswered)
	}
}
