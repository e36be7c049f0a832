package document

import (
	"slices"
	"strings"

	"connbench/results"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// render draws the table within a width, and names what of it had no room.
func (t *Table) render(width int) (rendered string, left []string) {
	if t.Continued && t.least() > width && len(t.Columns) > 2 {
		first, rest := t.cut(width)
		rendered, left = first.render(width)
		below, more := rest.render(width)
		return rendered + "\n\n" + below, append(left, more...)
	}
	for t.least() > width {
		spare := t.sparest()
		if spare < 0 {
			break
		}
		left = append(left, t.Columns[spare].Label())
		t = t.without(func(i int, _ Column) bool { return i == spare })
	}
	for t.folded(width).least() > width && len(t.Columns) > 2 {
		last := len(t.Columns) - 1
		left = append(left, t.Columns[last].Label())
		t = t.without(func(i int, _ Column) bool { return i == last })
	}
	slices.Reverse(left)
	t = t.folded(width)
	return t.draw(t.widths(width)), left
}

// cut is the table up to where it has room, and what is left of it, both with the first column.
func (t *Table) cut(width int) (first, rest *Table) {
	n := 2
	upTo := func(n int) *Table { return t.without(func(i int, _ Column) bool { return i >= n }) }
	for upTo(n+1).least() <= width {
		n++
	}
	first = upTo(n)
	first.Continued = false
	return first, t.without(func(i int, _ Column) bool { return i > 0 && i < n })
}

// leastName is how narrow a column of words gets at the least, where there is no room for names.
const leastName = 8

// folded is the table with its widest words broken, as far as there is no room for them.
func (t *Table) folded(width int) *Table {
	narrow := *t
	narrow.Columns = slices.Clone(t.Columns)
	for over := narrow.least() - width; over > 0; over = narrow.least() - width {
		widest := -1
		for i, c := range narrow.Columns {
			if c.Left && narrow.narrowest(i) > leastName && (widest < 0 || narrow.narrowest(i) > narrow.narrowest(widest)) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		narrow.Columns[widest].hard = narrow.Columns[widest].Wrap == 0 || narrow.Columns[widest].hard
		narrow.Columns[widest].Wrap = max(leastName, narrow.narrowest(widest)-over)
	}
	return &narrow
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
			if c.hard {
				configs[i].WidthMaxEnforcer = text.WrapText
			}
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
