package loadgen

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"path/filepath"
	"testing"
	"time"

	"connbench/models/wire"
)

// Requests of several lengths are written and answered on every way there is, byte for byte, and
// each length is counted apart.
func TestLoadsOfAMix(t *testing.T) {
	tcp, unix := echo(t, "tcp", "127.0.0.1:0"), echo(t, "unix", filepath.Join(t.TempDir(), "s"))
	datagrams := on(t, "udp", "127.0.0.1", "0")
	for _, tt := range []struct {
		name, network, address string
		load                   func(*Spec)
	}{
		{"length", "tcp", tcp, func(*Spec) {}},
		{"small ones by the ring", "tcp", tcp, func(s *Spec) { s.Mix = mixOf(1, 1, 9, 1, 100, 1) }},
		{"large ones", "unix", unix, func(s *Spec) { s.Mix = mixOf(64, 3, 900_000, 1) }},
		{"pipelined", "tcp", tcp, func(s *Spec) { s.Pipeline, s.Mix = 16, mixOf(64, 3, 100_000, 1) }},
		{"raw", "tcp", tcp, func(s *Spec) { s.Framing, s.Pipeline = wire.RawCodec, 8 }},
		{"line", "tcp", speaking(t, "line", 0), func(s *Spec) { s.Framing, s.Pipeline = wire.LineCodec, 8 }},
		{"resp", "tcp", speaking(t, "resp", 0), func(s *Spec) { s.Framing, s.Pipeline = wire.RESPCodec, 8 }},
		{"resp, keys", "tcp", speaking(t, "resp", 0), func(s *Spec) { s.Framing, s.Command = wire.RESPCodec, "SET key:{n} {payload}" }},
		{"memcache", "tcp", speaking(t, "memcache", 0), func(s *Spec) { s.Framing, s.Pipeline = wire.MemcacheCodec, 8 }},
		{"http", "tcp", speaking(t, "http", 0), func(s *Spec) { s.Framing, s.Request = wire.HTTPCodec, "POST /echo" }},
		{"sized", "tcp", serve(t, "tcp", "127.0.0.1:0", sizedEcho), func(s *Spec) { s.Mix, s.ResponseBytes = mixOf(8, 1, 3000, 1), 100 }},
		{"open loop", "tcp", tcp, func(s *Spec) { s.Rate = 3000 }},
		{"slow ones", "tcp", tcp, func(s *Spec) { s.Slow = 0.5 }},
		{"connecting anew", "tcp", tcp, func(s *Spec) { s.RequestsPerConn = 2 }},
		{"datagrams", "udp", datagrams, func(s *Spec) { s.Mix = mixOf(64, 3, 1000, 1) }},
		{"short datagrams", "udp", datagrams, func(s *Spec) { s.Mix, s.Pipeline = mixOf(2, 3, 3, 1), 4 }},
	} {
		for _, by := range []IO{AutoIO, EpollIO} {
			t.Run(fmt.Sprintf("%s, %s", tt.name, by), func(t *testing.T) {
				s := quick(tt.network, tt.address)
				s.Clients, s.Threads, s.IO, s.Mix = 20, 2, by, mixOf(64, 3, 9000, 1)
				s.Duration = 30 * time.Millisecond // a few requests of each client
				tt.load(&s)
				s.PayloadBytes = s.Mix.Mean()
				r := mustAnswer(t, s)
				if len(r.Errors) > 0 || r.Unanswered > 0 {
					t.Fatalf("errors %v", r.Errors)
				}
				wantSizes(t, r, &s)
			})
		}
	}
}

// wantSizes checks that each payload of a mix has its share of the requests.
func wantSizes(t *testing.T, r *Result, s *Spec) {
	t.Helper()
	trial := r.Trial(s)
	if trial.PayloadMix != s.Mix.String() || trial.PayloadBytes != s.PayloadBytes || len(trial.Sizes) != len(s.Mix) {
		t.Fatalf("trial %+v", trial)
	}
	weights, all := 0, int64(0)
	for _, share := range s.Mix {
		weights += share.Weight
	}
	for i, size := range trial.Sizes {
		share := float64(s.Mix[i].Weight) / float64(weights)
		want := share * float64(r.Requests)
		if size.PayloadBytes != s.Mix[i].PayloadBytes || math.Abs(float64(size.Requests)-want) > 6*math.Sqrt(want)+float64(s.Clients) {
			t.Errorf("%d requests of %d are of %d bytes, want about %v", size.Requests, r.Requests, size.PayloadBytes, want)
		}
		if (size.ResponseLatency == nil) != (size.Requests == 0) {
			t.Errorf("%d requests of %d bytes, latency %v", size.Requests, size.PayloadBytes, size.ResponseLatency)
		}
		all += size.Requests
	}
	if all != r.Requests || r.Requests == 0 {
		t.Errorf("the sizes have %d requests of %d", all, r.Requests)
	}
}

// In tables requests of a mix are sent too, if the longest fits.
func TestMixInTables(t *testing.T) {
	defer func(b bool) { alwaysTabled = b }(alwaysTabled)
	alwaysTabled = true
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients, s.Mix = 50, mixOf(64, 3, 4000, 1)
	s.PayloadBytes = s.Mix.Mean()
	if !s.fitsTables() {
		t.Skip("this kernel has no tables")
	}
	r := mustAnswer(t, s)
	if len(r.Errors) > 0 {
		t.Fatalf("errors %v", r.Errors)
	}
	wantSizes(t, r, &s)
	if s.Mix = mixOf(64, 3, 5000, 1); s.fitsTables() {
		t.Error("a mix fits whose longest request does not")
	}
}

// Failures count with the payload that their requests had, and parts of several processes add up.
func TestFailuresOfAMix(t *testing.T) {
	s := quick("tcp", serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) { io.Copy(io.Discard, c) }))
	s.Clients, s.Mix, s.Timeout, s.Warmup = 40, mixOf(64, 1, 1000, 1), 50*time.Millisecond, 0
	r := mustRun(t, s)
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var other Result
	if err := json.Unmarshal(b, &other); err != nil {
		t.Fatal(err)
	}
	if err := r.Merge(&other); err != nil {
		t.Fatal(err)
	}
	trial, all := r.Trial(&s), int64(0)
	for _, size := range trial.Sizes {
		if all += size.Unanswered; size.Unanswered == 0 || size.Requests > 0 || !size.ResponseLatency.P50.IsInf() {
			t.Errorf("got %+v", size)
		}
	}
	if all != r.Unanswered {
		t.Errorf("%d unanswered of %d", all, r.Unanswered)
	}
}
