// Package terminal is what tests look at instead of a terminal.
package terminal

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Terminal is what a terminal shows of what was written to it, as far as it
// understands that: anything but text and the codes that a screen needs is an error.
type Terminal struct {
	Width, Height int
	Rows          [][]rune // those that have left it at the top too
	X, Y          int
}

var controlSequence = regexp.MustCompile(`^\x1b\[([0-9;]*)([AJKm])`)

func (t *Terminal) Write(p []byte) (int, error) {
	for s := string(p); s != ""; {
		if m := controlSequence.FindStringSubmatch(s); m != nil {
			t.control(m[1], m[2])
			s = s[len(m[0]):]
			continue
		}
		r := []rune(s)[0]
		switch {
		case r == '\r':
			t.X = 0
		case r == '\n': // as a terminal's driver has it
			t.X = 0
			t.Y++
			t.row()
		case r < ' ':
			return 0, fmt.Errorf("%.10q: not a code of a screen", s)
		default:
			if t.X == t.Width {
				t.X = 0
				t.Y++
			}
			row := t.row()
			for len(*row) <= t.X {
				*row = append(*row, ' ')
			}
			(*row)[t.X] = r
			t.X++
		}
		s = s[len(string(r)):]
	}
	return len(p), nil
}

// row is the one that the cursor is in.
func (t *Terminal) row() *[]rune {
	for len(t.Rows) <= t.Y {
		t.Rows = append(t.Rows, nil)
	}
	return &t.Rows[t.Y]
}

func (t *Terminal) control(number, code string) {
	row := t.row()
	switch code {
	case "A":
		n, _ := strconv.Atoi(number)
		t.Y = max(len(t.Rows)-t.Height, t.Y-n, 0)
	case "K":
		*row = (*row)[:min(t.X, len(*row))]
	case "J":
		*row = (*row)[:min(t.X, len(*row))]
		for i := t.Y + 1; i < len(t.Rows); i++ {
			t.Rows[i] = nil
		}
	}
}

// String is all that is there, without the empty rows at its end.
func (t *Terminal) String() string {
	var b strings.Builder
	for _, row := range t.Rows {
		b.WriteString(strings.TrimRight(string(row), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
