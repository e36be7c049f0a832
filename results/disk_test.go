package results

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCreateInAFolderThatIsThere(t *testing.T) {
	left := runFile + ".1" + temporarySuffix
	tests := []struct {
		name string
		make func(dir string)
		want string // in the error; empty for none
	}{
		{"empty", func(string) {}, ""},
		{"of a Create that crashed", func(dir string) {
			os.Mkdir(filepath.Join(dir, histogramsDir), 0o755)
			os.WriteFile(filepath.Join(dir, trialsFile), nil, 0o644)
			os.WriteFile(filepath.Join(dir, left), []byte(`{"vers`), 0o644)
		}, ""},
		{"with trials and no run", func(dir string) {
			os.WriteFile(filepath.Join(dir, trialsFile), []byte("{}\n"), 0o644)
		}, "is not empty (it has \"trials.jsonl\")"},
		{"with a run", func(dir string) { os.WriteFile(filepath.Join(dir, runFile), nil, 0o644) }, "holds a run already"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			tt.make(dir)
			before := tree(t, dir)
			s, err := Create(dir, storedRun())
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q in it", err, tt.want)
				}
				if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
					t.Errorf("the folder changed (-before +after)\n%s", diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := HoldFolder(dir); !errors.Is(err, ErrInUse) {
				t.Errorf("a new run does not hold its folder: %v", err)
			}
			s.Close()
			if _, trials, warnings, err := Open(dir); err != nil || len(trials)+len(warnings) > 0 {
				t.Errorf("%d trials, warnings %v, %v", len(trials), warnings, err)
			}
			if _, err := os.Stat(filepath.Join(dir, left)); err == nil {
				t.Errorf("%s is left", left)
			}
		})
	}
}

// A run that another process has made in the meantime stays as it is.
func TestMoveFresh(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	os.WriteFile(from, []byte("new"), 0o644)
	os.WriteFile(to, []byte("old"), 0o644)
	if err := (system{}).move(from, to, true); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want %v", err, fs.ErrExist)
	}
	if diff := cmp.Diff(map[string]string{"from": "new", "to": "old"}, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	os.Remove(to)
	if err := (system{}).move(from, to, true); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]string{"to": "new"}, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// A process that was killed between the two names of run.json leaves both.
func TestReopenTidiesUp(t *testing.T) {
	dir := store(t)
	want := tree(t, dir)
	os.Link(filepath.Join(dir, runFile), filepath.Join(dir, runFile+".1"+temporarySuffix))
	os.WriteFile(filepath.Join(dir, histogramsDir, "00001.hlog.1"+temporarySuffix), []byte("#"), 0o644)
	s, _, _, err := Reopen(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Errorf("folder (-want +got)\n%s", diff)
	}
}
