package loadgen

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connbench/results"

	"golang.org/x/sys/unix"
)

// A load in slices rests between them: the rests are in no latency, nothing is unanswered in
// them, and the clocks are read at both ends of each slice.
func TestSlices(t *testing.T) {
	const slices, rest = 5, 300 * time.Millisecond
	for _, threads := range []int{1, 3} {
		for _, network := range []string{"tcp", "udp"} {
			address := echo(t, "tcp", "127.0.0.1:0")
			if network == "udp" {
				address = udpServer(t, func(c *net.UDPConn, b []byte, to *net.UDPAddr) { c.WriteToUDP(b, to) })
			}
			s := quick(network, address)
			s.Clients, s.Threads, s.Parts = 12, threads, 1
			s.Duration, s.Slice = 50*time.Millisecond, 50*time.Millisecond/slices
			var rested atomic.Int32
			r, err := Run(t.Context(), s, Stages{
				Servers: func() []int { return []int{os.Getpid()} },
				Reached: when(StageRest, func() error {
					rested.Add(1)
					time.Sleep(rest)
					return nil
				}),
			})
			if err != nil {
				t.Fatal(err)
			}
			if n := rested.Load(); n != slices-1 || r.Window != s.Duration {
				t.Errorf("%s, %d threads: %d rests, a window of %v", network, threads, n, r.Window)
			}
			if r.Requests == 0 || r.Unanswered > 0 || r.ServerCPU == nil || r.RestCPU == nil || *r.RestCPU > 0.5 || r.Answers.Served != s.Clients {
				t.Errorf("%s, %d threads: %+v", network, threads, r)
			}
			if r.Warm >= r.Early { // which has what a slice discards too
				t.Errorf("%s, %d threads: %d of %d early answers in the warm-up", network, threads, r.Warm, r.Early)
			}
			if longest := time.Duration(r.Distributions[ServiceDistribution].Max()); longest >= rest {
				t.Errorf("%s, %d threads: a latency of %v", network, threads, longest)
			}
		}
	}
}

// A server that does not answer all holds up a rest for a moment only, and what was asked before
// goes on in the next turn.
func TestSlicesOfMuteServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // whose backlog takes them
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := quick("tcp", l.Addr().String())
	s.Clients, s.Parts = 2, 1
	s.Duration, s.Slice, s.Timeout = 40*time.Millisecond, 20*time.Millisecond, 300*time.Millisecond
	rested := 0
	r, err := Run(t.Context(), s, Stages{Reached: when(StageRest, func() error { rested++; return nil })})
	if err != nil || rested != 1 || r.Requests != 0 {
		t.Errorf("%d rests, %+v, %v", rested, r, err)
	}
}

// A stall that is longer than a slice is in the latencies: the turn waits for its end.
func TestSlicesHaveStalls(t *testing.T) {
	const stall = 300 * time.Millisecond
	s := quick("tcp", "")
	s.Clients, s.Parts = 3, 1
	s.Warmup, s.Duration, s.Slice = 0, 40*time.Millisecond, 20*time.Millisecond
	served := map[net.Conn]int{}
	var mu sync.Mutex
	s.Address = answering(t, func(c net.Conn, b []byte) bool {
		mu.Lock()
		served[c]++
		n := served[c]
		mu.Unlock()
		if n > 5 { // of which no slice has more than one
			time.Sleep(stall)
		}
		c.Write(b)
		return true
	})
	r, err := Run(t.Context(), s, Stages{})
	if err != nil {
		t.Fatal(err)
	}
	if longest := time.Duration(r.Distributions[ServiceDistribution].Max()); longest < stall || r.Unanswered > 0 {
		t.Errorf("the longest latency is %v of %d, %d unanswered", longest, r.Requests, r.Unanswered)
	}
}

// What the server does to connections while they rest is told, although it is seen in a moment
// that is discarded.
func TestSlicesCutInRests(t *testing.T) {
	const clients = 128 // of which two threads have enough for io_uring
	for _, tt := range []struct{ last, class string }{{"", results.ConnectionLost}, {"x", "mismatch"}} {
		resting := make(chan struct{})
		var accepted atomic.Int32
		var cut sync.WaitGroup
		cut.Add(clients)
		address := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
			defer c.Close()
			if accepted.Add(1) <= clients { // those that come after the rest stay
				go func() {
					defer cut.Done()
					<-resting
					io.WriteString(c, tt.last)
					hangUp(t, c.(*net.TCPConn))
				}()
			}
			io.Copy(c, c)
		})
		s := quick("tcp", address)
		s.Clients, s.Parts = clients, 1
		s.Duration, s.Slice = 40*time.Millisecond, 20*time.Millisecond
		r, err := Run(t.Context(), s, Stages{Reached: when(StageRest, func() error {
			close(resting)
			cut.Wait()
			return nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		if trial := r.Trial(&s); r.Errors[tt.class] != clients || r.Unanswered > 0 || trial.Valid() {
			t.Errorf("%q: errors %v, %d unanswered, verdicts %v", tt.last, r.Errors, r.Unanswered, trial.Verdicts)
		}
	}
}

// hangUp ends a connection, and returns when the peer's kernel has acknowledged that.
func hangUp(t *testing.T, c *net.TCPConn) {
	raw, err := c.SyscallConn()
	if err := errors.Join(err, c.CloseWrite()); err != nil { // at once, where Close waits for a reader
		t.Error(err)
		return
	}
	acknowledged := false
	for !acknowledged && err == nil {
		time.Sleep(time.Millisecond)
		err = raw.Control(func(fd uintptr) {
			info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
			acknowledged = err != nil || info.State != unix.BPF_TCP_FIN_WAIT1
		})
	}
	c.Close()
}

func TestSlicesEnded(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients, s.Threads, s.Parts = 4, 2, 1
	s.Duration, s.Slice = 50*time.Millisecond, 10*time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := Run(ctx, s, Stages{Reached: when(StageRest, func() error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	})})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := Run(t.Context(), s, Stages{Reached: when(StageRest, func() error { return results.ErrNoRun })}); !errors.Is(err, results.ErrNoRun) {
		t.Errorf("a rest that fails: %v", err)
	}
}
