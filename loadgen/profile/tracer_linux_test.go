package profile

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"testing"

	"connbench/models/kernel"
	"connbench/results"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// How many calls the child makes, each time that it is told.
const (
	getppids = 10_000
	reads    = 1000
	readSize = 10
	empties  = 500
	waits    = 200
	turns    = 200 // a byte
)

// makeCalls makes them in one thread, and then has another process do so.
func makeCalls() {
	runtime.LockOSThread()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	zero, opening := unix.Open("/dev/zero", unix.O_RDONLY, 0)
	if err := errors.Join(err, opening); err != nil {
		panic(err)
	}
	os.Stdout.WriteString("ready\n")
	in := bufio.NewReader(os.Stdin)
	if line, _ := in.ReadString('\n'); line != "go\n" {
		return
	}
	for range getppids {
		unix.Getppid()
	}
	buf := make([]byte, readSize)
	for range reads {
		unix.Readv(zero, [][]byte{buf})
	}
	for range empties {
		unix.Recvfrom(fds[0], buf, unix.MSG_DONTWAIT)
	}
	for range waits {
		unix.Ppoll([]unix.PollFd{{Fd: int32(fds[1]), Events: unix.POLLOUT}}, nil, nil)
	}
	takeTurns()
	if os.Getenv("CONNBENCH_TEST_AGAIN") != "" {
		os.Stdout.WriteString("done\n")
	} else {
		again := exec.Command(os.Args[0])
		again.Env = append(os.Environ(), "CONNBENCH_TEST_AGAIN=1")
		again.Stdin, again.Stdout, again.Stderr = in, os.Stdout, os.Stderr
		again.Run()
	}
	in.ReadString('\n')
}

// takeTurns has two threads, on one CPU, wake each other by turns.
func takeTurns() {
	var one unix.CPUSet
	unix.SchedGetaffinity(0, &one)
	for cpu := range len(one) * 64 {
		if one.Count() > 1 {
			one.Clear(cpu)
		}
	}
	a, b, done := make([]int, 2), make([]int, 2), make(chan bool)
	if err := errors.Join(unix.Pipe(a), unix.Pipe(b)); err != nil {
		panic(err)
	}
	play := func(from, to int) {
		runtime.LockOSThread()
		unix.SchedSetaffinity(0, &one)
		for ball := []byte{0}; ; {
			if n, _ := unix.Read(from, ball); n == 0 || ball[0] == turns {
				break
			}
			ball[0]++
			unix.Write(to, ball)
		}
		unix.Close(to)
		done <- true
	}
	go play(a[0], b[1])
	go play(b[0], a[1])
	unix.Write(a[1], []byte{0})
	<-done
	<-done
}

// traced skips, or mounts tracefs for the test, where it is not there.
func traced(t *testing.T) {
	t.Helper()
	_, err := kernel.TraceEvent("raw_syscalls/sys_exit", "id")
	if err == nil {
		return
	}
	const where = "/sys/kernel/tracing"
	if err := unix.Mount("nodev", where, "tracefs", 0, ""); err != nil {
		t.Skipf("tracefs is not there, and mount says %v", err)
	}
	t.Cleanup(func() { unix.Unmount(where, unix.MNT_DETACH) })
}

// Each call of a process and of one that it starts is counted, with what came of it.
func TestTracer(t *testing.T) {
	traced(t)
	calls := trace(t)
	for tries := 0; calls.Lost > 0 && tries < 20; tries++ { // calls of all else on these CPUs, where many are made
		calls = trace(t)
	}
	want := map[string]results.Call{
		"getppid":  {Name: "getppid", Count: 2 * getppids},
		"readv":    {Name: "readv", Count: 2 * reads, Bytes: 2 * reads * readSize},
		"recvfrom": {Name: "recvfrom", Count: 2 * empties, Again: 2 * empties},
		"ppoll":    {Name: "ppoll", Count: 2 * waits, Events: 2 * waits},
	}
	got := map[string]results.Call{}
	for i, c := range calls.Each {
		if i > 0 && c.Count > calls.Each[i-1].Count {
			t.Errorf("%v comes after %v", c, calls.Each[i-1])
		}
		if _, counted := want[c.Name]; counted {
			got[c.Name] = c
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if *calls.Wakeups < turns {
		t.Errorf("%d turns of each process were %d wake-ups", turns, *calls.Wakeups)
	}
	if calls.Lost > 0 {
		t.Errorf("lost %d", calls.Lost)
	}
}

// trace is what a process that makes calls is seen to do.
func trace(t *testing.T) *results.Calls {
	pid, say, hear := child(t, "call")
	tracer, err := Trace([]int{pid})
	refused(t, err)
	say("go\ngo")
	hear() // that the other is ready
	if line := hear(); line != "done" {
		t.Fatalf("the child says %q", line)
	}
	calls, err := tracer.End()
	check(t, err)
	return calls
}

func TestCallName(t *testing.T) {
	t.Parallel()
	for call, want := range map[int]string{unix.SYS_READ: "read", unix.SYS_IO_URING_ENTER: "io_uring_enter", 1023: "call 1023", -1: "call -1"} {
		if got := CallName(call); got != want {
			t.Errorf("%d: %s, want %s", call, got, want)
		}
	}
	all := map[string]bool{}
	for call := range mostCalls {
		all[CallName(call)] = true
	}
	for _, name := range append(moving, telling...) {
		if older := []string{"epoll_wait", "poll", "select"}; !all[name] && !slices.Contains(older, name) {
			t.Errorf("no call is named %s", name)
		}
	}
}
