package loadgen

import (
	"io"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"connbench/results"
)

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
		r, err := Run(t.Context(), s, Stages{Reached: when(StageFinished, func() error { sent = speaking.Load(); return nil })})
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
	for r.Answers.Served < 20 && s.Duration < 10*time.Second { // the window was over before some had their turn
		s.Duration *= 4
		r = mustRun(t, s)
	}
	if r.Answers.Served != 20 {
		t.Errorf("%d of 20 clients served", r.Answers.Served)
	}
}
