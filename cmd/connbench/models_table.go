package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"connbench/models"
	"connbench/models/source"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// The widths of text, in columns.
const (
	plainWidth = 100 // where the output is no terminal
	leastWidth = 80
	wideWidth  = 140 // from where on one table holds all
)

// width is how many columns w has.
func width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
			return max(leastWidth, columns)
		}
	}
	return plainWidth
}

// modelsTable shows all rows, and below which knobs they honour. Where there is
// little room, what they are comes in a table of its own.
func modelsTable(all []modelTraits, width int) string {
	name := traitColumn{"model", func(m *modelTraits) string { return m.Name }, text.AlignLeft}
	what := traitColumn{"what it is", func(m *modelTraits) string { return m.Summary }, text.AlignLeft}
	more := []traitColumn{
		{"unit of concurrency", func(m *modelTraits) string { return m.Unit }, text.AlignLeft},
		{"networks", func(m *modelTraits) string { return strings.Join(m.Networks, " ") }, text.AlignLeft},
		{"blocks", func(m *modelTraits) string { return yesNo(m.Blocking) }, text.AlignLeft},
		{"lines:\nown + shared", func(m *modelTraits) string { return amountCell(m.Source, amountLines) }, text.AlignRight},
		{"cyclomatic:\nown + shared", func(m *modelTraits) string { return amountCell(m.Source, amountCyclomatic) }, text.AlignRight},
	}
	var tables []string
	if width < wideWidth {
		tables = []string{
			traitTable(all, []traitColumn{name, what}, width),
			traitTable(all, slices.Concat([]traitColumn{name}, more), width),
		}
	} else {
		tables = []string{traitTable(all, slices.Concat([]traitColumn{name, what}, more), width)}
	}
	tables = append(tables, knobsTable(all, width),
		"own: in a model's own files, of an engine the adapter; shared: what it takes of other files\n"+
			"all of one: connbench models MODEL")
	return strings.Join(tables, "\n\n") + "\n"
}

// traitColumn is a column of a table of rows.
type traitColumn struct {
	title string
	cell  func(*modelTraits) string
	align text.Align
}

// traitTable gives the second column, which is text, the room that the others leave,
// and takes some from the first, the names, where that is too little.
func traitTable(all []modelTraits, columns []traitColumn, width int) string {
	t := newTable()
	var header table.Row
	left := width - 2*len(columns)
	configs := make([]table.ColumnConfig, len(columns))
	for i, c := range columns {
		header = append(header, c.title)
		configs[i] = table.ColumnConfig{Number: i + 1, Align: c.align, AlignHeader: c.align, VAlignHeader: text.VAlignBottom}
		if i != 1 {
			left -= columnWidth(all, c)
		}
	}
	t.AppendHeader(header)
	const leastText, leastName = 34, 20
	if name := columnWidth(all, columns[0]); left < leastText && name > leastName {
		configs[0].WidthMax = max(leastName, name-leastText+left)
		left += name - configs[0].WidthMax
	}
	configs[1].WidthMax, configs[1].WidthMaxEnforcer = max(leastName, left), text.WrapSoft
	t.SetColumnConfigs(configs)
	for i := range all {
		var row table.Row
		for _, c := range columns {
			row = append(row, c.cell(&all[i]))
		}
		t.AppendRow(row)
	}
	return t.Render()
}

func columnWidth(all []modelTraits, c traitColumn) int {
	widest := text.LongestLineLen(c.title)
	for i := range all {
		widest = max(widest, text.LongestLineLen(c.cell(&all[i])))
	}
	return widest
}

// newTable is a table with as few lines as can be.
func newTable() table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.Style().Options = table.Options{SeparateHeader: true}
	t.SuppressTrailingSpaces()
	return t
}

func amountLines(a *source.Amount) int      { return a.Lines }
func amountCyclomatic(a *source.Amount) int { return a.Cyclomatic }

// amountCell shows a figure of what is own and of what is shared.
func amountCell(c *source.Complexity, figure func(*source.Amount) int) string {
	if c == nil {
		return "–"
	}
	return fmt.Sprintf("%d + %4d", figure(&c.Own), figure(&c.Shared))
}

// knobsTable shows which rows honour a knob, those of the same rows together. Rows
// that have none are left out.
func knobsTable(all []modelTraits, width int) string {
	all = slices.DeleteFunc(slices.Clone(all), func(m modelTraits) bool { return len(m.Knobs) == 0 })
	var order []string
	knobs := map[string][]models.Knob{} // by the rows that honour them
	for _, m := range all {
		for _, k := range m.Knobs {
			by := honouredBy(k, all)
			if knobs[by] == nil {
				order = append(order, by)
			}
			if !slices.Contains(knobs[by], k) {
				knobs[by] = append(knobs[by], k)
			}
		}
	}
	t := newTable()
	t.AppendHeader(table.Row{"knobs", "honoured by"})
	const narrow = 30
	for _, by := range order {
		t.AppendRow(table.Row{list(knobs[by]), by})
	}
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 1, WidthMax: narrow, WidthMaxEnforcer: text.WrapSoft},
		{Number: 2, WidthMax: width - narrow - 4, WidthMaxEnforcer: text.WrapSoft},
	})
	return t.Render()
}

// honouredBy names the rows that honour a knob, or those that do not where they are
// fewer.
func honouredBy(knob models.Knob, all []modelTraits) string {
	var do, not []string
	for _, m := range all {
		if slices.Contains(m.Knobs, knob) {
			do = append(do, m.Name)
		} else {
			not = append(not, m.Name)
		}
	}
	switch {
	case len(not) == 0:
		return "all"
	case len(not) < len(do):
		return "all but " + strings.Join(not, ", ")
	default:
		return strings.Join(do, ", ")
	}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
