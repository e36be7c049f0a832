package results

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"
)

// killed is how the process ends.
type killed struct{}

func kill(string) error { panic(killed{}) }

// writing is a process that writes a run and its trials.
type writing struct {
	disk  *rationed
	dir   string
	log   []byte // of the trial that has one; encoding it each time would take long
	store *Store
	done  int // trials stored
}

// written are a trial without a log and the second attempt at one with.
func written() []Trial {
	trials := storedTrials()
	full, failed := trials[0], trials[1]
	failed.Trial, full.Trial, full.Attempt = 0, 1, 1
	full.Histograms = "histograms/00001-1.hlog"
	return []Trial{failed, full}
}

// goOn writes what is missing.
func (w *writing) goOn() (err error) {
	if w.store == nil {
		if w.store, err = create(w.disk, w.dir, storedRun()); err != nil {
			return err
		}
	}
	for trials := written(); w.done < len(trials); w.done++ {
		var log []byte
		if trials[w.done].Histograms != "" {
			log = w.log
		}
		if err := w.store.append(&trials[w.done], log); err != nil {
			return err
		}
	}
	return w.store.Close()
}

// untilKilled is goOn in a process that does not live to see its end.
func (w *writing) untilKilled() {
	defer func() {
		w.disk.die()
		if p := recover(); p != (killed{}) {
			panic(fmt.Sprint("not killed: ", p))
		}
	}()
	w.goOn()
}

// tree is the content of the files below dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, path))
		files[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// reference is what goOn makes where nothing interrupts it, and the steps it takes.
type reference struct {
	files map[string]string
	log   []byte
	steps []int // after which it is interrupted
}

func uninterrupted(t *testing.T) *reference {
	t.Helper()
	h := NewHistogram()
	h.RecordValues(10, 3)
	log, err := EncodeLog(&written()[1], map[string]*hdrhistogram.Histogram{"service": h})
	if err != nil {
		t.Fatal(err)
	}
	w := writing{disk: &rationed{left: unlimited}, dir: filepath.Join(t.TempDir(), "run"), log: log}
	if err := w.goOn(); err != nil {
		t.Fatal(err)
	}
	return &reference{tree(t, w.dir), log, w.disk.interesting()}
}

// checkStored requires the first n trials, and of their logs that they are whole.
func (ref *reference) checkStored(t *testing.T, dir string, trials []Trial, n int) {
	t.Helper()
	if diff := cmp.Diff(written()[:n], append([]Trial{}, trials...)); diff != "" {
		t.Errorf("trials (-want +got)\n%s", diff)
	}
	for _, trial := range trials {
		if trial.Histograms == "" {
			continue
		}
		if b, err := os.ReadFile(filepath.Join(dir, trial.Histograms)); err != nil || string(b) != ref.files[trial.Histograms] {
			t.Errorf("log of %d bytes, want %d; %v", len(b), len(ref.files[trial.Histograms]), err)
		}
	}
}

// checkGoesOn requires that w, gone on, ends as if nothing had been.
func (ref *reference) checkGoesOn(t *testing.T, w *writing) {
	t.Helper()
	if err := w.goOn(); err != nil {
		t.Errorf("gone on: %v", err)
	}
	if got := tree(t, w.dir); !maps.Equal(ref.files, got) {
		t.Errorf("gone on (-want +got)\n%s", cmp.Diff(ref.files, got))
	}
	os.RemoveAll(w.dir)
}

// Wherever a process is killed, also within a write, the next one finds the trials that
// were stored, and makes of the folder what it would have become.
func TestStoreKilledAnywhere(t *testing.T) {
	t.Parallel()
	ref, root := uninterrupted(t), t.TempDir()
	for _, n := range ref.steps {
		before := writing{disk: &rationed{left: n, beyond: kill}, dir: filepath.Join(root, strconv.Itoa(n)), log: ref.log}
		before.untilKilled()
		stored := before.done
		if before.disk.last == "sync "+trialsFile {
			stored++ // the line is whole, and nobody was told
		}
		lines, _ := os.ReadFile(filepath.Join(before.dir, trialsFile))
		torn := len(lines) > 0 && lines[len(lines)-1] != '\n'

		after := writing{disk: &rationed{left: unlimited}, dir: before.dir, log: ref.log}
		store, trials, warnings, err := reopen(after.disk, after.dir)
		switch {
		case err == nil:
			if ref.checkStored(t, after.dir, trials, stored); (len(warnings) == 1) != torn {
				t.Errorf("warnings %v", warnings)
			}
			after.store, after.done = store, len(trials)
		case !errors.Is(err, ErrNoRun) || before.store != nil:
			t.Error(err)
		}
		ref.checkGoesOn(t, &after)
		if t.Failed() {
			t.Fatalf("killed after %d steps: %s", n, before.disk.last)
		}
	}
}

// Wherever the disk is full, the trials before are intact, the error says which one
// could not be stored, and when there is room again the store goes on.
func TestStoreFullAnywhere(t *testing.T) {
	for _, tt := range []struct {
		name   string
		beyond func(string) error
		rest   bool // of a line may be left
	}{
		{"full", full, false},
		{"stuck", stuck, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ref, root := uninterrupted(t), t.TempDir()
			for _, n := range ref.steps {
				w := writing{disk: &rationed{left: n, beyond: tt.beyond}, dir: filepath.Join(root, strconv.Itoa(n)), log: ref.log}
				err := w.goOn()
				if said := fmt.Sprintf("store trial %d: ", w.done); w.store != nil && (err == nil || !strings.HasPrefix(err.Error(), said)) {
					t.Errorf("%v, want %q in it", err, said)
				}
				if !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("%v, want %v", err, syscall.ENOSPC)
				}
				ref.checkFull(t, &w, tt.rest)
				w.disk.left = unlimited
				ref.checkGoesOn(t, &w)
				if t.Failed() {
					t.Fatalf("room for %d steps", n)
				}
			}
		})
	}
}

// checkFull looks at what w has left of a trial that it could not store.
func (ref *reference) checkFull(t *testing.T, w *writing, rest bool) {
	t.Helper()
	_, trials, warnings, err := Open(w.dir)
	if w.store == nil {
		if !errors.Is(err, ErrNoRun) {
			t.Errorf("%v, want %v", err, ErrNoRun)
		}
		return
	}
	if err != nil || !rest && len(warnings) > 0 {
		t.Errorf("warnings %v, %v", warnings, err)
	}
	stored := w.done
	if rest && len(trials) > stored {
		stored++ // the line is whole, and could not be flushed
	}
	ref.checkStored(t, w.dir, trials, stored)
}
