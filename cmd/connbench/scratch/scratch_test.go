package scratch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for something that must happen.
const patience = time.Minute

// TestMain is the janitor of the tests' folders too.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "janitor" {
		if err := Janitor(os.Args[2], os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func command(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// temporary is a temporary directory of the test's own.
func temporary(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return dir
}

// With its janitor or, where somebody has killed or stopped that, without.
func TestScratch(t *testing.T) {
	for _, disturbance := range []syscall.Signal{0, syscall.SIGKILL, syscall.SIGSTOP} {
		root := temporary(t)
		s, err := New(command(t))
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(s.Dir)
		if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 || filepath.Dir(s.Dir) != root {
			t.Errorf("%s: %v, %v", s.Dir, info, err)
		}
		if err := os.WriteFile(filepath.Join(s.Dir, "socket"), nil, 0o600); err != nil {
			t.Error(err)
		}
		if disturbance == syscall.SIGSTOP {
			s.timeout = 100 * time.Millisecond
		}
		if err := s.janitor.Process.Signal(disturbance); err != nil {
			t.Error(err)
		}
		s.Remove()
		if left, err := os.ReadDir(root); err != nil || len(left) > 0 {
			t.Errorf("janitor's signal %v; left: %v, %v", disturbance, left, err)
		}
	}
}

func TestScratchCannotBeMade(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", filepath.Join(dir, "none"))
	if s, err := New(command(t)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("made %v, %v", s, err)
	}
	t.Setenv("TMPDIR", dir)
	if s, err := New("/none/such"); err == nil || !strings.Contains(err.Error(), "start /none/such: ") {
		t.Errorf("made %v, %v", s, err)
	}
}

// Signals that end others do not end a janitor before its time.
func TestJanitorIgnoresSignals(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the signals that a process ignores are in /proc")
	}
	temporary(t)
	scratch, err := New(command(t))
	if err != nil {
		t.Fatal(err)
	}
	defer scratch.Remove()
	janitor := scratch.janitor.Process
	signals := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}
	for late := time.Now().Add(patience); !ignores(t, janitor.Pid, signals); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("it does not ignore %v", signals)
		}
	}
	for _, s := range signals {
		if err := janitor.Signal(s); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(scratch.Dir); err != nil {
		t.Error(err)
	}
	if err := scratch.dismiss(); err != nil {
		t.Errorf("a signal has ended it: %v", err)
	}
	if _, err := os.Stat(scratch.Dir); !os.IsNotExist(err) {
		t.Errorf("the folder is left: %v", err)
	}
}

// ignores reports whether a process ignores all of these signals.
func ignores(t *testing.T, pid int, signals []syscall.Signal) bool {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "\nSigIgn:")
	var mask uint64
	if _, err := fmt.Sscanf(rest, "%x", &mask); err != nil {
		t.Fatal(err)
	}
	for _, s := range signals {
		if mask&(1<<(s-1)) == 0 {
			return false
		}
	}
	return true
}

// A server that has written over its environment is known by its folder; who only looks around in a
// scratch folder is left alone.
func TestJanitorKnowsByFolder(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the folders of processes are in /proc")
	}
	dir := filepath.Join(temporary(t), prefix+"1")
	inside := filepath.Join(dir, "server")
	if err := os.MkdirAll(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, in string
		env      []string
		marked   bool
	}{
		{"of the run", os.TempDir(), []string{mark + "=" + dir}, true},
		{"of another", os.TempDir(), []string{mark + "=" + dir + "2"}, false},
		{"a server", inside, []string{}, true},
		{"elsewhere", os.TempDir(), []string{}, false},
		{"in the folder itself", dir, []string{}, false},
		{"a visitor", inside, []string{"HOME=/"}, false},
	} {
		cat := exec.Command("cat")
		cat.Dir, cat.Env = tt.in, tt.env
		stdin, err := cat.StdinPipe()
		stdout, err2 := cat.StdoutPipe()
		if err := errors.Join(err, err2, cat.Start()); err != nil {
			t.Fatal(err)
		}
		// It has its environment when it runs, which is a moment after it has been started.
		if _, err := stdin.Write([]byte("x")); err != nil {
			t.Error(err)
		}
		if _, err := stdout.Read(make([]byte, 1)); err != nil {
			t.Error(err)
		}
		if got := isMarked(fmt.Sprintf("/proc/%d", cat.Process.Pid), dir); got != tt.marked {
			t.Errorf("%s: %v", tt.name, got)
		}
		stdin.Close()
		cat.Wait()
	}
}

// Only what has the name and the place of a scratch folder is removed, and only a
// folder.
func TestJanitorRefuses(t *testing.T) {
	root := temporary(t)
	file, link, folder := filepath.Join(root, "connbench-file"), filepath.Join(root, "connbench-link"), filepath.Join(root, "folder")
	os.WriteFile(file, nil, 0o600)
	os.Mkdir(folder, 0o700)
	os.Symlink(folder, link)
	tests := []struct{ name, dir, want string }{
		{"no name", "", "not to be removed"},
		{"the temporary directory", root, "not to be removed"},
		{"another folder in it", folder, "not to be removed"},
		{"a folder elsewhere", filepath.Join(folder, "connbench-1"), "not to be removed"},
		{"a way out", root + "/connbench-1/..", "not to be removed"},
		{"a relative path", "connbench-1", "not to be removed"},
		{"a file", file, "no folder"},
		{"a link", link, "no folder"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := check(tt.dir)
			if err == nil {
				err = remove(tt.dir)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
	if left, err := os.ReadDir(root); err != nil || len(left) != 3 {
		t.Errorf("left: %v, %v", left, err)
	}
	if err := remove(filepath.Join(root, "connbench-none")); err != nil {
		t.Errorf("what is not there: %v", err)
	}
	if err := Janitor(folder, strings.NewReader("")); !errors.As(err, &Refusal{}) {
		t.Errorf("got %v", err)
	}
}

// Somebody may still write to the folder while it is removed.
func TestRemoveScratchInUse(t *testing.T) {
	dir := filepath.Join(temporary(t), prefix+"1")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		for i := range 1000 {
			if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), nil, 0o600); err != nil {
				written <- err
				return
			}
		}
		written <- nil
	}()
	if err := remove(dir); err != nil {
		t.Error(err)
	}
	if err := <-written; err != nil && !os.IsNotExist(err) {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is left: %v", err)
	}
}
