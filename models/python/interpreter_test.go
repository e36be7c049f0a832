package python_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"connbench/models/python"
)

func TestFind(t *testing.T) {
	for _, row := range []struct {
		name, script string // of the interpreter; empty for none
		says         string
	}{
		{"none", "", "no python3 in $PATH"},
		{"old", "#!/bin/sh\necho 3.9.19; exit 1\n", "is Python 3.9.19, older than 3.10"},
		{"broken", "#!/bin/sh\nexit 127\n", "does not run (exit status 127)"},
		{"no program", "#!/none/such\n", "does not run (fork/exec "},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("PATH", dir)
			if row.script != "" {
				if err := os.WriteFile(filepath.Join(dir, "python3"), []byte(row.script), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			found, err := python.Find(t.Context())
			if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("%+v, %v", found, err)
			}
		})
	}
}

func TestFindNew(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	path := filepath.Join(dir, "python3")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho 3.14.0\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := python.Find(t.Context()); got != (python.Interpreter{Path: path, Version: "3.14.0"}) || err != nil {
		t.Errorf("%+v, %v; want %q", got, err, path)
	}
}
