package main

import (
	"os"
	"strconv"

	"connbench/cmd/connbench/live/terminal"

	"github.com/rogpeppe/go-internal/testscript"
)

// screen IN OUT COLUMNS writes what a terminal with so many columns shows of a file
// (or of ttyout) in the end. It fails if that left the cursor within a line.
func showScreen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: screen in out columns")
	}
	width, err := strconv.Atoi(args[2])
	ts.Check(err)
	t := terminal.Terminal{Width: width, Height: 24}
	_, err = t.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	if t.X != 0 {
		ts.Fatalf("the cursor is in column %d", t.X)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(t.String()), 0o600))
}
