package hosts

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// holder makes a folder, says where, and stays.
func holder() {
	f, err := makeFolder()
	if err == nil {
		err = os.WriteFile(filepath.Join(f.Dir, "some.key"), nil, 0o600)
	}
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString(f.Dir)
	os.Stdout.Close()
	select {}
}

// held is a process that holds a folder, and that.
func held(t *testing.T) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "actor-holder")
	said, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(cmd) })
	dir, err := io.ReadAll(said)
	if err != nil || len(dir) == 0 {
		t.Fatalf("it made %q: %v", dir, err)
	}
	return cmd, string(dir)
}

func kill(cmd *exec.Cmd) {
	cmd.Process.Kill()
	cmd.Wait()
}

// What one that was killed has left the next agent or controller removes, and nothing else.
func TestFoldersOfTheDead(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	is := func(dir string, want bool) {
		t.Helper()
		if _, err := os.Stat(dir); (err == nil) != want || err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v, is to be there: %v", dir, err, want)
		}
	}
	file := filepath.Join(os.TempDir(), folderPrefix+"file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	first, firstDir := held(t)
	second, secondDir := held(t)
	kill(first)
	c := open(t)
	is(firstDir, false)
	is(secondDir, true)
	kill(second)
	join(t, c, "a")
	claimAll(t, c, "a")
	is(secondDir, false)
	is(c.folder.Dir, true)
	is(file, true)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	is(c.folder.Dir, false)
}
