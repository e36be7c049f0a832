package loadgen

import (
	"context"
	"errors"
	"io"
	"maps"
	"math"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connbench/loadgen/pace"
	"connbench/models/wire"
	"connbench/results"
)

// over counts the latencies of a distribution above a limit.
func over(r *Result, name string, limit time.Duration) int64 {
	var n int64
	for _, bar := range r.distribution(name).Distribution() {
		if bar.From > int64(limit) {
			n += bar.Count
		}
	}
	return n
}

// stalling is an echo server that one stall holds up, all clients of it: it begins
// with the first request after the given number.
func stalling(t *testing.T, after int64, stall time.Duration) string {
	var mu sync.Mutex
	var served int64
	return serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		b := make([]byte, 68)
		for {
			if _, err := io.ReadFull(c, b); err != nil {
				return
			}
			mu.Lock()
			if served++; served == after {
				time.Sleep(stall)
			}
			mu.Unlock()
			c.Write(b)
		}
	})
}

// Coordinated omission: the open loop sees every request that a stall kept
// waiting, the closed loop one a client. What is asserted is how many requests were
// due in the second half of the stall's length, which no slow machine makes fewer.
func TestOpenLoopSeesAStallThatAClosedLoopOmits(t *testing.T) {
	const rate, stall = 1000, 400 * time.Millisecond
	load := func(rate float64) *Result {
		s := quick("tcp", stalling(t, 100, stall))
		s.Clients, s.Warmup, s.Duration = 4, 0, time.Second
		s.Rate, s.Arrivals = rate, Constant
		r := mustRun(t, s)
		if r.Unanswered > 0 || len(r.Errors) > 0 {
			t.Fatalf("%d unanswered, errors %v", r.Unanswered, r.Errors)
		}
		return r
	}
	open := load(rate)
	if n := open.distribution(ResponseDistribution).TotalCount(); n != rate {
		t.Errorf("%d requests of a schedule of %d", n, rate)
	}
	if n := over(open, ResponseDistribution, stall/2); n < rate*int64(stall/2)/int64(time.Second)*9/10 {
		t.Errorf("open loop: %d requests waited for more than half of the stall, want about %v", n, rate*(stall/2).Seconds())
	}
	if p99 := results.Percentile(open.distribution(ResponseDistribution).Histogram, 0, 99); time.Duration(p99) < stall*8/10 {
		t.Errorf("open loop: p99 is %v of a stall of %v", p99, stall)
	}
	closed := load(0)
	if n := over(closed, ServiceDistribution, stall/2); n < 1 || n > 4 {
		t.Errorf("closed loop: %d requests waited, want one a client", n)
	}
}

// A client whose pipeline is full does not hold up the schedule: the requests of
// the others go out, and its own wait counts.
func TestOpenLoopQueuesOnTheClientThatWaits(t *testing.T) {
	var connections atomic.Int64
	address := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		if connections.Add(1) == 1 {
			io.Copy(io.Discard, c) // never answers
			return
		}
		io.Copy(c, c)
	})
	s := quick("tcp", address)
	s.Clients, s.Pipeline, s.Rate, s.Arrivals = 2, 2, 200, Constant
	s.Warmup, s.Duration, s.Timeout = 0, 200*time.Millisecond, 300*time.Millisecond
	r := mustRun(t, s)
	if r.Unanswered != 2 || r.Errors["read_timeout"] != 2 {
		t.Errorf("%d unanswered, errors %v; want a pipeline of read timeouts", r.Unanswered, r.Errors)
	}
	// The others of that client go out by its next connection.
	if r.Requests != 38 || over(r, ResponseDistribution, 50*time.Millisecond) < 18 {
		t.Errorf("%d requests answered, %d of them late; want 38 and those of the client that waits", r.Requests, over(r, ResponseDistribution, 50*time.Millisecond))
	}
}

// A schedule that no thread keeps up with is no reason to be deaf, to the server or to
// the stop, or to take memory for each request: those without room are failures, and
// with these the schedule is complete.
func TestOpenLoopBeyondThisMachine(t *testing.T) {
	defer func(n int) { maxQueued = n }(maxQueued)
	maxQueued = 1000
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Rate, s.Arrivals, s.Clients, s.Threads = pace.MaxRate, Constant, 2, 2
	s.Warmup, s.Duration, s.Timeout = 0, 50*time.Millisecond, 50*time.Millisecond
	r := mustRun(t, s)
	if want := s.Rate * s.Duration.Seconds(); math.Abs(float64(r.Requests+r.Unanswered)/want-1) > 0.01 || r.Requests == 0 {
		t.Errorf("%d requests answered and %d not, want together %v", r.Requests, r.Unanswered, want)
	}
	if r.Errors["unsent"] == 0 {
		t.Errorf("errors %v, want some unsent", r.Errors)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.Duration = time.Minute
	if _, err := Run(ctx, s, Stages{Measuring: cancel}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// What is due and cannot be sent is kept up to a limit.
func TestQueueIsBounded(t *testing.T) {
	defer func(n int) { maxQueued = n }(maxQueued)
	maxQueued = 100
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Rate, s.Pipeline, s.Threads = pace.MinRate, 1, 1
	w := startWorker(t, &s)
	for range 1 + 100 + 50 { // one is sent at once
		w.want(&w.conns[0], 0, w.clock())
	}
	if failed := w.rec.errors[unsent]; w.queued != 100 || failed != 50 {
		t.Errorf("%d are kept and %d failed", w.queued, failed)
	}
}

// Of an open loop only clients that were asked to send count as active: that the others
// have no answer says nothing of the server.
func TestOpenLoopAsksSomeClients(t *testing.T) {
	address := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) { io.Copy(c, c) })
	s := quick("tcp", address)
	s.Clients, s.Rate, s.Arrivals, s.Warmup, s.Duration = 10, 20, Constant, 0, 200*time.Millisecond
	r := mustRun(t, s)
	trial := r.Trial(&s)
	if r.Active != 10 || r.Unasked != 6 || trial.ClientsActive != 4 || trial.ClientsServed != 4 {
		t.Errorf("%d active, %d unasked; %d of %d served; want 4 of the 4 that were asked", r.Active, r.Unasked, trial.ClientsServed, trial.ClientsActive)
	}
	s.Rate = 0
	if r := mustRun(t, s); r.Unasked != 0 {
		t.Errorf("%d unasked of a closed loop", r.Unasked)
	}
}

func TestThinkTime(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients, s.Think, s.Warmup, s.Duration = 3, 20*time.Millisecond, 0, 200*time.Millisecond
	r := mustRun(t, s)
	if n := r.Requests; n < 3 || n > 3*10 {
		t.Errorf("%d requests of 3 clients that think for a tenth of the window; want 30 at the most", n)
	}
	if r.distribution(SlipDistribution).TotalCount() != r.Requests {
		t.Error("a thinking client's slip is not recorded")
	}
}

func TestChurn(t *testing.T) {
	var connections atomic.Int64
	address := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		connections.Add(1)
		if n, _ := io.Copy(c, c); n > 3*68 {
			t.Errorf("%d bytes on a connection for 3 requests of 68", n)
		}
	})
	for _, pipeline := range []int{1, 2} {
		s := quick("tcp", address)
		s.Clients, s.RequestsPerConn, s.Pipeline, s.Warmup = 2, 3, pipeline, 0
		before := connections.Load()
		r := mustRun(t, s)
		made := connections.Load() - before
		if len(r.Errors) > 0 || r.Requests == 0 || made < r.Requests/3 {
			t.Errorf("pipeline %d: %d requests on %d connections, errors %v", pipeline, r.Requests, made, r.Errors)
		}
		if n := r.distribution(ConnectDistribution).TotalCount(); n == 0 || n > made {
			t.Errorf("pipeline %d: %d connect latencies of %d connections", pipeline, n, made)
		}
	}
}

func TestActiveAndSlowClients(t *testing.T) {
	var speaking atomic.Int64
	address := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		first := make([]byte, 1)
		if _, err := c.Read(first); err != nil {
			return
		}
		speaking.Add(1)
		c.Write(first)
		io.Copy(c, c)
	})
	for _, rate := range []float64{0, 500} {
		speaking.Store(0)
		s := quick("tcp", address)
		s.Clients, s.Active, s.Slow, s.Rate = 8, 0.5, 0.25, rate
		s.Warmup, s.Duration = 0, 400*time.Millisecond
		sent := int64(0)
		r, err := Run(t.Context(), s, Stages{Finished: func() { sent = speaking.Load() }})
		if err != nil {
			t.Fatal(err)
		}
		if all := speaking.Load(); sent != 4 || all != 8 {
			t.Errorf("rate %v: %d of 8 clients sent, and %d with those that are idle, want 4 and 8", rate, sent, all)
		}
		slow := r.distribution(SlowDistribution)
		if slow.TotalCount() == 0 || slow.Min() < int64(slowPieces*slowStep) {
			t.Errorf("rate %v: %d requests of the slow client, the fastest in %v", rate, slow.TotalCount(), time.Duration(slow.Min()))
		}
		if r.Active != 3 || r.Answers.Served != 3 || len(r.Errors) > 0 {
			t.Errorf("rate %v: %d active clients, %d served, errors %v", rate, r.Active, r.Answers.Served, r.Errors)
		}
		if n := r.distribution(ServiceDistribution).TotalCount(); n != r.Requests {
			t.Errorf("rate %v: %d latencies of %d requests: the slow client's are not apart", rate, n, r.Requests)
		}
	}
}

// Who is active is drawn by the seed, the same in all processes and threads, and it is as
// many of each role as it should be.
func TestRoles(t *testing.T) {
	cast := func(seed uint64, threads, parts int) map[role][]int {
		s := quick("tcp", "127.0.0.1:1")
		s.Clients, s.Active, s.Slow, s.Seed, s.Threads, s.Parts = 200, 0.2, 0.25, seed, threads, parts
		roles := map[role][]int{}
		for s.Part = range parts {
			r, err := newRun(&s)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range r.workers {
				for i := range w.conns {
					roles[w.conns[i].role] = append(roles[w.conns[i].role], w.conns[i].client)
				}
			}
			r.close()
		}
		for _, clients := range roles {
			slices.Sort(clients)
		}
		return roles
	}
	one := cast(1, 1, 1)
	if len(one[active]) != 30 || len(one[slow]) != 10 || len(one[idle]) != 160 {
		t.Errorf("%d active, %d slow, %d idle", len(one[active]), len(one[slow]), len(one[idle]))
	}
	if last := one[active][29]; last < 100 {
		t.Errorf("the active ones are the first: %v", one[active])
	}
	if parts := cast(1, 3, 4); !maps.EqualFunc(one, parts, slices.Equal) {
		t.Errorf("of four processes %v, of one %v", parts, one)
	}
	if other := cast(2, 1, 1); slices.Equal(one[active], other[active]) {
		t.Errorf("another seed has the same active ones: %v", one[active])
	}
}

// A schedule is the same requests, whoever sends them.
func TestRolesOfASchedule(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients, s.Active, s.Rate, s.Arrivals, s.Threads = 20, 0.5, 500, Constant, 2
	if r := mustRun(t, s); r.Requests != 50 || r.Active != 10 || r.Answers.Served != 10 || r.Answers.Squares != 250 {
		t.Errorf("%d requests of %d clients, %+v; want 50, five each of 10", r.Requests, r.Active, r.Answers)
	}
}

// Idle clients are asked once in the end: those that stand in the backlog, or have lost
// their connection, are counted, and nothing else is.
func TestIdleClients(t *testing.T) {
	defer func(d time.Duration) { retryPause = d }(retryPause)
	retryPause = time.Hour // who has lost a connection gets no other
	closing := serve(t, "tcp", "127.0.0.1:0", func(net.Conn) {})
	full, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	go func() {
		for range 4 { // and no more
			c, err := full.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			go io.Copy(c, c)
		}
		<-t.Context().Done()
	}()
	for _, tt := range []struct {
		name, network, address string
		active                 float64
		least, most            int64
		lost                   bool
	}{
		{"served", "tcp", echo(t, "tcp", "127.0.0.1:0"), 0.3, 0, 0, false},
		{"served on unix", "unix", echo(t, "unix", filepath.Join(t.TempDir(), "s")), 0.3, 0, 0, false},
		{"not accepted", "tcp", full.Addr().String(), 0.1, 5, 6, false},
		{"hung up on", "tcp", closing, 0.1, 9, 9, true},
	} {
		for _, io := range []IO{AutoIO, EpollIO} {
			if tt.name == "not accepted" && io == EpollIO {
				continue // its four are gone
			}
			t.Run(tt.name+" by "+string(io), func(t *testing.T) {
				s := quick(tt.network, tt.address)
				s.Clients, s.Active, s.IO = 10, tt.active, io
				if tt.least > 0 {
					s.Timeout = 300 * time.Millisecond
				}
				r := mustRun(t, s)
				got := r.Errors[results.IdleUnserved]
				if lost := r.Errors[results.ConnectionLost] > 0; got < tt.least || got > tt.most || lost && !tt.lost {
					t.Errorf("%d idle clients unserved, want %d to %d; errors %v", got, tt.least, tt.most, r.Errors)
				}
				trial := r.Trial(&s)
				if unserved := slices.Contains(trial.Verdicts, results.UnservedIdle); unserved != (tt.least > 0) {
					t.Errorf("verdicts %v", trial.Verdicts)
				}
			})
		}
	}
}

func TestConnectRate(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients, s.ConnectRate, s.Threads = 20, 100, 2
	begin := time.Now()
	r := mustRun(t, s)
	if took := time.Since(begin); took < 190*time.Millisecond {
		t.Errorf("20 connections at 100 a second took %v", took)
	}
	if r.Answers.Served != 20 {
		t.Errorf("%d of 20 clients served", r.Answers.Served)
	}
}

// sizedEcho answers as our models do.
func sizedEcho(c net.Conn) {
	codec := wire.Open(wire.LengthCodec, wire.Options{MaxPayload: 1 << 20})
	scratch := wire.NewScratch(codec)
	split := wire.Splitter{Scratch: &scratch}
	b := make([]byte, 1<<16)
	for {
		n, err := c.Read(b)
		if err != nil {
			return
		}
		first, whole, err := split.Split(b[:n])
		if err != nil {
			return
		}
		for _, frames := range [][]byte{first, whole} {
			for frame := range scratch.Requests(frames) {
				left := wire.Budget(1 << 20)
				reply, err := codec.Reply(nil, frame, &left)
				if err != nil {
					return
				}
				c.Write(reply)
			}
		}
	}
}

func TestResponseSize(t *testing.T) {
	address := serve(t, "tcp", "127.0.0.1:0", sizedEcho)
	for _, size := range []struct{ request, response int }{{64, 1}, {64, 4096}, {4096, 64}, {4, 100_000}, {300_000, 12}} {
		for _, pipeline := range []int{1, 4} {
			s := quick("tcp", address)
			s.Clients, s.PayloadBytes, s.ResponseBytes, s.Pipeline = 2, size.request, size.response, pipeline
			s.Warmup = 0 // so that the first requests are of the window, however slow the machine
			r := mustAnswer(t, s)
			if r.Requests == 0 || len(r.Errors) > 0 {
				t.Errorf("%v, pipeline %d: %d requests, errors %v", size, pipeline, r.Requests, r.Errors)
			}
		}
	}
}

func TestResponseSizeOfAForeignServer(t *testing.T) {
	for name, address := range map[string]string{
		"echo":            echo(t, "tcp", "127.0.0.1:0"),
		"one that closes": serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) { c.Read(make([]byte, 1)) }),
	} {
		s := quick("tcp", address)
		s.ResponseBytes, s.Timeout = 128, 200*time.Millisecond // an echo does not answer more than it was sent
		var spec *SpecError
		if _, err := Run(t.Context(), s, Stages{}); !errors.As(err, &spec) || spec.Field != "response-size" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Some round trips of one client are split, in all loops where a request can be
// alone on its connection, and the parts are no longer than the whole.
func TestRoundTripsAreSplit(t *testing.T) {
	address := echo(t, "tcp", "127.0.0.1:0")
	for _, tt := range []struct {
		payload int
		rate    float64
	}{{64, 0}, {64, 2000}, {200_000, 0}} {
		s := quick("tcp", address)
		s.PayloadBytes, s.Rate, s.Duration = tt.payload, tt.rate, 300*time.Millisecond
		r := mustRun(t, s)
		whole := r.distribution(ServiceDistribution)
		send, server, receive := r.distribution(SplitSend), r.distribution(SplitServer), r.distribution(SplitReceive)
		n := send.TotalCount()
		if n != server.TotalCount() || n != receive.TotalCount() || n > r.Requests/sampleEvery+1 {
			t.Errorf("%+v: %d, %d and %d parts of %d requests", tt, n, server.TotalCount(), receive.TotalCount(), r.Requests)
		}
		if tt.payload == 64 && n == 0 && r.Requests > sampleEvery {
			t.Errorf("%+v: none of %d requests was split", tt, r.Requests)
		}
		if sum := send.Min() + server.Min() + receive.Min(); sum > whole.Max() {
			t.Errorf("%+v: the shortest parts come to %d ns, the longest round trip took %d ns", tt, sum, whole.Max())
		}
	}
}
