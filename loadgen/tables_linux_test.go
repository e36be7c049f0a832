package loadgen

import (
	"testing"
	"time"
)

// inTables has loads kept in tables of two places where they can be.
func inTables(t *testing.T) {
	t.Helper()
	if !hasTables() {
		t.Skip("this kernel has no io_uring with tables of files")
	}
	places := tablePlaces
	t.Cleanup(func() { alwaysTabled, tablePlaces = false, places })
	alwaysTabled, tablePlaces = true, 2
}

// What holds for loads by epoll holds for those whose clients are in tables.
func TestLoadsInTables(t *testing.T) {
	inTables(t)
	for name, test := range map[string]func(*testing.T){
		"ClosedLoop":      TestRunClosedLoop,
		"FailuresByClass": TestRunCountsFailuresByClass,
		"EndsWithContext": TestRunEndsWithItsContext,
		"Think":           TestThinkTime,
		"Churn":           TestChurn,
		"ResponseSize":    TestResponseSize,
		"Lost":            TestLostConnections,
		"Unasked":         TestUnaskedBytes,
	} {
		t.Run(name, test)
	}
}

// Of clients beyond the limit some send, and the others are asked in the end, by one process.
func TestTablesHoldIdleClients(t *testing.T) {
	inTables(t)
	for _, network := range []string{"tcp", "unix"} {
		address := "127.0.0.1:0"
		if network == "unix" {
			address = t.TempDir() + "/s"
		}
		s := quick(network, echo(t, network, address))
		s.Clients, s.Active, s.Rate = 301, 0.2, 2000
		r := mustAnswer(t, s)
		if r.Active != 60 || r.Requests == 0 || len(r.Errors) > 0 || r.Unanswered > 0 || r.IO != UringIO {
			t.Errorf("%s: %d active clients, %d requests, %d unanswered, errors %v, by %s", network, r.Active, r.Requests, r.Unanswered, r.Errors, r.IO)
		}
	}
}

// A request of which the socket takes a piece at a time goes on where it stopped, and one that
// cannot be queued now is sent later.
func TestTablesSendLater(t *testing.T) {
	inTables(t)
	for name, hinder := range map[string]func(*worker, *conn){
		"a piece": func(w *worker, c *conn) { c.offset = 10 }, // of bytes that were written, now twice
		"no room": func(w *worker, c *conn) { w.ringOf(c).queued = ringQueue },
	} {
		t.Run(name, func(t *testing.T) {
			s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
			s.Clients, s.Threads, s.PayloadBytes = 8, 1, tablePayload
			w := startWorker(t, &s)
			c := &w.conns[1]
			if !c.placed {
				t.Fatal("the client is not in a table")
			}
			w.ringOf(c).await(0)
			c.wrote = c.sent - 1 // once more, so that the server has more to answer than was asked
			hinder(w, c)
			w.flush(c, w.now)
			if name == "no room" && c.state != blocked {
				t.Errorf("state %d without room, want %d", c.state, blocked)
			}
			for end := time.Now().Add(5 * time.Second); c.state != up || c.wrote != c.sent; {
				if err := w.turn(time.Millisecond); err != nil || time.Now().After(end) {
					t.Fatalf("request %d of %d is next, in state %d, %v", c.wrote, c.sent, c.state, err)
				}
			}
		})
	}
}

// Beyond the limit there is one process where a table fits, and as many as needed elsewhere.
func TestProcessesBeyondTheLimit(t *testing.T) {
	limit, err := descriptorLimit()
	if err != nil || !hasTables() {
		t.Skip("this kernel has no io_uring with tables of files")
	}
	for _, tt := range []struct {
		name   string
		change func(*Spec)
		want   int
	}{
		{"a closed loop", func(*Spec) {}, 1},
		{"an open loop of a few", func(s *Spec) { s.Rate, s.Active = 1000, 0.02 }, 1},
		{"by epoll", func(s *Spec) { s.IO = EpollIO }, 3},
		{"TLS", func(s *Spec) { s.TLS = true }, 3},
		{"a pipeline", func(s *Spec) { s.Pipeline = 2 }, 3},
		{"slow clients", func(s *Spec) { s.Slow = 0.1 }, 3},
		{"large payloads", func(s *Spec) { s.PayloadBytes = tablePayload + 1 }, 3},
	} {
		s := DefaultSpec()
		s.Address, s.Clients = "127.0.0.1:1", 2*int(limit)
		tt.change(&s)
		if got := s.Processes(); got != tt.want || s.tabled() != (tt.want == 1) {
			t.Errorf("%s: %d processes, tables %v, want %d", tt.name, got, s.tabled(), tt.want)
		}
	}
}
