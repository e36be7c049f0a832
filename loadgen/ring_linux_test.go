package loadgen

import (
	"testing"
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// needRing skips where the kernel refuses io_uring, and says why.
func needRing(t *testing.T) {
	t.Helper()
	r, err := kernel.NewRing(8)
	if err != nil {
		t.Skip(err)
	}
	r.Close()
}

// What holds for loads by epoll holds for loads by the ring. The first client of a
// thread on tcp is the sampled one, which has none.
func TestLoadsByRing(t *testing.T) {
	needRing(t)
	defer func(n int) { ringClients = n }(ringClients)
	ringClients = 1
	for name, test := range map[string]func(*testing.T){
		"ClosedLoop":       TestRunClosedLoop,
		"FailuresByClass":  TestRunCountsFailuresByClass,
		"EndsWithContext":  TestRunEndsWithItsContext,
		"Queue":            TestOpenLoopQueuesOnTheClientThatWaits,
		"Think":            TestThinkTime,
		"Churn":            TestChurn,
		"ActiveAndSlow":    TestActiveAndSlowClients,
		"ResponseSize":     TestResponseSize,
		"ForeignResponses": TestResponseSizeOfAForeignServer,
		"Lost":             TestLostConnections,
		"Unasked":          TestUnaskedBytes,
	} {
		t.Run(name, test)
	}
}

func TestIOIsRecorded(t *testing.T) {
	needRing(t)
	address := echo(t, "tcp", "127.0.0.1:0")
	for _, tt := range []struct {
		io      IO
		clients int
		want    string
	}{
		{AutoIO, ringClients, "io_uring"},
		{AutoIO, ringClients - 1, "epoll"},
		{EpollIO, ringClients, "epoll"},
	} {
		s := quick("tcp", address)
		s.IO, s.Clients, s.Threads = tt.io, tt.clients, 1
		trial := mustRun(t, s).Trial(&s)
		if got := trial.Client.IO; got != tt.want {
			t.Errorf("%d clients, %s: %s, want %s", tt.clients, tt.io, got, tt.want)
		}
	}
}

// More arrives at once than there are buffers: receiving goes on when there are.
func TestRingRunsOutOfBuffers(t *testing.T) {
	needRing(t)
	defer func(n int) { ringClients = n }(ringClients)
	ringClients = 1
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients, s.PayloadBytes, s.Pipeline, s.Threads = 20, 300_000, 16, 1
	s.Duration = 300 * time.Millisecond
	r := mustAnswer(t, s)
	if r.Requests == 0 || len(r.Errors) > 0 || r.Unanswered > 0 {
		t.Errorf("%d requests, %d unanswered, errors %v", r.Requests, r.Unanswered, r.Errors)
	}
}

// A request that the socket did not take, or not all of, is taken back and goes out
// when there is room; one that it refused is a failure.
func TestUnsent(t *testing.T) {
	needRing(t)
	for _, tt := range []struct {
		name   string
		result int32
		offset int
		state  state
	}{
		{"nothing", -int32(unix.EAGAIN), 0, blocked},
		{"a part", 10, 10, blocked},
		{"refused", -int32(unix.EPIPE), 0, down},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
			s.Clients, s.Threads = ringClients, 1
			w := startWorker(t, &s)
			c := &w.conns[1]
			w.unsent(c, &kernel.Completion{Result: tt.result}, w.clock())
			if c.state != tt.state || c.offset != tt.offset {
				t.Errorf("state %d, %d bytes written; want %d and %d", c.state, c.offset, tt.state, tt.offset)
			}
			if tt.state == blocked && c.wrote != c.sent-1 {
				t.Errorf("request %d of %d is next, want the last", c.wrote, c.sent)
			}
		})
	}
}

// An answer that has come when its client gives up is late, and no bytes that nobody asked for.
func TestLateIsNotUnasked(t *testing.T) {
	needRing(t)
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients, s.Threads = ringClients, 1
	w := startWorker(t, &s)
	var came *kernel.Completion
	for end := time.Now().Add(5 * time.Second); came == nil || came.Buffer() < 0; came = w.rings[0].Next() {
		if err := w.rings[0].await(time.Millisecond); err != nil || time.Now().After(end) {
			t.Fatal("no answer comes", err)
		}
	}
	late := *came
	w.fail(&w.conns[late.Tag>>32], readTimeout, w.clock())
	w.completed(w.rings[0], &late)
	if w.rec.errors[mismatch] > 0 || w.rec.errors[readTimeout] != 1 {
		t.Errorf("%d given up, %d mismatches", w.rec.errors[readTimeout], w.rec.errors[mismatch])
	}
}
