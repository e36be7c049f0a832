package loadgen

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
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
	waited := over(open, ResponseDistribution, stall/2)
	if waited < rate*int64(stall/2)/int64(time.Second)*9/10 {
		t.Errorf("open loop: %d requests waited for more than half of the stall, want about %v", waited, rate*(stall/2).Seconds())
	}
	if p99 := results.Percentile(open.distribution(ResponseDistribution).Histogram, 0, 99); time.Duration(p99) < stall*8/10 {
		t.Errorf("open loop: p99 is %v of a stall of %v", p99, stall)
	}
	closed := load(0)
	if n := over(closed, ServiceDistribution, stall/2); n < 1 || n > waited/4 { // one a client, and of a busy machine's stalls another
		t.Errorf("closed loop: %d requests waited, want one a client, where %d did in the open loop", n, waited)
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
	for r.Unanswered > 2 && s.Timeout < 10*time.Second { // the other client waits too on a busy machine
		s.Timeout *= 4
		connections.Store(0)
		r = mustRun(t, s)
	}
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
	s.Warmup, s.Duration = 0, 50*time.Millisecond
	r := mustRun(t, s)
	if want := s.Rate * s.Duration.Seconds(); math.Abs(float64(r.Requests+r.Unanswered)/want-1) > 0.01 || r.Requests == 0 {
		t.Errorf("%d requests answered and %d not, want together %v", r.Requests, r.Unanswered, want)
	}
	if r.Errors["unsent"] == 0 {
		t.Errorf("errors %v, want some unsent", r.Errors)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.Duration = time.Minute
	if _, err := Run(ctx, s, Stages{Reached: when(StageMeasuring, func() error { cancel(); return nil })}); !errors.Is(err, context.Canceled) {
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
