package loadgen

import (
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestPast(t *testing.T) {
	var p past
	for i, step := range []struct {
		seq  uint64
		want order
	}{
		{0, inOrder}, {0, repeated}, {1, inOrder}, {0, repeated},
		{5, inOrder}, {3, late}, {3, repeated}, {4, late}, {2, late}, {2, repeated},
		{68, inOrder}, {5, repeated}, {4, late}, // just inside the window, and just before it
		{1000, inOrder}, {999, late}, {999, repeated}, {68, late},
	} {
		if got := p.see(step.seq); got != step.want {
			t.Errorf("step %d, %d: got %v, want %v", i, step.seq, got, step.want)
		}
	}
}

// The timeout is that of RFC 6298, at least 5 ms, doubled for each time until a request is
// answered that was sent once, and up to a quarter longer.
func TestPatient(t *testing.T) {
	const ms = time.Millisecond
	p := patient{first: 50 * ms, random: rand.New(rand.NewPCG(1, 1))}
	for i, step := range []struct {
		trip  time.Duration // measured before, 0 for none
		tries uint8
		want  time.Duration
	}{
		{0, 0, 50 * ms}, {0, 1, 100 * ms}, {0, 2, 200 * ms}, {0, 0, 200 * ms},
		{8 * ms, 0, 24 * ms},                      // 8 + 4 * 8/2
		{16 * ms, 0, 9*ms + 20*ms},                // 8 + 8/8, and 4 * (4 + (8 - 4)/4)
		{0, 3, 8 * 29 * ms}, {9 * ms, 0, 24 * ms}, // 9, and 4 * (5 - 5/4)
	} {
		if step.trip > 0 {
			p.measured(step.trip)
		}
		if got := p.again(step.tries); got < step.want || got > step.want+step.want/patienceJitter {
			t.Errorf("step %d: %v, want %v and up to a quarter more", i, got, step.want)
		}
	}
	for range 100 {
		p.measured(time.Microsecond)
	}
	if got := p.timeout(); got != leastPatience {
		t.Errorf("%v on a short way, want %v", got, leastPatience)
	}
	if p.first = 0; p.again(0) < time.Hour {
		t.Error("sent again though nobody is to")
	}
}

// datagrams is a worker of UDP at time 0 of a window of an hour, with one client that has
// asked once, and the server, which sees what is sent.
func datagrams(t *testing.T, change func(*Spec)) (w *worker, server *net.UDPConn) {
	t.Helper()
	server, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	s := quick("udp", server.LocalAddr().String())
	s.Threads, s.Timeout = 1, time.Minute
	change(&s)
	_, w = connectedRun(t, &s)
	w.started, w.end = true, time.Hour
	w.rec.from, w.rec.to, w.rec.planned = 0, time.Hour, time.Hour
	w.refill(&w.conns[0], 0)
	return w, server
}

// heard is the next datagram that the server gets.
func heard(t *testing.T, server *net.UDPConn) string {
	t.Helper()
	server.SetReadDeadline(time.Now().Add(time.Minute)) // long enough for anything
	b := make([]byte, 1<<16)
	n, err := server.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

// A request without an answer is sent again, as it was, each time after twice as long; the
// answer is as late as it is counted from the first time, and the datagrams before are
// lost. It is no round trip.
func TestResend(t *testing.T) {
	w, server := datagrams(t, func(*Spec) {})
	c, first := &w.conns[0], heard(t, server)
	last := time.Duration(0)
	for tries := 1; tries <= 3; tries++ {
		again := w.stamp(c, 0).again
		if least := time.Duration(50<<(tries-1)) * time.Millisecond; again < last+least || again > last+least+least/patienceJitter {
			t.Fatalf("try %d at %v, after %v", tries, again, last)
		}
		w.expire(c, again-1)
		if w.rec.datagrams.Lost != int64(tries-1) {
			t.Fatalf("%d lost before try %d", w.rec.datagrams.Lost, tries)
		}
		w.expire(c, again)
		if got := heard(t, server); got != first || w.rec.datagrams.Lost != int64(tries) {
			t.Fatalf("try %d: %d lost, sent %q after %q", tries, w.rec.datagrams.Lost, got, first)
		}
		last = again
	}
	w.takeDatagram(c, []byte(first), last+time.Millisecond)
	if got := w.rec.service.Max(); w.rec.service.TotalCount() != 1 || time.Duration(got) < last || w.patient.trip != 0 || w.rec.unanswered != 0 || w.open != 0 {
		t.Errorf("a latency of %v after %v, %d open, %d unanswered, a round trip of %v", time.Duration(got), last, w.open, w.rec.unanswered, w.patient.trip)
	}
}

// What comes to a request that was sent again in vain shows that it was, and is no answer
// to another one.
func TestResendInVain(t *testing.T) {
	w, server := datagrams(t, func(s *Spec) { s.PayloadBytes = resendPayload })
	c, first := &w.conns[0], []byte(heard(t, server))
	for range 2 {
		w.expire(c, w.stamp(c, 0).again)
	}
	for i, want := range []struct{ answered, lost, duplicated int64 }{{1, 2, 0}, {1, 1, 0}, {1, 0, 0}, {1, 0, 1}} {
		w.takeDatagram(c, first, time.Second)
		w.follow(c, time.Second) // the next request, in the place of the first
		if d := w.rec.datagrams; w.rec.completed != want.answered || d.Lost != want.lost || d.Duplicated != want.duplicated || c.sent != 2 || c.open != 1 {
			t.Errorf("answer %d: %d completed, %+v, %d sent and %d open", i, w.rec.completed, d, c.sent, c.open)
		}
	}
}

// What is not to be sent again is given up, and counted once.
func TestNotResent(t *testing.T) {
	for name, change := range map[string]func(*Spec){
		"not asked for":          func(s *Spec) { s.Resend = 0 },
		"short sequence numbers": func(s *Spec) { s.PayloadBytes = resendPayload - 1 },
	} {
		w, _ := datagrams(t, change)
		w.expire(&w.conns[0], w.spec.Timeout-1)
		before := w.rec.datagrams.Lost
		w.expire(&w.conns[0], w.spec.Timeout)
		if before != 0 || w.rec.datagrams.Lost != 1 || w.rec.errors[lost] != 1 || w.rec.unanswered != 1 {
			t.Errorf("%s: %d lost, then %d, %d failed", name, before, w.rec.datagrams.Lost, w.rec.unanswered)
		}
	}
}

// Before the window nothing is lost, and nothing duplicated for being sent again.
func TestResendInVainBefore(t *testing.T) {
	w, server := datagrams(t, func(*Spec) {})
	c, first := &w.conns[0], []byte(heard(t, server))
	w.rec.from = time.Nanosecond
	w.expire(c, w.stamp(c, 0).again)
	w.takeDatagram(c, first, time.Second)
	if w.straggling <= time.Second {
		t.Errorf("nothing more is waited for after %v", w.straggling)
	}
	w.follow(c, time.Second) // a request of the window
	w.expire(c, w.stamp(c, 1).again)
	w.takeDatagram(c, first, 2*time.Second)
	if d := w.rec.datagrams; d.Lost != 1 || d.Duplicated != 0 {
		t.Errorf("%+v", d)
	}
}

// Losses belong to the window by when their requests were due.
func TestResentInWarmup(t *testing.T) {
	w, _ := datagrams(t, func(*Spec) {})
	c := &w.conns[0]
	w.rec.from = time.Nanosecond
	for range 3 {
		w.expire(c, w.stamp(c, 0).again)
	}
	w.expire(c, w.spec.Timeout)
	if w.rec.datagrams.Lost != 0 || w.rec.unanswered != 0 {
		t.Errorf("%+v, %d unanswered of the warm-up", w.rec.datagrams, w.rec.unanswered)
	}
}

// Whoever loses each datagram that comes for the first time serves all, later.
func TestRunResends(t *testing.T) {
	seen := map[string]bool{}
	s := quick("udp", udpServer(t, func(c *net.UDPConn, b []byte, to *net.UDPAddr) {
		if id := to.String() + string(b); seen[id] {
			c.WriteToUDP(b, to)
		} else {
			seen[id] = true
		}
	}))
	s.Clients, s.Warmup, s.Resend = 8, 0, leastPatience
	r := mustRun(t, s)
	least := time.Duration(r.distribution(ServiceDistribution).Min())
	if r.Answers.Served != s.Clients || r.Unanswered != 0 || len(r.Errors) > 0 || r.Datagrams.Lost < r.Requests || least < leastPatience-leastPatience/100 {
		t.Errorf("%d clients served with %d requests from %v on, %d unanswered, errors %v, %+v", r.Answers.Served, r.Requests, least, r.Unanswered, r.Errors, r.Datagrams)
	}
}

// The clients of a closed loop on datagrams begin one by one, in a few milliseconds or half
// of the warm-up, and as the seed has it.
func TestStagger(t *testing.T) {
	starts := func(seed uint64, clients int, warmup time.Duration) (at []time.Duration) {
		w, _ := datagrams(t, func(s *Spec) { s.Seed, s.Clients, s.Warmup = seed, clients, warmup })
		w.begin(time.Second)
		if w.open != 1 { // the one that the test has asked for
			t.Errorf("%d requests at once", w.open)
		}
		for w.starting.head >= 0 {
			at = append(at, w.dues.pop(&w.starting).at-time.Second)
		}
		return at
	}
	for _, tt := range []struct {
		clients      int
		warmup, want time.Duration
	}{{256, time.Second, 256 * startGap}, {1000, 0, 5 * time.Millisecond}, {1000, 30 * time.Millisecond, 15 * time.Millisecond}} {
		at := starts(1, tt.clients, tt.warmup)
		if len(at) != tt.clients || at[0] < 0 || at[len(at)-1] > tt.want || at[len(at)-1] < tt.want*9/10 {
			t.Errorf("%d clients: %d from %v to %v, want them within %v", tt.clients, len(at), at[0], at[len(at)-1], tt.want)
		}
		for i := range at[1:] {
			if at[i+1] < at[i] {
				t.Fatalf("client %d at %v, before the one before it at %v", i+1, at[i+1], at[i])
			}
		}
	}
	if one, same, other := starts(1, 2, 0), starts(1, 2, 0), starts(2, 2, 0); one[0] != same[0] || one[0] == other[0] {
		t.Errorf("%v, the same %v, another seed %v", one, same, other)
	}
}

// All that are due begin.
func TestStaggered(t *testing.T) {
	for name, think := range map[string]time.Duration{"a closed loop": 0, "thinking": time.Second} {
		w, _ := datagrams(t, func(s *Spec) { s.Clients, s.Think = 10, think })
		w.begin(0)
		w.arrive(time.Minute)
		if w.open != 10 {
			t.Errorf("%s: %d of 10 requests are open", name, w.open)
		}
	}
}

// An empty datagram is one, behind which others are read.
func TestEmptyDatagramIsRead(t *testing.T) {
	server, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	s := quick("udp", server.LocalAddr().String())
	s.Threads, s.Clients = 1, 1
	_, w := connectedRun(t, &s)
	c := &w.conns[0]
	name, err := unix.Getsockname(c.fd)
	if err != nil {
		t.Fatal(err)
	}
	client := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*unix.SockaddrInet4).Port}
	for _, datagram := range []string{"", "x", "", "y"} {
		if _, err := server.WriteToUDP([]byte(datagram), client); err != nil {
			t.Fatal(err)
		}
	}
	w.rec.from = 0
	if w.receive(c, true); w.rec.errors[mismatch] != 4 {
		t.Errorf("%d of 4 were read", w.rec.errors[mismatch])
	}
}
