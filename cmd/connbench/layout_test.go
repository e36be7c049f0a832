package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// topLevel is all that may stand there, beside names with a dot and what
// .gitignore names.
var topLevel = []string{"models", "loadgen", "results", "plots", "cmd", "go.mod", "go.sum", "Makefile", "README.md"}

// strangers lists what else stands at the top of a tree.
func strangers(root fs.FS) ([]string, error) {
	ignore, err := fs.ReadFile(root, ".gitignore")
	if err != nil {
		return nil, err
	}
	var ignored []string
	for pattern := range strings.FieldsSeq(string(ignore)) {
		ignored = append(ignored, strings.Trim(pattern, "/"))
	}
	entries, err := fs.ReadDir(root, ".")
	var found []string
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, ".") && !slices.Contains(topLevel, name) && !slices.Contains(ignored, name) {
			found = append(found, name)
		}
	}
	return found, err
}

func TestTopLevel(t *testing.T) {
	found, err := strangers(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) > 0 {
		t.Errorf("not in the design's layout: %q", found)
	}
}

func TestStrangers(t *testing.T) {
	found, err := strangers(fstest.MapFS{
		".gitignore":      {Data: []byte("/bin/\n/runs/\n")},
		".ci/run":         {},
		"bin/connbench":   {},
		"models/model.go": {},
		"util/util.go":    {},
		"main.go":         {},
		"README.md":       {},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"main.go", "util"}, found); diff != "" {
		t.Error(diff)
	}
}

// mostFiles is how many a package may have, its tests aside, before its rooms are to be told
// apart.
const mostFiles = 25

func TestPackagesAreSmall(t *testing.T) {
	files := map[string]int{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != "..":
			return filepath.SkipDir
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			files[filepath.Dir(path)]++
		}
		return nil
	})
	if err != nil || files["../../results"] == 0 {
		t.Fatalf("%v: %v", files, err)
	}
	for dir, n := range files {
		if n > mostFiles {
			t.Errorf("%s has %d files: find its rooms", dir, n)
		}
	}
}
