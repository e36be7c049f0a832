package hosts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/process"
)

// simulated is a process that is none: a client of loads, in this process.
type simulated struct {
	tell  *json.Encoder
	hear  *json.Decoder
	told  io.Closer
	ended chan struct{}
}

func simulate([]string, []int) (process.Peer, error) {
	in, told := io.Pipe()
	heard, says := io.Pipe()
	p := &simulated{json.NewEncoder(told), json.NewDecoder(heard), told, make(chan struct{})}
	go func() {
		defer close(p.ended)
		err := loadgen.Serve(context.Background(), in, says)
		in.CloseWithError(errEnded)
		says.CloseWithError(errors.Join(err, errEnded))
	}()
	return p, nil
}

func (p *simulated) Tell(v any) error { return p.tell.Encode(v) }

func (p *simulated) Hear(v any) error { return p.hear.Decode(v) }

func (p *simulated) Stop(time.Duration) error {
	p.told.Close()
	<-p.ended
	return nil
}

// echoes is the address of a server that sends back what comes.
func echoes(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				io.Copy(conn, conn)
			}()
		}
	}()
	return l.Addr().String()
}

// One controller, many agents, and trials of 32 hosts each, whose clients load a server together: what
// they measured is put together, and nothing of it is missing. `make manyhosts` has a thousand agents and a
// hundred trials.
func TestManyAgents(t *testing.T) {
	agents, trials, each := 50, 3, 8
	if n, err := strconv.Atoi(os.Getenv("CONNBENCH_AGENTS")); err == nil {
		agents, trials, each = n, 100, 32
	}
	each = min(each, agents)
	c := open(t, func(o *Options) { o.Heartbeat, o.Silence = 0, patience })
	key := readKey(t, c.keys.keyOf(""))
	began := time.Now()
	names := make([]string, agents)
	var ending sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	defer ending.Wait()
	defer cancel()
	for i := range names {
		names[i] = fmt.Sprintf("a%d", i)
		a := Agent{Join: c.url(), Key: key, Info: Info{Name: names[i], Version: Version{Protocol: Protocol}},
			Kinds: map[string]Kind{"client": func(string) ([]string, []int) { return nil, nil }}, Launch: simulate, OrphanAfter: patience}
		ending.Go(func() {
			if err := a.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	hosts := claimAll(t, c, names...)
	claimed := time.Now()
	t.Logf("%d agents joined and were claimed within %v", agents, claimed.Sub(began).Round(time.Millisecond))
	found, err := c.Hosts(t.Context())
	if err != nil || len(found) != agents {
		t.Errorf("%d of %d agents answer: %v", len(found), agents, err)
	}
	t.Logf("all answered within %v", time.Since(claimed).Round(time.Millisecond))

	statistics := c.conn.Stats()
	load := loadgen.DefaultSpec()
	load.Address, load.Clients, load.Rate, load.IO, load.Threads = echoes(t), each, float64(20*each), loadgen.EpollIO, 1
	load.Warmup, load.Duration, load.Timeout = 10*time.Millisecond, 100*time.Millisecond, patience
	began = time.Now()
	requests := int64(0)
	for trial := range trials {
		var some []*Host
		for i := range each {
			some = append(some, hosts[(trial*each+i)%agents])
		}
		load.Seed = uint64(trial + 1)
		requests += together(t, some, load)
	}
	beside := time.Since(began)/time.Duration(trials) - load.Warmup - load.Duration
	after := c.conn.Stats()
	messages := after.InMsgs + after.OutMsgs - statistics.InMsgs - statistics.OutMsgs
	t.Logf("%d trials of %d hosts: %v each beside window and warm-up, %d messages, %d requests in all", trials, each, beside.Round(time.Millisecond), messages, requests)
}

// together has the clients of hosts run a load, and checks what that came to.
func together(t *testing.T, hosts []*Host, load loadgen.Spec) int64 {
	t.Helper()
	clients := make(loadgen.Clients, len(hosts))
	var starting sync.WaitGroup
	for i, h := range hosts {
		starting.Go(func() {
			clock, err := h.Clock(t.Context())
			if err != nil {
				t.Error(err)
			}
			p, err := h.Start(t.Context(), "client")
			if err != nil {
				t.Error(err)
			}
			clients[i] = loadgen.Client{Peer: p, Host: h.name, Clock: clock}
		})
	}
	starting.Wait()
	if t.Failed() {
		t.FailNow()
	}
	defer clients.Stop(patience)
	r, err := clients.Run(t.Context(), load, loadgen.Stages{Slack: patience})
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, h := range r.Hosts {
		sum += h.Requests
		if h.StartLateNS == nil || h.ClockUncertaintyNS == nil {
			t.Errorf("host %s began nobody knows when", h.Name)
		}
	}
	if whole := r.Distributions[loadgen.ServiceDistribution]; len(r.Hosts) != len(hosts) || r.Requests == 0 || sum != r.Requests || whole.TotalCount() != sum || r.Answers.Served == 0 {
		t.Errorf("%d hosts with %d requests of %d, of which %d are in the histogram", len(r.Hosts), sum, r.Requests, whole.TotalCount())
	}
	return r.Requests
}
