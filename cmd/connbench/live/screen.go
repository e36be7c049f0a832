package live

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"connbench/loadgen/process"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// screen is the last lines of a terminal, which are drawn in place. The cursor waits
// below them and nothing about the terminal is changed, so that it is in order
// whenever and however the process ends.
type screen struct {
	w    io.Writer
	size func() (width, height int)

	mu    sync.Mutex
	drawn []string
	ended bool
}

// screenOf is w as a screen, nil if it is no terminal or one that cannot move its cursor.
func screenOf(w io.Writer) *screen {
	f, ok := w.(*os.File)
	if kind := os.Getenv("TERM"); !ok || !term.IsTerminal(int(f.Fd())) || kind == "" || kind == "dumb" {
		return nil
	}
	if os.Getenv("NO_COLOR") != "" { // whatever it says: no-color.org
		text.DisableColors()
	}
	return &screen{w: w, size: func() (int, int) {
		width, height, err := term.GetSize(int(f.Fd()))
		if err != nil || width == 0 || height == 0 {
			return 80, 24
		}
		return width, height
	}}
}

// width is how many columns a line may have. The last one stays free, since some
// terminals go on to the next line behind it.
func (s *screen) width() int {
	width, _ := s.size()
	return max(1, width-1)
}

func (s *screen) draw(lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(lines)
}

// offer is draw on the given CPUs by and by, or not at all if the terminal is still
// busy with what it was given before: it may have been stopped.
func (s *screen) offer(lines []string, cpus []int) {
	if !s.mu.TryLock() {
		return
	}
	go func() {
		defer s.mu.Unlock()
		process.OnCPUs(cpus, func() error {
			s.put(lines)
			return nil
		})
	}()
}

func (s *screen) end(lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(lines)
	s.ended = true
}

// above leaves a text above what is drawn, for good.
func (s *screen) above(said string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	drawn := slices.Clone(s.drawn)
	s.put([]string{""})
	io.WriteString(s.w, "\x1b[1A"+said+"\n")
	s.drawn = nil
	s.put(drawn)
}

const (
	clearLine  = "\x1b[K" // from the cursor on
	clearBelow = "\x1b[J"
)

// put writes lines over those drawn before, as many as there is room for, in one go.
func (s *screen) put(lines []string) {
	if s.ended || len(lines)+len(s.drawn) == 0 {
		return
	}
	width, height := s.size()
	var b strings.Builder
	if up := s.rows(width); up > 0 {
		fmt.Fprintf(&b, "\r\x1b[%dA", min(up, height-1))
	}
	s.drawn = s.drawn[:0]
	for _, line := range lines[:min(len(lines), max(1, height-1))] {
		line = text.Snip(line, max(1, width-1), "…")
		s.drawn = append(s.drawn, line)
		b.WriteString(line + clearLine + "\n")
	}
	io.WriteString(s.w, b.String()+clearBelow)
}

// rows is how many rows the lines drawn take: on a terminal that has become narrower
// they are folded.
func (s *screen) rows(width int) int {
	n := 0
	for _, line := range s.drawn {
		n += max(1, (text.StringWidthWithoutEscSequences(line)+width-1)/width)
	}
	return n
}
