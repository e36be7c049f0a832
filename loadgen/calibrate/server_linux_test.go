package calibrate

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"connbench/models/kernel"
	"connbench/models/wire"

	"go.uber.org/goleak"
)

// running is a server that a test talks to.
type running struct {
	addr     string
	stop     context.CancelFunc
	ended    chan struct{}
	counters map[string]int64
	err      error
}

// start serves; when the test is over, nothing of the server may be left.
func start(t *testing.T, c ServerConfig) *running {
	t.Helper()
	goroutines, descriptors := goleak.IgnoreCurrent(), openFiles(t)
	c.Address = "127.0.0.1:0"
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	s, err := Listen(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{addr: s.Addr().String(), stop: stop, ended: make(chan struct{})}
	go func() {
		r.counters, r.err = s.Serve(ctx)
		close(r.ended)
	}()
	t.Cleanup(func() {
		r.end(t)
		goleak.VerifyNone(t, goroutines)
		if now := openFiles(t); now > descriptors {
			t.Errorf("%d descriptors, %d before", now, descriptors)
		}
	})
	return r
}

func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop()
	<-r.ended
	if r.err != nil {
		t.Error(r.err)
	}
}

// dial connects; the connection is closed before the server is.
func (r *running) dial(t *testing.T) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.TCPConn)
}

func openFiles(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// script is many frames, empty and long ones among them.
func script(client int) []byte {
	var b []byte
	for i := range 400 {
		b = wire.AppendFrame(b, bytes.Repeat([]byte(fmt.Sprint(client, ":", i, " ")), i%90))
	}
	return wire.AppendFrame(b, bytes.Repeat([]byte{byte(client)}, maxPayload))
}

// TestServerEchoes: many clients, pieces of every size, byte for byte, and the end
// of a stream is answered by its end, after all else.
func TestServerEchoes(t *testing.T) {
	r := start(t, ServerConfig{Distribution: Fixed})
	for client := range 8 {
		c, want := r.dial(t), script(client)
		go func() {
			for rest := want; len(rest) > 0; {
				n := min(len(rest), 1+len(rest)%(1+client*97))
				c.Write(rest[:n])
				rest = rest[n:]
			}
			c.CloseWrite()
		}()
		got, err := io.ReadAll(c)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("client %d: %d bytes, %v; want %d", client, len(got), err, len(want))
		}
	}
	r.end(t)
	if got := r.counters[counterServed]; got != 8*401 {
		t.Errorf("served %d", got)
	}
}

// TestServerServesInOrder: what one client sent before another is answered before
// it, however long each takes.
func TestServerServesInOrder(t *testing.T) {
	r := start(t, ServerConfig{Distribution: Exponential, Service: 2 * time.Millisecond, Seed: 3})
	first, second := r.dial(t), r.dial(t)
	frame := wire.AppendFrame(nil, []byte("x"))
	first.Write(bytes.Repeat(frame, 20))
	// Its answer to the first shows that the server has all of them.
	if _, err := io.ReadFull(first, make([]byte, len(frame))); err != nil {
		t.Fatal(err)
	}
	second.Write(frame)
	if _, err := io.ReadFull(second, make([]byte, len(frame))); err != nil {
		t.Fatal(err)
	}
	// The other 19 were sent before that, so they are there.
	got := make([]byte, 20*len(frame))
	if n, err := kernel.ReadNow(first, got); err != nil || n != 19*len(frame) {
		t.Errorf("%d bytes, %v; want 19 frames", n, err)
	}
}

// TestServerTakesItsTime: the least that a number of services can take.
func TestServerTakesItsTime(t *testing.T) {
	r := start(t, ServerConfig{Distribution: Fixed, Service: 3 * time.Millisecond})
	c := r.dial(t)
	frame := wire.AppendFrame(nil, []byte("x"))
	began := time.Now()
	c.Write(bytes.Repeat(frame, 10))
	if _, err := io.ReadFull(c, make([]byte, 10*len(frame))); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 30*time.Millisecond {
		t.Errorf("10 services of 3ms took %v", took)
	}
	r.end(t)
	for name, least := range map[string]int64{counterServed: 10, counterWatched: 30e6, counterLate: 0} {
		if r.counters[name] < least {
			t.Errorf("%s is %d", name, r.counters[name])
		}
	}
}

// TestServerDrains: what has arrived when it is told to end is answered.
func TestServerDrains(t *testing.T) {
	r := start(t, ServerConfig{Distribution: Fixed, Service: 5 * time.Millisecond})
	c := r.dial(t)
	frame := wire.AppendFrame(nil, []byte("x"))
	c.Write(bytes.Repeat(frame, 8))
	if _, err := io.ReadFull(c, make([]byte, len(frame))); err != nil {
		t.Fatal(err)
	}
	r.stop()
	got, err := io.ReadAll(c)
	if err != nil || len(got) != 7*len(frame) {
		t.Errorf("%d bytes, %v; want 7 frames", len(got), err)
	}
}

// TestServerCutsOff: a frame that is none, or nobody who takes the answers, ends a
// connection and no other.
func TestServerCutsOff(t *testing.T) {
	r := start(t, ServerConfig{Distribution: Fixed})
	good := r.dial(t)
	broken := r.dial(t)
	broken.Write(wire.AppendFrame(nil, []byte("before")))
	broken.Write([]byte{0x7f, 0xff, 0xff, 0xff})
	got, err := io.ReadAll(broken)
	if err != nil || !bytes.Equal(got, wire.AppendFrame(nil, []byte("before"))) {
		t.Errorf("got %q, %v", got, err)
	}
	mute := r.dial(t)
	frame := wire.AppendFrame(nil, make([]byte, 32<<10))
	for err = nil; err == nil; { // until it is cut off
		mute.SetWriteDeadline(time.Now().Add(time.Minute))
		_, err = mute.Write(frame)
	}
	if os.IsTimeout(err) {
		t.Error("a client that reads nothing is not cut off")
	}
	gone := r.dial(t)
	gone.SetLinger(0)
	gone.Write(frame)
	gone.Close()
	good.Write(frame)
	if _, err := io.ReadFull(good, make([]byte, len(frame))); err != nil {
		t.Error(err)
	}
}

func TestListenFails(t *testing.T) {
	if _, err := Listen(ServerConfig{Address: "127.0.0.1:99999", Distribution: Fixed}); err == nil {
		t.Error("no error")
	}
}
