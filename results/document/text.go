package document

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"connbench/results"

	"github.com/jedib0t/go-pretty/v6/text"
)

// The widths of a text that is no terminal's, in columns: of its lines, and of its tables
// up to which none of their columns is left out.
const (
	linesWidth  = 120
	tablesWidth = 160
)

// leastWidth is below what nothing gets narrower.
const leastWidth = 40

// Text writes the document for a terminal of so many columns, or for none at 0. A
// table that is wider has its words wrapped, and then is continued below or has columns left out, of which the last
// line of the document says so. Names are broken then, and in the end the last columns left out whatever
// they are, so that no line of a table is folded by the terminal. What is below it all is for a shell, and
// not broken.
func (d *Document) Text(w io.Writer, width int) error {
	most := max(width, leastWidth)
	if width <= 0 {
		width, most = linesWidth, tablesWidth
	}
	width = max(width, leastWidth)
	var parts results.Sentences
	var left []string
	parts.When(d.Verdict != "", Wrap(d.Verdict, width))
	for i := range d.Blocks {
		rendered, out := d.Blocks[i].text(width, most)
		parts = append(parts, rendered)
		for _, title := range out {
			if !slices.Contains(left, title) {
				left = append(left, title)
			}
		}
	}
	parts.When(left != nil, Wrap(fmt.Sprintf("left out of %d columns: %s", most, strings.Join(left, ", ")), width))
	if d.More != "" {
		more := d.More
		if text.StringWidthWithoutEscSequences(more) > width {
			more = strings.ReplaceAll(more, "; ", "\n")
		}
		parts = append(parts, more)
	}
	return writeParts(w, parts)
}

// writeParts writes what there is with a line between, nothing of nothing.
func writeParts(w io.Writer, parts []string) error {
	if parts == nil {
		return nil
	}
	_, err := io.WriteString(w, strings.Join(parts, "\n\n")+"\n")
	return err
}

// text is the block within a width, which a table may go beyond up to another if it has to,
// and the columns that had no room.
func (b *Block) text(width, most int) (rendered string, left []string) {
	var below results.Sentences
	inner := width - b.Indent
	below.When(b.Lead != nil, wrapAll(b.Lead, inner))
	if b.Table != nil {
		t := b.Table.in(People)
		rendered, out := t.render(max(inner, min(t.least(), most-b.Indent)))
		below, left = append(below, rendered), out
	}
	below.When(b.Lines != nil, wrapAll(b.Lines, inner))
	between := "\n\n"
	if b.Indent > 0 {
		between = "\n"
		for i := range below {
			below[i] = indented(below[i], b.Indent)
		}
	}
	if b.Heading != "" {
		below = slices.Insert(below, 0, Wrap(b.Heading, width))
	}
	return strings.Join(below, between), left
}

func wrapAll(lines []string, width int) string {
	return strings.Join(results.Map(lines, func(line string) string { return Wrap(line, width) }), "\n")
}

func indented(s string, by int) string {
	indent := strings.Repeat(" ", by)
	return trimLines(indent + strings.ReplaceAll(s, "\n", "\n"+indent))
}

// unitOf is the space between a number and its unit.
var unitOf = regexp.MustCompile(`([0-9∞]) ((?:[nµm]?s|[KMG]i?B|B|%)(?:[^[:alnum:]]|$))`)

// Wrap breaks what is too long between words, and keeps what stands before it. A word that is
// longer, as a path, stays whole, and so does a number with its unit.
func Wrap(line string, width int) string {
	const whole = "\u00a0"
	words := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(words)]
	wrapped, used := indent, len(indent)
	for i, word := range strings.Split(unitOf.ReplaceAllString(words, "$1"+whole+"$2"), " ") {
		n := text.StringWidthWithoutEscSequences(word)
		switch {
		case i == 0:
		case used+1+n > width && word != "":
			wrapped, used = strings.TrimRight(wrapped, " ")+"\n"+indent, len(indent)
		default:
			wrapped, used = wrapped+" ", used+1
		}
		wrapped, used = wrapped+word, used+n
	}
	return strings.ReplaceAll(wrapped, whole, " ")
}

func trimLines(s string) string {
	return eachLine(s, func(line string) string { return strings.TrimRight(line, " ") })
}

// Label is the column's title in one line.
func (c Column) Label() string { return cmp.Or(c.Long, plainTitle(c.Title)) }

func plainTitle(title string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(title, "-\n", ""), "\n", " "))
}

// Markdown writes the document for a README.
func (d *Document) Markdown(w io.Writer) error {
	var parts results.Sentences
	parts.When(d.Verdict != "", d.Verdict)
	for _, b := range d.Blocks {
		parts.When(b.Heading != "", "### "+b.Heading)
		parts = append(parts, b.Lead...)
		if b.Table != nil {
			w, configs := b.Table.in(People).writer(true, plainTitle, func(c *Cell) string { return strings.TrimSpace(strings.ReplaceAll(c.people(), "\n", " ")) })
			w.SetColumnConfigs(configs)
			parts = append(parts, w.RenderMarkdown())
		}
		parts = append(parts, b.Lines...)
	}
	return writeParts(w, parts)
}
