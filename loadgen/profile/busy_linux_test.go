package profile

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// inside names the variable that makes the test binary a child, by what it is to do.
const inside = "CONNBENCH_TEST_PROFILE"

func TestMain(m *testing.M) {
	if os.Getenv(inside) != "" { // it does not outlive the test
		unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
	}
	switch os.Getenv(inside) {
	case "spin":
		os.Stdout.WriteString("ready\n")
		spinForTheProfile()
	case "call":
		makeCalls()
	default:
		os.Exit(m.Run())
	}
}

// spinForTheProfile takes CPU time in its own code and in the kernel until the parent ends it.
//
//go:noinline
func spinForTheProfile() {
	zero, err := unix.Open("/dev/zero", unix.O_RDONLY, 0)
	if err != nil {
		panic(err)
	}
	var n uint64
	for buf := make([]byte, 64<<10); ; {
		for range 20_000 {
			n = n*6364136223846793005 + 1442695040888963407
		}
		buf[0] = byte(n)
		unix.Read(zero, buf)
	}
}

// child starts the test binary, or a command with it as its last argument, as a child that says
// when it is ready, and ends with the test.
func child(t *testing.T, does string, command ...string) (pid int, say func(string), hear func() string) {
	t.Helper()
	command = append(command, os.Args[0])
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), inside+"="+does)
	cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	check(t, err)
	stdout, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() { unix.Kill(-cmd.Process.Pid, unix.SIGKILL); cmd.Wait() })
	lines := bufio.NewReader(stdout)
	hear = func() string {
		line, err := lines.ReadString('\n')
		check(t, err)
		return strings.TrimSpace(line)
	}
	if line := hear(); line != "ready" {
		t.Fatalf("the child says %q", line)
	}
	return cmd.Process.Pid, func(line string) { _, err := stdin.Write([]byte(line + "\n")); check(t, err) }, hear
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused skips where the kernel does not allow what the test is of, which it does to root.
func refused(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, errors.ErrUnsupported) && (os.Geteuid() != 0 || os.Getenv("CI") == "") {
		t.Skip(err)
	}
	check(t, err)
}

// taking waits until processes have had some CPU time.
func taking(t *testing.T, pids ...int) {
	t.Helper()
	const enough = 200 * time.Millisecond
	for _, pid := range pids {
		p, err := procfs.NewProc(pid)
		check(t, err)
		for first := -1.0; ; time.Sleep(10 * time.Millisecond) {
			stat, err := p.Stat()
			check(t, err)
			if first < 0 {
				first = stat.CPUTime()
			}
			if stat.CPUTime() >= first+enough.Seconds() {
				break
			}
		}
	}
}
