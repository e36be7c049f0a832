package main

import (
	"os"
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
		if _, err := parser.Parse(strings.Fields(line)); err != nil {
			t.Errorf("connbench %s: %v", line, err)
		}
	}
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
