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

// tablesIn are a page's tables of models, each by model and by the title of a column.
func tablesIn(page string) (all []map[string]map[string]string) {
	var rows map[string]map[string]string
	var titles []string
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		switch {
		case strings.HasPrefix(line, "|:"):
		case !strings.HasPrefix(line, "|"):
			titles = nil
		case cells[0] == "model":
			titles, rows = cells, map[string]map[string]string{}
			all = append(all, rows)
		case titles != nil:
			row := map[string]string{}
			for i, cell := range cells {
				row[titles[i]] = cell
			}
			rows[cells[0]] = row
		}
	}
	return all
}

// quotation is what the tutorial says, behind what was measured.
var quotation = regexp.MustCompile(` “[^”]*”$`)

// The README's rows are those of whole tables, of which they leave columns out: its first table is of two
// of the results', of which the second is of another machine, as titles say; its second of the one of HTTP.
func TestReadmeRowsAreMeasured(t *testing.T) {
	all := pages(t)
	results, http := tablesIn(all["../../.github/docs/results.md"]), tablesIn(all["../../.github/docs/protocols.md"])
	some := tablesIn(all["../../README.md"])
	if len(results) < 2 || len(http) < 1 || len(some) < 2 || len(some[0]) != 6 || len(results[0]) < 28 || len(results[1]) < 28 {
		t.Fatalf("%d tables of results, %d of HTTP and %d in the README", len(results), len(http), len(some))
	}
	const other = ", EPYC"
	for i, whole := range []map[string]map[string]string{results[0], http[0]} {
		for model, row := range some[i] {
			for title, cell := range row {
				measured, known := whole[model][title]
				if first, of := strings.CutSuffix(title, other); of {
					measured, known = results[1][model][first]
					measured = quotation.ReplaceAllString(measured, "")
				}
				if !known || measured != cell {
					t.Errorf("%s, %s: %q is not of its table, which has %q", model, title, cell, measured)
				}
			}
		}
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
		if _, err := newParser(&commands{}, kong.Exit(func(int) {})).Parse(words(line)); err != nil {
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
// So does it with the knob of models/doc.go, whose lines are put where that says.
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
	cfg := models.DefaultConfig()
	if cfg.Quota != 100 || blocking.Told.Check(cfg) != nil {
		t.Error("the knob is not at its default, or that is refused")
	}
	if cfg.Quota = 0; blocking.Told.Check(cfg) == nil {
		t.Error("the knob has no range")
	}
	if cfg.Quota = 5; blocking.Told.Check(cfg) != nil || blocking.Quota.Check(cfg) == nil {
		t.Error("who has the knob does not honour it, or who has not does")
	}
}
`
	knobs, told := addKnob(t, model)
	models, err := filepath.Abs("../../models")
	if err != nil {
		t.Fatal(err)
	}
	dir, replace := t.TempDir(), map[string]string{}
	for name, source := range map[string]string{
		"blocking/quota.go": "package blocking\n" + model, "blocking/quota_test.go": test, "blocking/told.go": "package blocking\n" + told, "knobs.go": knobs,
	} {
		path := filepath.Join(dir, filepath.Base(name))
		replace[filepath.Join(models, name)] = path
		if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
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

// addKnob adds the knob of models/doc.go by its three lines: to models/knobs.go, and to a
// copy of a model by the name of Told.
func addKnob(t *testing.T, model string) (knobs, told string) {
	t.Helper()
	files := map[string]string{"doc.go": "", "knobs.go": ""}
	for name := range files {
		text, err := os.ReadFile("../../models/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	_, doc, _ := strings.Cut(files["doc.go"], "# How to add a knob\n")
	var lines []string
	for _, found := range regexp.MustCompile(`(?m)^//\t(.*)$`).FindAllStringSubmatch(doc, -1) {
		lines = append(lines, found[1])
	}
	if len(lines) != 3 {
		t.Fatalf("a knob takes %d lines, want 3: %q", len(lines), lines)
	}
	const list, effect, fields = "Knobs:        models.NetConnKnobs(),", "q.SetLimit(100)", "type Knobs struct {\n"
	if !strings.Contains(model, list) || !strings.Contains(model, effect) || !strings.Contains(files["knobs.go"], fields) {
		t.Fatal("there is no place for the knob")
	}
	told = strings.NewReplacer("Quota", "Told", "quota", "told", list, lines[1], effect, lines[2]).Replace(model)
	return strings.Replace(files["knobs.go"], fields, fields+lines[0]+"\n", 1), told
}
