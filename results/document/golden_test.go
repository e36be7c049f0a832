package document

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// said is a document for a terminal of 120 columns, or as Markdown for a golden file of
// that kind.
func said(t *testing.T, d Document, name string) string {
	t.Helper()
	var b strings.Builder
	var err error
	if strings.HasSuffix(name, ".md") {
		err = d.Markdown(&b)
	} else {
		err = d.Text(&b, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// csvOf is a table as CSV.
func csvOf(t *testing.T, table *Table) string {
	t.Helper()
	var b strings.Builder
	if err := table.CSV(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file under testdata and keeps what it got beside
// it, so that the two can be looked at.
func golden(t *testing.T, name, got string) {
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
