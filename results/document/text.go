package document

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"connbench/results"

	"github.com/jedib0t/go-pretty/v6/table"
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
// table that is wider has its words wrapped, and then columns left out, of which the last
// line of the document says so. Names are never broken.
func (d *Document) Text(w io.Writer, width int) error {
	most := max(width, leastWidth)
	if width <= 0 {
		width, most = linesWidth, tablesWidth
	}
	width = max(width, leastWidth)
	var parts, left []string
	for i := range d.Blocks {
		rendered, out := d.Blocks[i].text(width, most)
		parts = append(parts, rendered)
		for _, title := range out {
			if !slices.Contains(left, title) {
				left = append(left, title)
			}
		}
	}
	if left != nil {
		parts = append(parts, wrapLine(fmt.Sprintf("left out of %d columns: %s", most, strings.Join(left, ", ")), width))
	}
	if parts == nil {
		return nil
	}
	_, err := io.WriteString(w, strings.Join(parts, "\n\n")+"\n")
	return err
}

// text is the block within a width, which a table may go beyond up to another if it has to,
// and the columns that had no room.
func (b *Block) text(width, most int) (rendered string, left []string) {
	var below []string
	inner := width - b.Indent
	if b.Lead != nil {
		below = append(below, wrapAll(b.Lead, inner))
	}
	if b.Table != nil {
		t := b.Table.in(People)
		rendered, out := t.render(max(inner, min(t.least(), most-b.Indent)))
		below, left = append(below, rendered), out
	}
	if b.Lines != nil {
		below = append(below, wrapAll(b.Lines, inner))
	}
	between := "\n\n"
	if b.Indent > 0 {
		between = "\n"
		for i := range below {
			below[i] = indented(below[i], b.Indent)
		}
	}
	if b.Heading != "" {
		below = slices.Insert(below, 0, wrapLine(b.Heading, width))
	}
	return strings.Join(below, between), left
}

func wrapAll(lines []string, width int) string {
	return strings.Join(results.Map(lines, func(line string) string { return wrapLine(line, width) }), "\n")
}

func indented(s string, by int) string {
	indent := strings.Repeat(" ", by)
	return trimLines(indent + strings.ReplaceAll(s, "\n", "\n"+indent))
}

// wrapLine breaks what is too long between words, and keeps what stands before it.
func wrapLine(line string, width int) string {
	if text.LongestLineLen(line) <= width {
		return line
	}
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	if indent == "" {
		return trimLines(text.WrapSoft(line, width))
	}
	wrapped := trimLines(text.WrapSoft(strings.TrimLeft(line, " "), width-len(indent)))
	return indent + strings.ReplaceAll(wrapped, "\n", "\n"+indent)
}

func trimLines(s string) string {
	return eachLine(s, func(line string) string { return strings.TrimRight(line, " ") })
}

// render draws the table within a width, and names what of it had no room.
func (t *Table) render(width int) (rendered string, left []string) {
	for t.least() > width {
		spare := t.sparest()
		if spare < 0 {
			break
		}
		left = append(left, t.Columns[spare].Label())
		t = t.without(func(i int, _ Column) bool { return i == spare })
	}
	slices.Reverse(left)
	return t.draw(t.widths(width)), left
}

// sparest is the place of the column to leave out first, -1 if none may be.
func (t *Table) sparest() int {
	place := -1
	for i, c := range t.Columns {
		if c.Spare > 0 && (place < 0 || c.Spare >= t.Columns[place].Spare) {
			place = i
		}
	}
	return place
}

func (t *Table) padding() int {
	if t.Tight {
		return 1
	}
	return 2
}

// natural is the width of a column with nothing wrapped.
func (t *Table) natural(i int) int {
	widest := 0
	if !t.Bare {
		widest = text.LongestLineLen(t.Columns[i].Title)
	}
	for _, r := range t.Rows {
		widest = max(widest, text.LongestLineLen(r.Cells[i].people()))
	}
	return widest
}

// narrowest is the width of a column with everything wrapped that may be.
func (t *Table) narrowest(i int) int {
	if wrap := t.Columns[i].Wrap; wrap > 0 {
		return min(t.natural(i), wrap)
	}
	return t.natural(i)
}

// least is the narrowest that the table can be.
func (t *Table) least() int {
	sum := 0
	for i := range t.Columns {
		sum += t.narrowest(i) + t.padding()
	}
	return sum
}

// widths gives each column that may be wrapped its share of what the others leave.
func (t *Table) widths(width int) []int {
	widths := make([]int, len(t.Columns))
	spare, wanted := width-t.least(), 0
	for i := range t.Columns {
		widths[i] = t.narrowest(i)
		wanted += t.natural(i) - widths[i]
	}
	for i := range t.Columns {
		if more := t.natural(i) - widths[i]; more > 0 && spare > 0 {
			widths[i] += min(more, spare*more/wanted)
		}
	}
	return widths
}

// people is a cell's text, with what somebody says of it below.
func (c *Cell) people() string {
	if c.Said == "" {
		return c.Text
	}
	return c.Text + "\n“" + c.Said + "”"
}

// draw is the one set-up of go-pretty for terminals.
func (t *Table) draw(widths []int) string {
	w, configs := t.writer(!t.Bare, func(title string) string { return title }, (*Cell).people)
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Options.DrawBorder = false
	style.Options.SeparateColumns = false
	if t.Bare {
		style.Options = table.OptionsNoBordersAndSeparators
	}
	if t.Tight {
		style.Box.PaddingLeft = ""
	}
	w.SetStyle(style)
	for i, c := range t.Columns {
		if c.Wrap > 0 {
			configs[i].WidthMax, configs[i].WidthMaxEnforcer = widths[i], wrapLines
		}
	}
	w.SetColumnConfigs(configs)
	w.SuppressTrailingSpaces()
	return w.Render()
}

// writer has the rows of the table, and its titles if they are to be seen, as a form writes them.
func (t *Table) writer(header bool, title func(string) string, cell func(*Cell) string) (table.Writer, []table.ColumnConfig) {
	w := table.NewWriter()
	var titles table.Row
	configs := make([]table.ColumnConfig, len(t.Columns))
	for i, c := range t.Columns {
		align := text.AlignRight
		if c.Left {
			align = text.AlignLeft
		}
		configs[i] = table.ColumnConfig{Number: i + 1, Align: align, AlignHeader: align, VAlignHeader: text.VAlignBottom}
		titles = append(titles, title(c.Title))
	}
	if header {
		w.AppendHeader(titles)
	}
	for i, r := range t.Rows {
		if r.Break && i > 0 {
			w.AppendSeparator()
		}
		row := make(table.Row, len(r.Cells))
		for j := range r.Cells {
			row[j] = cell(&r.Cells[j])
		}
		w.AppendRow(row)
	}
	return w, configs
}

func wrapLines(cell string, width int) string {
	return eachLine(cell, func(line string) string { return text.WrapSoft(line, width) })
}

func eachLine(s string, of func(string) string) string {
	return strings.Join(results.Map(strings.Split(s, "\n"), of), "\n")
}

// Label is the column's title in one line.
func (c Column) Label() string {
	if c.Long != "" {
		return c.Long
	}
	return plainTitle(c.Title)
}

func plainTitle(title string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(title, "-\n", ""), "\n", " "))
}

// Markdown writes the document for a README.
func (d *Document) Markdown(w io.Writer) error {
	var parts []string
	for _, b := range d.Blocks {
		if b.Heading != "" {
			parts = append(parts, "### "+b.Heading)
		}
		parts = append(parts, b.Lead...)
		if b.Table != nil {
			w, configs := b.Table.in(People).writer(true, plainTitle, func(c *Cell) string { return strings.TrimSpace(strings.ReplaceAll(c.people(), "\n", " ")) })
			w.SetColumnConfigs(configs)
			parts = append(parts, w.RenderMarkdown())
		}
		parts = append(parts, b.Lines...)
	}
	if parts == nil {
		return nil
	}
	_, err := io.WriteString(w, strings.Join(parts, "\n\n")+"\n")
	return err
}
