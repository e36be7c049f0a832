package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// readmeLines are the commands of the README's indented blocks that begin with a
// word, comments left out.
func readmeLines(t *testing.T, word string) []string {
	t.Helper()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(b)) {
		if command, ok := strings.CutPrefix(line, "    "+word+" "); ok {
			command, _, _ = strings.Cut(command, "#")
			lines = append(lines, strings.TrimSpace(command))
		}
	}
	if len(lines) == 0 {
		t.Fatalf("the README has no %s command", word)
	}
	return lines
}

// The README's commands are ones that the command line takes.
func TestReadmeCommandsParse(t *testing.T) {
	for _, line := range readmeLines(t, "connbench") {
		parser, err := kong.New(&commands{}, kong.Exit(func(int) {}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(words(line)); err != nil {
			t.Errorf("connbench %s: %v", line, err)
		}
	}
}

// words splits a line where a shell does that only knows single quotes.
func words(line string) []string {
	var words []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}

func TestReadmeTargetsExist(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range readmeLines(t, "make") {
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).Match(makefile) {
			t.Errorf("the Makefile has no target %s", target)
		}
	}
}

// The README's model is a whole file that package blocking takes as it is, and that
// keeps a promise of the conformance suite.
func TestReadmeModelServes(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, model, found := strings.Cut(string(readme), "```go\npackage blocking\n")
	model, _, closed := strings.Cut(model, "```")
	if !found || !closed {
		t.Fatal("the README has no model")
	}
	test := `package blocking_test

import (
	"testing"

	"connbench/models/blocking"
	"connbench/models/modeltest"
)

func TestQuota(t *testing.T) { modeltest.Run(t, blocking.Quota) }
`
	packageDir, err := filepath.Abs("../../models/blocking")
	if err != nil {
		t.Fatal(err)
	}
	dir, replace := t.TempDir(), map[string]string{}
	for name, source := range map[string]string{"quota.go": "package blocking\n" + model, "quota_test.go": test} {
		replace[filepath.Join(packageDir, name)] = filepath.Join(dir, name)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	// One case of the suite: that all of it passes for models like this is tested there.
	out, err := exec.Command("go", "test", "-overlay", file, "-run", "^TestQuota$/tcp/length/(Echo|Clean)", "connbench/models/blocking").CombinedOutput()
	if err != nil || strings.Contains(string(out), "no tests to run") {
		t.Errorf("%v: %s", err, out)
	}
}
