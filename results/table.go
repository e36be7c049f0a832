package results

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// TableStyle is where a table is going to be read.
type TableStyle int

const (
	// Terminal is for a terminal of at least 120 columns.
	Terminal TableStyle = iota
	// Markdown is for a README: GitHub's pipe tables under headings.
	Markdown
)

const (
	absent   = "–"
	flagMark = "!"

	terminalWidth = 120
	minModelWidth = 12
	maxModelWidth = 20
	minNotesWidth = 15
	cellPadding   = 2  // a space on either side
	maxFailure    = 60 // of a failure's text, in runes
)

// WriteTable shows points for people: a table for each work, loop and payload,
// under a heading that says which, the models of all networks together. Its
// figures are medians over the valid trials, except served, which is the fewest in
// any of them. Rows that must not be ranked are marked. Below come what the marks,
// the latencies of an open loop and the verdicts mean, and, unless env is nil, the
// machine and the CPUs.
func WriteTable(w io.Writer, points []Point, env *Environment, style TableStyle) error {
	var b bytes.Buffer
	for _, group := range workloads(points) {
		if style == Markdown {
			b.WriteString("### ")
		}
		fmt.Fprintf(&b, "%s\n\n%s\n\n", heading(group), render(group, style))
	}
	if len(points) == 0 {
		b.WriteString("No trials.\n\n")
	}
	b.WriteString(strings.Join(footer(points, env), lineBreak(style)))
	_, err := fmt.Fprintf(w, "%s\n", bytes.TrimSpace(b.Bytes()))
	return err
}

// workloads splits points into those of one table, in order of appearance, each
// sorted by clients and rate.
func workloads(points []Point) [][]Point {
	var order []Key
	groups := map[Key][]Point{}
	for _, p := range points {
		key := p.Key
		key.Model, key.Network, key.Framing, key.Clients, key.RateRPS = "", "", "", 0, 0
		if _, seen := groups[key]; !seen {
			order = append(order, key)
		}
		groups[key] = append(groups[key], p)
	}
	split := make([][]Point, len(order))
	for i, key := range order {
		split[i] = groups[key]
		slices.SortStableFunc(split[i], byLoad)
	}
	return split
}

func byLoad(a, b Point) int {
	return cmp.Or(cmp.Compare(a.Clients, b.Clients), cmp.Compare(a.RateRPS, b.RateRPS))
}

func heading(points []Point) string {
	k := points[0].Key
	return strings.Join([]string{Workload(points), Bytes(int64(k.PayloadBytes)), k.LoopLabel()}, " · ")
}

func footer(points []Point, env *Environment) []string {
	lines := legend(points)
	if env == nil {
		return lines
	}
	if machine := env.Machine(); machine != "" {
		lines = append(lines, "machine: "+machine+", same-host")
	}
	return append(append(lines, "CPUs: "+env.Placement()), env.Warnings...)
}

// legend explains what the tables have that does not explain itself.
func legend(points []Point) []string {
	var lines []string
	if slices.ContainsFunc(points, func(p Point) bool { return p.Loop == OpenLoop }) {
		lines = append(lines, "open loop: p50 and p99 count from the intended send, p99 service from the actual one")
	}
	if slices.ContainsFunc(points, func(p Point) bool { return p.Flagged() }) {
		lines = append(lines, flagMark+" "+FlagMeaning)
	}
	for _, e := range explanations {
		if slices.ContainsFunc(points, func(p Point) bool { return slices.Contains(p.Verdicts, e[0]) }) {
			lines = append(lines, e[0]+": "+e[1])
		}
	}
	return lines
}

// lineBreak ends a line of the footer: Markdown joins plain lines into one.
func lineBreak(style TableStyle) string {
	if style == Markdown {
		return "\n\n"
	}
	return "\n"
}

// render draws the points of one workload.
func render(points []Point, style TableStyle) string {
	columns := columnsOf(points[0].Loop)
	rows := make([][]string, len(points))
	for i := range points {
		for _, c := range columns {
			rows[i] = append(rows[i], c.cell(&points[i]))
		}
	}
	t := table.NewWriter()
	t.AppendHeader(header(columns, style))
	for i, cells := range rows {
		if i > 0 && byLoad(points[i-1], points[i]) != 0 {
			t.AppendSeparator()
		}
		t.AppendRow(tableRow(cells, style))
	}
	t.SetColumnConfigs(configs(columns, rows))
	if style == Markdown {
		return t.RenderMarkdown()
	}
	t.SetStyle(lightLines())
	t.SuppressTrailingSpaces()
	return t.Render()
}

func header(columns []column, style TableStyle) table.Row {
	var row table.Row
	for _, c := range columns {
		title := c.title
		if style == Markdown {
			title = strings.ReplaceAll(title, "\n", " ")
		}
		row = append(row, title)
	}
	return row
}

func tableRow(cells []string, style TableStyle) table.Row {
	row := make(table.Row, len(cells))
	for i, cell := range cells {
		if style == Markdown {
			cell = strings.TrimSpace(cell)
		}
		row[i] = cell
	}
	return row
}

// lightLines has rules between the groups and space between the columns: so
// many leave no room for vertical lines.
func lightLines() table.Style {
	s := table.StyleLight
	s.Format.Header = text.FormatDefault
	s.Options.DrawBorder = false
	s.Options.SeparateColumns = false
	return s
}

// configs gives the notes, the last column, the width that the others leave of
// a terminal, and the models less where that is too little. Markdown knows no
// widths and ignores them.
func configs(columns []column, rows [][]string) []table.ColumnConfig {
	configs := make([]table.ColumnConfig, len(columns))
	model, notes := 0, len(columns)-1
	left := terminalWidth
	for i, c := range columns {
		configs[i] = table.ColumnConfig{Number: i + 1, Align: c.align, AlignHeader: c.align, VAlignHeader: text.VAlignBottom}
		left -= cellPadding
		switch {
		case c.title == modelTitle:
			model = i
		case i != notes:
			left -= width(c, rows, i)
		}
	}
	widest := max(minModelWidth, min(maxModelWidth, left-minNotesWidth))
	configs[model].WidthMax = widest
	configs[model].WidthMaxEnforcer = wrapName
	configs[notes].WidthMax = max(minNotesWidth, left-min(widest, width(columns[model], rows, model)))
	configs[notes].WidthMaxEnforcer = text.WrapSoft
	return configs
}

// width is what column c takes, the i-th of rows.
func width(c column, rows [][]string, i int) int {
	widest := text.LongestLineLen(c.title)
	for _, row := range rows {
		widest = max(widest, text.LongestLineLen(row[i]))
	}
	return widest
}

// wrapName wraps a name that is too long after a hyphen, if it has one in reach.
func wrapName(name string, width int) string {
	if len(name) <= width {
		return name
	}
	i := strings.LastIndexByte(name[:width], '-') + 1
	if i == 0 {
		i = width
	}
	return name[:i] + "\n" + wrapName(name[i:], width)
}
