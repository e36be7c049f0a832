// Package scratch has the folder of a run's sockets and programs, and the process that removes it.
package scratch

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// prefix begins the name of a scratch folder, which lies in the temporary
// directory.
const prefix = "connbench-"

// mark is an environment variable of all that a run starts: its scratch folder.
const mark = "CONNBENCH_SCRATCH"

// Folder is a folder for a run's sockets and programs. Its janitor, a process that
// waits for the end of this one, however that comes, removes it then and ends what the
// run has started and left behind, wherever that has gone.
type Folder struct {
	Dir     string
	janitor *exec.Cmd
	alive   io.Closer     // the janitor's input, which nobody else holds open
	timeout time.Duration // for the janitor to end
}

// TempError is that of a temporary directory that has no room for a scratch folder: TMPDIR names another.
type TempError struct{ error }

func (e TempError) Unwrap() error { return e.error }

// New makes a scratch folder, with a janitor by a command of executable, which is to be [Janitor]; the
// caller calls Remove. Where the temporary directory is none the error is a [TempError].
func New(executable string) (*Folder, error) {
	// First, or the janitor would complain too.
	if err := isFolder(os.TempDir()); err != nil {
		return nil, badTemp(err)
	}
	// The name is short, since the path of a Unix socket has 107 bytes.
	dir := filepath.Join(os.TempDir(), prefix+rand.Text()[:10])
	s, err := startJanitor(executable, dir) // first, so that there is no moment without
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		s.dismiss()
		return nil, badTemp(err)
	}
	os.Setenv(mark, dir) // of what is started from now on
	return s, nil
}

// isFolder reports what is wrong with a path that is to be a folder's.
func isFolder(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "stat", Path: path, Err: syscall.ENOTDIR}
	}
	return err
}

// badTemp says what is wrong with the temporary directory.
func badTemp(err error) error {
	if p := new(fs.PathError); errors.As(err, &p) {
		err = fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return TempError{fmt.Errorf("TMPDIR: %w", err)}
}

func startJanitor(executable, dir string) (*Folder, error) {
	cmd := exec.Command(executable, "janitor", dir)
	alive, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what ends this process's group is not for it
	if err := cmd.Start(); err != nil {
		alive.Close()
		return nil, fmt.Errorf("start %s: %w", executable, err)
	}
	return &Folder{dir, cmd, alive, dismissTimeout}, nil
}

// dismissTimeout is how long a janitor may take, who does each of two things for up to
// two seconds.
const dismissTimeout = 10 * time.Second

// dismiss lets the janitor do its work and end, and waits for that. One that does not is
// ended.
func (s *Folder) dismiss() error {
	s.alive.Close()
	defer time.AfterFunc(s.timeout, func() { s.janitor.Process.Kill() }).Stop()
	return s.janitor.Wait()
}

// Remove removes the folder, and ends what the run has left behind.
func (s *Folder) Remove() {
	os.Unsetenv(mark)
	if s.dismiss() != nil {
		os.RemoveAll(s.Dir) // it may have been killed
	}
}

// Refusal is the error of a folder that has not the name of a scratch folder.
type Refusal struct{ error }

// Janitor is the janitor, as it sees itself: it waits for the end of alive, and removes the scratch folder
// then. One that is none is a [Refusal].
func Janitor(dir string, alive io.Reader) error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	if err := check(dir); err != nil {
		return Refusal{err}
	}
	io.Copy(io.Discard, alive)
	endMarked(dir)
	return remove(dir)
}

// endMarked ends the processes of a run, with those that they start meanwhile, as far as
// /proc tells of them.
func endMarked(dir string) {
	again(func() (gone bool) {
		gone = true
		processes, _ := filepath.Glob("/proc/[0-9]*")
		for _, process := range processes {
			if isMarked(process, dir) {
				pid, _ := strconv.Atoi(filepath.Base(process))
				syscall.Kill(pid, syscall.SIGKILL)
				gone = false
			}
		}
		return gone
	})
}

// isMarked reports whether a process, by its folder in /proc, is of the run with that scratch folder:
// its environment says so. One that has written its title over that, as nginx does, is known by
// the folder that it is in, which is below the run's.
func isMarked(process, dir string) bool {
	env, err := os.ReadFile(filepath.Join(process, "environ"))
	if err != nil || bytes.Contains(env, []byte(mark+"="+dir+"\x00")) {
		return err == nil
	}
	if bytes.ContainsRune(env, '=') {
		return false // somebody who has a look around
	}
	in, err := os.Readlink(filepath.Join(process, "cwd"))
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		dir = resolved
	}
	return err == nil && strings.HasPrefix(in, dir+string(filepath.Separator))
}

// check refuses what has not the name of a scratch folder.
func check(dir string) error {
	where, name := filepath.Split(dir)
	if filepath.Clean(where) != filepath.Clean(os.TempDir()) || !strings.HasPrefix(name, prefix) {
		return fmt.Errorf("%s is not to be removed: it is no %s", dir, filepath.Join(os.TempDir(), prefix+"*"))
	}
	return nil
}

// again tries until it is done, for two seconds: servers may outlive the run by a moment and
// put something into the folder while it is removed.
func again(done func() bool) {
	const tries, pause = 100, 20 * time.Millisecond
	for n := 0; n < tries && !done(); n++ {
		time.Sleep(pause)
	}
}

func remove(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not to be removed: it is no folder", dir)
	}
	again(func() bool { err = os.RemoveAll(dir); return err == nil })
	return err
}
