package loadgen

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"connbench/models/wire"
)

// BenchmarkRequest is the whole path of a request, by kind of load: 0 allocs/op is
// a promise.
func BenchmarkRequest(b *testing.B) {
	for _, bb := range []struct {
		name string
		load func(s *Spec)
	}{
		{"closed", func(s *Spec) {}},
		{"closed,epoll", func(s *Spec) { s.IO = EpollIO }},
		{"pipelined", func(s *Spec) { s.Pipeline = 16 }},
		{"open", func(s *Spec) { s.Rate = 20_000 }},
		{"think", func(s *Spec) { s.Think = 100 * time.Microsecond }},
		{"churn", func(s *Spec) { s.RequestsPerConn = 1 }},
		{"slow", func(s *Spec) { s.Slow = 0.5 }},
		{"active", func(s *Spec) { s.Active = 0.5 }},
		{"sized", func(s *Spec) { s.ResponseBytes = 128 }},
		{"http", func(s *Spec) { s.Framing, s.ResponseBytes = "http", 64 }},
		{"resp", func(s *Spec) { s.Framing, s.Command = "resp", "SET key:{n} {payload}" }},
		{"memcache", func(s *Spec) { s.Framing = "memcache" }},
		{"udp", func(s *Spec) { s.Network = "udp" }},
		{"mix", func(s *Spec) { s.Mix = mixOf(64, 9, 4096, 1) }},
		{"profile", func(s *Spec) { s.Profile = profileOf("20000,spike=30000@1s+1s") }},
		{"live", func(s *Spec) { s.Live = 10 * time.Millisecond }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s := quick("tcp", "")
			s.Clients, s.Threads = 16, 1
			bb.load(&s)
			s.Address = benchServer(b, &s)
			w := startWorker(b, &s)
			b.ReportAllocs()
			for b.Loop() {
				for target := w.rec.completed + 1; w.rec.completed < target; {
					if err := w.turn(w.nap(w.clock())); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// benchServer answers what s sends, in a process of its own whose allocations are
// not counted.
func benchServer(b *testing.B, s *Spec) string {
	b.Setenv("LOADGEN_TEST_SERVER", s.Network)
	switch {
	case s.Framing != "length":
		b.Setenv("LOADGEN_TEST_SERVER", s.Framing)
	case s.ResponseBytes > 0:
		b.Setenv("LOADGEN_TEST_SERVER", "sized")
	}
	var address string
	if err := child(b, "server", nil).Hear(&address); err != nil {
		b.Fatal(err)
	}
	return address
}

// runServer is that process.
func runServer() {
	handle := func(c net.Conn) { io.Copy(c, c) }
	address := "127.0.0.1:0"
	switch os.Getenv("LOADGEN_TEST_SERVER") {
	case "udp":
		c, err := net.ListenPacket("udp", address)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%q\n", c.LocalAddr())
		for p := make([]byte, 1<<16); ; {
			if n, from, err := c.ReadFrom(p); err == nil {
				c.WriteTo(p[:n], from)
			}
		}
	case "sized":
		handle = sizedEcho
	case "http", "resp", "memcache":
		codec := wire.Open(os.Getenv("LOADGEN_TEST_SERVER"), wire.Options{MaxPayload: 1 << 20, Response: 64})
		handle = func(c net.Conn) { speak(c, codec) }
	case "burns":
		handle = burn
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%q\n", l.Addr())
	for {
		if c, err := l.Accept(); err == nil {
			go func() {
				defer c.Close()
				handle(c)
			}()
		}
	}
}

// connectedRun is a run whose first worker has connected its clients, on the test's thread: it keeps
// that until its goroutine ends, since the rings are its own.
func connectedRun(b testing.TB, s *Spec) (*run, *worker) {
	b.Helper()
	r, err := newRun(s)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(r.close)
	runtime.LockOSThread()
	if err := r.workers[0].connectAll(r.stop); err != nil {
		b.Fatal(err)
	}
	return r, r.workers[0]
}

// startWorker is a worker in the middle of its load, which does not end.
func startWorker(b testing.TB, s *Spec) *worker {
	r, w := connectedRun(b, s)
	r.schedule(0)
	w.rec.from, w.rec.to, w.rec.planned, w.end = 0, time.Hour, time.Hour, time.Hour
	if w.rec.live != nil {
		w.rec.live.begin(0)
	}
	w.begin(w.clock())
	return w
}
