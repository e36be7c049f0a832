package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// pages are the README and those that it leads to, by their paths.
func pages(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("../../.github/docs/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no pages beside the README: %v", err)
	}
	all := map[string]string{}
	for _, path := range append(paths, "../../README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[path] = string(text)
	}
	return all
}

// readmeLines are the commands of the pages' indented blocks that begin with a word,
// comments left out.
func readmeLines(t *testing.T, word string) []string {
	t.Helper()
	var lines []string
	for _, text := range pages(t) {
		for line := range strings.Lines(text) {
			if command, ok := strings.CutPrefix(line, "    "+word+" "); ok {
				command, _, _ = strings.Cut(command, "#")
				lines = append(lines, strings.TrimSpace(command))
			}
		}
	}
	if len(lines) == 0 {
		t.Fatalf("the README has no %s command", word)
	}
	return lines
}

// quoted is a command of ours within a sentence, with what it is told.
var quoted = regexp.MustCompile("`connbench ([a-z]+ [^`]*)`")

// link is where a page leads.
var link = regexp.MustCompile(`\]\(([^)]+)\)`)

// What a page leads to is there, and each page can be come to from the README.
func TestReadmeLinks(t *testing.T) {
	all := pages(t)
	for path, text := range all {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), found[1])); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		if name := filepath.Base(path); name != "README.md" && !strings.Contains(all["../../README.md"], "(.github/docs/"+name+")") {
			t.Errorf("the README does not lead to %s", name)
		}
	}
}

// The README's rows are those of the whole table, a cell of which they leave none other
// than what stands there.
func TestReadmeRowsAreMeasured(t *testing.T) {
	all := pages(t)
	whole := map[string][]string{}
	for line := range strings.Lines(all["../../.github/docs/results.md"]) {
		if cells := strings.Split(line, " | "); len(cells) > 6 {
			whole[strings.TrimPrefix(cells[0], "| ")] = cells
		}
	}
	rows := 0
	for line := range strings.Lines(all["../../README.md"]) {
		cells := strings.Split(strings.TrimSuffix(line, " |\n"), " | ")
		name := strings.TrimPrefix(cells[0], "| ")
		if len(cells) != 6 || name == "model" {
			continue
		}
		if rows++; !slices.Equal(cells, whole[name][:min(6, len(whole[name]))]) {
			t.Errorf("%q is not of the table: %q", cells, whole[name])
		}
	}
	if rows != 5 {
		t.Errorf("the README has %d rows, want 5", rows)
	}
}

// The pages' commands, in sentences too, are ones that the command line takes.
func TestReadmeCommandsParse(t *testing.T) {
	lines := readmeLines(t, "connbench")
	for _, text := range pages(t) {
		for _, found := range quoted.FindAllStringSubmatch(strings.ReplaceAll(text, "\n", " "), -1) {
			lines = append(lines, found[1])
		}
	}
	for _, line := range lines {
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
// keeps promises of the conformance suite; it has the knobs of a net.Conn, TLS among them.
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

	"connbench/models"
	"connbench/models/blocking"
	"connbench/models/modeltest"
)

func TestQuota(t *testing.T) {
	if !blocking.Quota.Honours(models.KnobTLS) {
		t.Error("no TLS")
	}
	modeltest.Run(t, blocking.Quota)
}
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
