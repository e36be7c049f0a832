package figures

import (
	"connbench/plots/look"

	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// balance wraps a caption into as few lines as it can, of about the same length:
// a last line of one word looks like a mistake.
func balance(caption string) []string {
	style, width := look.Text(captionSize, look.Faded), textWidth
	lines := wrap(caption, style, width)
	for {
		width -= 2 * captionSize
		narrower := wrap(caption, style, width)
		if len(narrower) > len(lines) || width < figureWidth/2 {
			return lines
		}
		lines = narrower
	}
}

// wrap breaks words into lines of at most the given width; a longer word has a
// line of its own.
func wrap(words string, style text.Style, width vg.Length) []string {
	var lines []string
	for _, word := range strings.Fields(words) {
		last := len(lines) - 1
		if last >= 0 && style.Width(lines[last]+" "+word) <= width {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}
