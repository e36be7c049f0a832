package document

import (
	"strings"
	"testing"
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
