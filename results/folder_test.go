package results

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Whatever is in a folder stays as it is: a run begins in a new one or in an empty one.
func TestCreateRefusesAFolderThatIsNotEmpty(t *testing.T) {
	for _, name := range []string{"summary.csv", "report.html", "histograms/00000.hlog", "run.json.1.tmp", "run.json.mine.tmp", ".hidden"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			os.Mkdir(filepath.Join(dir, filepath.Dir(name)), 0o755)
			if err := os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o644); err != nil {
				t.Fatal(err)
			}
			if s, err := Create(dir, storedRun()); err == nil || !strings.Contains(err.Error(), dir+" is not empty") {
				t.Errorf("got %v", err)
				if err == nil {
					s.Close()
				}
			}
			if diff := cmp.Diff(map[string]string{name: "mine"}, tree(t, dir)); diff != "" {
				t.Errorf("the folder changed (-before +after)\n%s", diff)
			}
		})
	}
}

func TestCreateIn(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := Create("..", storedRun()); err == nil || !strings.Contains(err.Error(), ".. is not empty") {
		t.Errorf("in ..: %v", err)
	}
	s, err := Create(".", storedRun())
	if err != nil {
		t.Fatalf("in an empty folder: %v", err)
	}
	s.Close()
	if err := os.Symlink("nowhere", "link"); err != nil {
		t.Fatal(err)
	}
	if _, err := Create("link", storedRun()); err == nil {
		t.Error("a link to nothing became a run's folder")
	}
}

// Neither a link in the place of a file nor one in the place of a folder leads out.
func TestNothingIsWrittenThroughALink(t *testing.T) {
	outside, dir := t.TempDir(), store(t)
	link := func(name, to string) {
		t.Helper()
		os.RemoveAll(filepath.Join(dir, name))
		if err := os.Symlink(filepath.Join(outside, to), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	os.WriteFile(filepath.Join(outside, "file"), []byte("mine"), 0o644)
	for _, name := range []string{"summary.csv", "report.html"} {
		link(name, "file")
		if err := WriteFile(filepath.Join(dir, name), nil); err != nil {
			t.Error(err)
		}
	}
	link(histogramsDir, ".")
	if s, _, _, err := Reopen(dir); err == nil || !strings.Contains(err.Error(), "histograms is a link") {
		t.Errorf("got %v", err)
		if err == nil {
			s.Close()
		}
	}
	link(trialsFile, "file")
	if _, _, _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "trials.jsonl is no regular file") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(map[string]string{"file": "mine"}, tree(t, outside)); diff != "" {
		t.Errorf("written outside (-before +after)\n%s", diff)
	}
}

func TestReopenLeavesWhatIsNotOurs(t *testing.T) {
	dir := store(t)
	mine := []string{"run.json.old.tmp", "notes.1.tmp", "histograms/my.hlog.tmp"}
	for _, name := range mine {
		os.WriteFile(filepath.Join(dir, name), nil, 0o644)
	}
	s, _, _, err := Reopen(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	for _, name := range mine {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// One process at a time writes into a folder, and the end of that one, however it comes,
// lets the next one in.
func TestFolderIsHeld(t *testing.T) {
	if dir := os.Getenv("HOLD"); dir != "" {
		held, err := HoldFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer held.Release() // never, but until then no collector closes it
		os.Stdout.WriteString("held\n")
		select {}
	}
	dir := store(t)
	other := exec.Command(os.Args[0], "-test.run=^TestFolderIsHeld$")
	other.Env = append(os.Environ(), "HOLD="+dir)
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer other.Process.Kill()
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	_, _, _, err = Reopen(dir)
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir+" is in use by ") {
		t.Errorf("got %v", err)
	}
	if _, _, _, err := Open(dir); err != nil {
		t.Errorf("reading: %v", err)
	}
	if _, err := Create(dir, storedRun()); err == nil || !strings.Contains(err.Error(), "holds a run already") {
		t.Errorf("got %v", err)
	}
	other.Process.Kill()
	other.Wait()
	s, _, _, err := Reopen(dir)
	for late := time.Now().Add(10 * time.Second); errors.Is(err, ErrInUse) && time.Now().Before(late); s, _, _, err = Reopen(dir) {
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		t.Fatalf("after the death of the other, process %d: %v", other.Process.Pid, err)
	}
	if _, err := HoldFolder(dir); !errors.Is(err, ErrInUse) {
		t.Errorf("a store does not hold its folder: %v", err)
	}
	s.Close()
}

func TestDatedFoldersOfOneSecond(t *testing.T) {
	parent, now := filepath.Join(t.TempDir(), "runs"), time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	var names []string
	for range 3 {
		dir, err := DatedFolder(parent, now)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(dir))
	}
	if diff := cmp.Diff([]string{"20260102-030405", "20260102-030405-2", "20260102-030405-3"}, names); diff != "" {
		t.Error(diff)
	}
}
