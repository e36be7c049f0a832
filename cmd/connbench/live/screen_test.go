package live

import (
	"io"
	"strings"
	"testing"

	"connbench/cmd/connbench/live/terminal"
)

// testScreen draws on a terminal of which the test can change the width.
func testScreen(width, height int) (*screen, *terminal.Terminal) {
	t := &terminal.Terminal{Width: width, Height: height}
	return &screen{w: t, size: func() (int, int) { return t.Width, t.Height }}, t
}

func TestScreen(t *testing.T) {
	for _, tt := range []struct {
		name  string
		draws [][]string
		want  string
	}{
		{"once", [][]string{{"one", "two"}}, "above\none\ntwo\n"},
		{"in place", [][]string{{"one", "two"}, {"1", "22"}}, "above\n1\n22\n"},
		{"more lines", [][]string{{"one"}, {"1", "2"}}, "above\n1\n2\n"},
		{"fewer lines", [][]string{{"one", "two", "three"}, {"1"}}, "above\n1\n"},
		{"none any more", [][]string{{"one", "two"}, nil}, "above\n"},
		{"too long", [][]string{{strings.Repeat("x", 30)}, {strings.Repeat("y", 30)}}, "above\n" + strings.Repeat("y", 18) + "…\n"},
		{"too long in colour", [][]string{{"\x1b[1m" + strings.Repeat("x", 30) + "\x1b[0m"}, {"y"}}, "above\ny\n"},
		{"just fitting", [][]string{{strings.Repeat("█", 19)}, {strings.Repeat("░", 19)}}, "above\n" + strings.Repeat("░", 19) + "\n"},
		{"more than there is room for", [][]string{{"1", "2", "3", "4", "5", "6"}, {"a", "b", "c", "d", "e", "f"}}, "above\na\nb\nc\nd\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, term := testScreen(20, 5)
			io.WriteString(term, "above\n")
			for _, lines := range tt.draws {
				s.draw(lines)
			}
			if got := term.String(); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
			if term.X != 0 {
				t.Errorf("the cursor is in column %d", term.X)
			}
		})
	}
}

// A terminal that has become narrower has folded what was there.
func TestScreenNarrower(t *testing.T) {
	s, term := testScreen(20, 10)
	io.WriteString(term, "above\n")
	s.draw([]string{"0123456789abcdef", "short"})
	folded := &terminal.Terminal{Width: 10, Height: 10}
	io.WriteString(folded, "above\n0123456789abcdef\nshort\n")
	s.w, term.Width = folded, 10
	s.draw([]string{"now", "then"})
	if got := folded.String(); got != "above\nnow\nthen\n" {
		t.Errorf("got\n%s", got)
	}
}

// After the end nothing is drawn any more, and a screen that nothing was drawn on is
// left alone.
func TestScreenEnd(t *testing.T) {
	s, term := testScreen(20, 10)
	s.end(nil)
	if len(term.Rows) > 0 {
		t.Errorf("an end without a beginning wrote %q", term)
	}
	s, term = testScreen(20, 10)
	s.draw([]string{"one", "two"})
	s.end([]string{"sum"})
	s.draw([]string{"late"})
	if got := term.String(); got != "sum\n" || term.X != 0 || term.Y != 1 {
		t.Errorf("got\n%swith the cursor at %d, %d", got, term.X, term.Y)
	}
}

// stopped is a terminal that takes nothing until it is told to.
type stopped struct {
	io.Writer
	writing, goOn chan struct{}
}

func (s stopped) Write(p []byte) (int, error) {
	s.writing <- struct{}{}
	<-s.goOn
	return s.Writer.Write(p)
}

// A stopped terminal does not hold up a trial: what it has no time for is left out.
func TestScreenOffer(t *testing.T) {
	s, term := testScreen(20, 10)
	slow := stopped{term, make(chan struct{}), make(chan struct{})}
	s.w = slow
	s.offer([]string{"one"}, nil)
	<-slow.writing
	s.offer([]string{"two"}, nil)
	s.offer([]string{"three"}, nil)
	close(slow.goOn)
	s.mu.Lock()
	got := term.String()
	s.mu.Unlock()
	if got != "one\n" {
		t.Errorf("got %q", got)
	}
}
