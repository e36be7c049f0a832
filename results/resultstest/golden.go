// Package resultstest has what tests of several packages share: trials that nobody has
// measured, and golden files.
package resultstest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Golden compares got with a file under testdata and keeps what it got beside
// it, so that the two can be looked at.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		beside := filepath.Join(t.ArtifactDir(), name)
		if err := os.WriteFile(beside, []byte(got), 0o644); err != nil {
			t.Error(err)
		}
		t.Errorf("%s differs (-want +got); got is in %s\n%s", path, beside, diff)
	}
}
