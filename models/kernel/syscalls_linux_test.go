package kernel

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// countSyscalls is CountSyscalls where that can be done.
func countSyscalls(t *testing.T, tids ...int) *SyscallCounter {
	t.Helper()
	c, err := CountSyscalls(tids)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	check(t, err)
	t.Cleanup(func() { check(t, c.Close()) })
	return c
}

// since is what c has counted since before.
func since(t *testing.T, c *SyscallCounter, before int64) int64 {
	t.Helper()
	n, err := c.Count()
	check(t, err)
	return n - before
}

// callKernel makes n system calls, in the calling thread.
func callKernel(n int) {
	for range n {
		unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
	}
}

// gone is the number of a process that has ended.
func gone(t *testing.T) int {
	t.Helper()
	c := exec.Command("true")
	check(t, c.Run())
	return c.Process.Pid
}

// The calls of one thread count and those of another do not.
func TestSyscallsOfAThread(t *testing.T) {
	const calls = 100_000
	runtime.LockOSThread() // until the test's goroutine ends
	begin, made := make(chan bool), make(chan bool)
	go func() {
		runtime.LockOSThread()
		defer close(made)
		if <-begin {
			callKernel(10 * calls)
		}
	}()
	defer func() { <-made }()
	defer close(begin)
	c := countSyscalls(t, gone(t), unix.Gettid())
	before := since(t, c, 0)
	callKernel(calls)
	begin <- true
	<-made
	if got := since(t, c, before); got < calls || got > 2*calls {
		t.Errorf("counted %d calls, made %d", got, calls)
	}
}

// So do the calls of every thread and process that was started since, also when they
// have ended.
func TestSyscallsOfDescendants(t *testing.T) {
	const (
		inside  = "CONNBENCH_TEST_SYSCALLS"
		threads = 20
		each    = 10_000
	)
	if os.Getenv(inside) != "" {
		callInThreads(threads, each)
		return
	}
	// The shell is one thread, and starts the child when it is told.
	child := exec.Command("sh", "-c", `read go && "$@" && exit`, "sh", os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), inside+"=1")
	start, err := child.StdinPipe()
	check(t, err)
	check(t, child.Start())
	var c *SyscallCounter
	func() {
		defer child.Wait()
		defer start.Close() // so that it ends, should the test be skipped
		c = countSyscalls(t, child.Process.Pid)
		_, err := start.Write([]byte("go\n"))
		check(t, err)
	}()
	const calls = threads * each
	if got := since(t, c, 0); !child.ProcessState.Success() || got < calls || got > 2*calls {
		t.Errorf("counted %d calls, made %d: %v", got, calls, child.ProcessState)
	}
}

// callInThreads makes calls in threads that all exist at once.
func callInThreads(threads, each int) {
	var there, done sync.WaitGroup
	there.Add(threads)
	for range threads {
		done.Go(func() {
			runtime.LockOSThread()
			there.Done()
			there.Wait()
			callKernel(each)
		})
	}
	done.Wait()
}

func TestSyscallsCloses(t *testing.T) {
	c := countSyscalls(t, os.Getpid())
	fd := c.fds[0]
	checkCloseOnExec(t, fd)
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if n, err := c.Count(); n != 0 || !errors.Is(err, os.ErrClosed) {
		t.Errorf("after the end: %d, %v", n, err)
	}
}

func TestSyscallsRefuses(t *testing.T) {
	self := os.Getpid()
	for _, tt := range []struct {
		name string
		tids []int
		want error
		says string
	}{
		{"too many", make([]int, MaxCountedThreads+1), nil, "10001 threads: at most 10000"},
		{"nobody", nil, unix.ESRCH, "none of 0 threads"},
		{"gone", []int{gone(t)}, unix.ESRCH, "none of 1 threads"},
		{"itself by 0", []int{self, 0}, unix.EINVAL, "thread 0"},
		{"everything", []int{self, -1}, unix.EINVAL, "thread -1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := CountSyscalls(tt.tids)
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skip(err)
			}
			if c != nil || tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, %v, want an error that says %q", c, err, tt.says)
			}
		})
	}
}

func TestSyscallsFindsTheTracepoint(t *testing.T) {
	none, good, bad := t.TempDir(), t.TempDir(), t.TempDir()
	for dir, id := range map[string]string{good: "348\n", bad: "many\n"} {
		check(t, os.MkdirAll(filepath.Join(dir, "events/a/b"), 0o755))
		check(t, os.WriteFile(filepath.Join(dir, "events/a/b/id"), []byte(id), 0o644))
	}
	for _, tt := range []struct {
		name string
		dirs []string
		want uint64
		says string // of the error
	}{
		{"first", []string{good, bad}, 348, ""},
		{"second", []string{none, good}, 348, ""},
		{"no number", []string{bad}, 0, "invalid syntax"},
		{"nowhere", []string{none, none}, 0, "mount -t tracefs nodev /sys/kernel/tracing"},
	} {
		got, err := tracepoint(tt.dirs, "a/b")
		if got != tt.want || (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %d, %v, want %d, %q", tt.name, got, err, tt.want, tt.says)
		}
	}
	if _, err := tracepoint([]string{none}, "a/b"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("nowhere: %v, want ErrUnsupported", err)
	}
}
