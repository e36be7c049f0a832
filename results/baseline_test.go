package results

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBaselines(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"20261120-120000", "20261121-120000"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := ReadBaselines(dir); err != nil || all != nil {
		t.Errorf("of a folder without names: %v, %v", all, err)
	}
	for _, of := range [][2]string{{"v1", "20261120-120000"}, {"v2", "20261120-120000"}, {"v1", "20261121-120000"}} {
		if err := SetBaseline(dir, of[0], of[1]); err != nil {
			t.Fatal(err)
		}
	}
	all, err := ReadBaselines(dir)
	if diff := cmp.Diff(Baselines{"v1": "20261121-120000", "v2": "20261120-120000"}, all); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	for path, want := range map[string]string{"v1": "20261121-120000", "20261120-120000": "20261120-120000", "v3": "v3", "v1/v2": "v1/v2"} {
		if got, err := NamedRun(filepath.Join(dir, path)); err != nil || got != filepath.Join(dir, want) {
			t.Errorf("%s leads to %s (%v), want %s", path, got, err, want)
		}
	}
	if err := SetBaseline(dir, "v1", ""); err != nil {
		t.Fatal(err)
	}
	if all, err := ReadBaselines(dir); err != nil || len(all) != 1 {
		t.Errorf("after v1 is taken away: %v, %v", all, err)
	}
}

func TestBaselinesRefuse(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "a"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "a/b", "a:b", "a b", "-a", "a\x00", "a\nb", "a"} {
		if err := SetBaseline(dir, name, "a"); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, text := range []string{`{"v1":"../a"}`, `{"v/1":"a"}`, `{"v1":""}`, `[]`, `{"v1":`} {
		if err := os.WriteFile(filepath.Join(dir, baselinesFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if all, err := ReadBaselines(dir); err == nil || !strings.Contains(err.Error(), baselinesFile) {
			t.Errorf("%s: %v, %v", text, all, err)
		}
	}
}

// FuzzReadBaselines: whatever a file has, a name leads nowhere but into the folder.
func FuzzReadBaselines(f *testing.F) {
	f.Add([]byte(`{"v1":"20261120-120000"}`))
	f.Add([]byte(`{"v1":"../..","\u0000":"a"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, baselinesFile), b, 0o644); err != nil {
			t.Fatal(err)
		}
		all, err := ReadBaselines(dir)
		if err != nil && all != nil {
			t.Errorf("%v beside %v", all, err)
		}
		for name, run := range all {
			for _, entry := range []string{name, run} {
				if filepath.Dir(filepath.Join("runs", entry)) != "runs" {
					t.Errorf("%q leads out of the folder", entry)
				}
			}
		}
	})
}
