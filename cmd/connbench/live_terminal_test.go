package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// terminal is what a terminal shows of what was written to it, as far as it
// understands that: anything but text and the codes that a screen needs is an error.
type terminal struct {
	width, height int
	rows          [][]rune // those that have left it at the top too
	x, y          int
}

var controlSequence = regexp.MustCompile(`^\x1b\[([0-9;]*)([AJKm])`)

func (t *terminal) Write(p []byte) (int, error) {
	for s := string(p); s != ""; {
		if m := controlSequence.FindStringSubmatch(s); m != nil {
			t.control(m[1], m[2])
			s = s[len(m[0]):]
			continue
		}
		r := []rune(s)[0]
		switch {
		case r == '\r':
			t.x = 0
		case r == '\n': // as a terminal's driver has it
			t.x = 0
			t.y++
			t.row()
		case r < ' ':
			return 0, fmt.Errorf("%.10q: not a code of a screen", s)
		default:
			if t.x == t.width {
				t.x = 0
				t.y++
			}
			row := t.row()
			for len(*row) <= t.x {
				*row = append(*row, ' ')
			}
			(*row)[t.x] = r
			t.x++
		}
		s = s[len(string(r)):]
	}
	return len(p), nil
}

// row is the one that the cursor is in.
func (t *terminal) row() *[]rune {
	for len(t.rows) <= t.y {
		t.rows = append(t.rows, nil)
	}
	return &t.rows[t.y]
}

func (t *terminal) control(number, code string) {
	row := t.row()
	switch code {
	case "A":
		n, _ := strconv.Atoi(number)
		t.y = max(len(t.rows)-t.height, t.y-n, 0)
	case "K":
		*row = (*row)[:min(t.x, len(*row))]
	case "J":
		*row = (*row)[:min(t.x, len(*row))]
		for i := t.y + 1; i < len(t.rows); i++ {
			t.rows[i] = nil
		}
	}
}

// String is all that is there, without the empty rows at its end.
func (t *terminal) String() string {
	var b strings.Builder
	for _, row := range t.rows {
		b.WriteString(strings.TrimRight(string(row), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// screen IN OUT COLUMNS writes what a terminal with so many columns shows of a file
// (or of ttyout) in the end. It fails if that left the cursor within a line.
func showScreen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: screen in out columns")
	}
	width, err := strconv.Atoi(args[2])
	ts.Check(err)
	t := terminal{width: width, height: 24}
	_, err = t.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	if t.x != 0 {
		ts.Fatalf("the cursor is in column %d", t.x)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(t.String()), 0o600))
}
