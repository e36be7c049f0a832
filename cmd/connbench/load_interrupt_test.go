package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"connbench/results"
)

// asked is the address of a server that sends each client back what it gets, or nothing,
// and tells of each read of a client's that is number nth.
func asked(t *testing.T, nth int, answers bool) (address string, reached <-chan struct{}) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	tell := make(chan struct{}, 16)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				b := make([]byte, 4<<10)
				for n := 1; ; n++ {
					got, err := c.Read(b)
					if err != nil {
						return
					}
					if n == nth {
						tell <- struct{}{}
					}
					if answers {
						c.Write(b[:got])
					}
				}
			}()
		}
	}()
	return l.Addr().String(), tell
}

// loading is a load of two clients on an address that goes on for long.
func loading(t *testing.T, address string, flags ...string) (load *exec.Cmd, out, said *strings.Builder) {
	t.Helper()
	out, said = &strings.Builder{}, &strings.Builder{}
	load = exec.Command(command(t), loadArgs(address, flags...)...)
	load.Stdout, load.Stderr = out, said
	if err := load.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { load.Process.Kill() })
	return load, out, said
}

func loadArgs(address string, flags ...string) []string {
	return append([]string{"load", address, "--clients", "2", "--warmup", "0s", "--duration", "10m", "--timeout", "10m"}, flags...)
}

func await(t *testing.T, reached <-chan struct{}) {
	t.Helper()
	for range 2 {
		select {
		case <-reached:
		case <-time.After(patience):
			t.Fatal("the load does not begin")
		}
	}
}

// Interrupted, load says what it has measured, of the time that it had.
func TestLoadInterrupted(t *testing.T) {
	for _, flags := range [][]string{{"--client-processes=1"}, {"--client-processes=2"}} {
		address, reached := asked(t, 50, true)
		load, out, said := loading(t, address, append(flags, "--json")...)
		await(t, reached)
		load.Process.Signal(syscall.SIGINT)
		load.Wait()
		if code := load.ProcessState.ExitCode(); code != exitFailed || said.String() != "connbench: interrupted\n" {
			t.Errorf("%v: exit status %d: %s", flags, code, said)
		}
		var trial results.Trial
		if err := json.Unmarshal([]byte(out.String()), &trial); err != nil {
			t.Errorf("%v: %v in %q", flags, err, out)
			continue
		}
		rate := float64(trial.Requests) / (float64(trial.DurationNS) / 1e9)
		if !trial.Interrupted || trial.Requests < 50 || trial.DurationNS <= 0 || trial.DurationNS >= int64(10*time.Minute) || trial.ThroughputRPS/rate > 1.001 || trial.ThroughputRPS/rate < 0.999 {
			t.Errorf("%v: %s", flags, out)
		}
	}
}

// What nobody answers is told as such, for people too.
func TestLoadInterruptedInVain(t *testing.T) {
	address, reached := asked(t, 1, false)
	load, out, _ := loading(t, address)
	await(t, reached)
	load.Process.Signal(syscall.SIGTERM)
	load.Wait()
	if code := load.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(out.String(), "\ninterrupted ") || !strings.Contains(out.String(), "read_timeout 2\n") {
		t.Errorf("exit status %d:\n%s", code, out)
	}
}

// A second signal ends it at once, here while it waits for somebody to read what it has to say.
func TestLoadInterruptedTwice(t *testing.T) {
	address, reached := asked(t, 1, false)
	load := exec.Command(command(t), loadArgs(address)...)
	said, full := fullPipe(t)
	var words strings.Builder
	load.Stdout, load.Stderr = full, &words
	if err := load.Start(); err != nil {
		t.Fatal(err)
	}
	full.Close()
	await(t, reached)
	ended := make(chan struct{})
	go func() {
		load.Wait()
		close(ended)
	}()
	late := time.After(patience)
	for waiting := true; waiting; time.Sleep(time.Millisecond) { // until the first is taken note of
		select {
		case <-ended:
			waiting = false
		case <-late:
			load.Process.Signal(syscall.SIGQUIT) // it says where it is
			<-ended
			t.Fatalf("it goes on: %s", &words)
		default:
			load.Process.Signal(syscall.SIGINT)
		}
	}
	exited := load.ProcessState.ExitCode() == 128+int(syscall.SIGINT) // where who runs the tests ignores it
	if status := load.ProcessState.Sys().(syscall.WaitStatus); !exited && (!status.Signaled() || status.Signal() != syscall.SIGINT) {
		t.Errorf("%v", load.ProcessState)
	}
	if out, err := io.ReadAll(said); err != nil || len(bytes.Trim(out, filling)) > 0 {
		t.Errorf("%v: it said %s", err, bytes.Trim(out, filling))
	}
}

// filling is what a full pipe is full of.
const filling = "\x00"

// fullPipe is a pipe in which there is no room: who writes waits until it is read.
func fullPipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	raw, err := w.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Write(func(fd uintptr) bool {
		for page := make([]byte, os.Getpagesize()); err == nil; {
			_, err = syscall.Write(int(fd), page)
		}
		return true
	})
	if err != syscall.EAGAIN {
		t.Fatal(err)
	}
	return r, w
}
