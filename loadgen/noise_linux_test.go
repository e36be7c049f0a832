package loadgen

import (
	"io"
	"net"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// burnt is the CPU time that [burn] takes for each request.
const burnt = 200 * time.Microsecond

// burn is an echo that takes CPU time for each request of [quick].
func burn(c net.Conn) {
	runtime.LockOSThread()
	clock := func() time.Duration {
		var ts unix.Timespec
		unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts)
		return time.Duration(ts.Nano())
	}
	for b := make([]byte, requestBytes); ; c.Write(b) {
		if _, err := io.ReadFull(c, b); err != nil {
			return
		}
		for begin := clock(); clock()-begin < burnt; {
		}
	}
}

// What the server burns for the window's requests is the window's, and what it burns
// before is not: all of it is what getrusage says of its life.
func TestServerCPU(t *testing.T) {
	t.Setenv("LOADGEN_TEST_SERVER", "burns")
	server := child(t, "server", nil)
	s := DefaultSpec()
	if err := server.Hear(&s.Address); err != nil {
		t.Fatal(err)
	}
	s.Warmup, s.Duration = 200*time.Millisecond, 200*time.Millisecond
	r, err := newRun(&s)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	if err := r.connect(nil); err != nil {
		t.Fatal(err)
	}
	result, err := r.measure(t.Context(), Stages{Servers: func() []int { return []int{server.PID()} }})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Stop(time.Minute); err != nil {
		t.Fatal(err)
	}
	edges := r.workers[0].edges
	if len(edges) != 2 || edges[0].at < r.from || edges[1].at < r.to || len(edges[1].servers) != 1 {
		t.Fatalf("%+v in a window from %v to %v", edges, r.from, r.to)
	}
	got, life := edges[1].servers[0]-edges[0].servers[0], server.Usage().CPU
	// Two requests may lie across the window's beginning.
	least, most := burnt*time.Duration(result.Completed-2), life-burnt*time.Duration(result.Early)
	if got < least || got > most {
		t.Errorf("%v of a life's %v: %d answers before and %d in the window took %v each, so that %v to %v are its",
			got, life, result.Early, result.Completed, burnt, least, most)
	}
	if want := float64(got) / float64(edges[1].at-edges[0].at); result.ServerCPU == nil || *result.ServerCPU != want || result.CPU <= 0 {
		t.Errorf("server %v, want %v; client %v", result.ServerCPU, want, result.CPU)
	}
}

// Where a clock cannot be read, or is not, there is no figure: that is not 0.
func TestServerCPUAbsent(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	self := unix.Getpid()
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Duration = 20 * time.Millisecond
	for name, servers := range map[string]func() []int{
		"nobody asks": nil,
		"none":        func() []int { return nil },
		"one is gone": func() []int { return []int{self, gone.Process.Pid} },
	} {
		r, err := Run(t.Context(), s, Stages{Servers: servers})
		if err != nil || r.ServerCPU != nil || r.CPU <= 0 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	at := func(ms time.Duration) edge {
		return edge{at: ms * time.Millisecond, servers: []time.Duration{ms * time.Millisecond}}
	}
	late := &Result{Window: 100 * time.Millisecond}
	if fillEdges(late, []edge{at(103), at(103)}); late.ServerCPU != nil {
		t.Errorf("a thread that came after the window read %v CPUs in it", *late.ServerCPU)
	}
}

// Of several processes the first reads the server's clocks, and each its own.
func TestClientsServerCPU(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients, s.Duration = 4, 500*time.Millisecond
	asked := 0
	r, err := Clients{{Peer: child(t, "client", nil)}, {Peer: child(t, "client", nil)}}.Run(t.Context(), s, Stages{
		Servers: func() []int { asked++; return []int{unix.Getpid()} },
	})
	if err != nil || asked != 1 || r.ServerCPU == nil || *r.ServerCPU <= 0 || r.CPU <= 0 {
		t.Errorf("asked %d times, %+v, %v", asked, r, err)
	}
}
