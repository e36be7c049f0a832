package results

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
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
	maxModelWidth = 20
	minNotesWidth = 14
	cellPadding   = 2  // a space on either side
	maxFailure    = 60 // of a failure's text, in runes
)

// column is one column of a table; its title has a line break where the
// terminal needs one to stay narrow.
type column struct {
	title string
	align text.Align
	cell  func(*Point) string
}

var columns = []column{
	{"clients", text.AlignRight, func(p *Point) string { return strconv.Itoa(p.Clients) }},
	{"model", text.AlignLeft, modelCell},
	{"req/s", text.AlignRight, measured(func(p *Point) string { return Count(p.Throughput.Median) })},
	{"p50", text.AlignRight, measured(func(p *Point) string { return nanos(p.P50) })},
	{"p99", text.AlignRight, measured(func(p *Point) string { return nanos(p.P99) })},
	{"server\nCPU/req", text.AlignRight, ofServer(func(p *Point) string { return nanos(p.ServerCPU) })},
	{"client\nCPU/req", text.AlignRight, clientCell},
	{"server\nRSS MiB", text.AlignRight, ofServer(func(p *Point) string { return shortest(significant(p.ServerRSS.Median / (1 << 20))) })},
	{"threads", text.AlignRight, ofServer(func(p *Point) string { return shortest(p.Threads.Median) })},
	{"served", text.AlignRight, measured(func(p *Point) string { return fmt.Sprintf("%.0f/%d", p.Served.Min, p.Clients) })},
	{"valid\ntrials", text.AlignRight, func(p *Point) string { return fmt.Sprintf("%d/%d", p.Valid, p.Trials) }},
	{"notes", text.AlignLeft, notes},
}

const modelColumn = 1

func nanos(s Spread) string { return Nanos(s.Median).String() }

func measured(cell func(*Point) string) func(*Point) string {
	return func(p *Point) string {
		if !p.HasFigures() {
			return absent
		}
		return cell(p)
	}
}

func ofServer(cell func(*Point) string) func(*Point) string {
	return func(p *Point) string {
		if !p.HasServer {
			return absent
		}
		return cell(p)
	}
}

func clientCell(p *Point) string {
	if !p.HasClientCPU {
		return absent
	}
	return nanos(p.ClientCPU)
}

// modelCell keeps the names of flagged and other models in one column.
func modelCell(p *Point) string {
	if p.Flagged() {
		return flagMark + " " + p.Model
	}
	return "  " + p.Model
}

// notes is why a row may need a second look: errors, verdicts, failures.
func notes(p *Point) string {
	var parts []string
	for _, class := range slices.Sorted(maps.Keys(p.Errors)) {
		parts = append(parts, class+" "+Count(float64(p.Errors[class])))
	}
	parts = append(parts, p.Verdicts...)
	if n := len(p.Failures); n > 0 {
		parts = append(parts, fmt.Sprintf("%d failed: %s", n, shorten(oneLine(p.Failures[0]))))
	}
	return strings.Join(parts, ", ")
}

func shorten(failure string) string {
	runes := []rune(failure)
	if len(runes) <= maxFailure {
		return failure
	}
	return string(runes[:maxFailure-1]) + "…"
}

// WriteTable shows points for people: a table for each work, loop and payload,
// under a heading that says which, the models of all networks together. Its figures are medians over
// the valid trials, except served, which is the fewest in any of them. Rows that
// must not be ranked are marked, with a legend. Below come the machine and the
// CPUs, unless env is nil.
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
// sorted by clients.
func workloads(points []Point) [][]Point {
	var order []Key
	groups := map[Key][]Point{}
	for _, p := range points {
		key := p.Key
		key.Model, key.Network, key.Framing, key.Clients = "", "", "", 0
		if _, seen := groups[key]; !seen {
			order = append(order, key)
		}
		groups[key] = append(groups[key], p)
	}
	split := make([][]Point, len(order))
	for i, key := range order {
		split[i] = groups[key]
		slices.SortStableFunc(split[i], func(a, b Point) int { return a.Clients - b.Clients })
	}
	return split
}

func heading(points []Point) string {
	k := points[0].Key
	return strings.Join([]string{Workload(points), Bytes(int64(k.PayloadBytes)), k.Loop.Label()}, " · ")
}

func footer(points []Point, env *Environment) []string {
	var lines []string
	if slices.ContainsFunc(points, func(p Point) bool { return p.Flagged() }) {
		lines = append(lines, flagMark+" "+FlagMeaning)
	}
	if env == nil {
		return lines
	}
	if machine := env.Machine(); machine != "" {
		lines = append(lines, "machine: "+machine+", same-host")
	}
	return append(lines, "CPUs: "+env.Placement())
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
	rows := make([][]string, len(points))
	for i := range points {
		for _, c := range columns {
			rows[i] = append(rows[i], c.cell(&points[i]))
		}
	}
	t := table.NewWriter()
	t.AppendHeader(header(style))
	for i, cells := range rows {
		if i > 0 && points[i].Clients != points[i-1].Clients {
			t.AppendSeparator()
		}
		t.AppendRow(tableRow(cells, style))
	}
	t.SetColumnConfigs(configs(rows))
	if style == Markdown {
		return t.RenderMarkdown()
	}
	t.SetStyle(lightLines())
	t.SuppressTrailingSpaces()
	return t.Render()
}

func header(style TableStyle) table.Row {
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

// lightLines has rules between the groups and space between the columns: twelve
// columns leave no room for vertical lines.
func lightLines() table.Style {
	s := table.StyleLight
	s.Format.Header = text.FormatDefault
	s.Options.DrawBorder = false
	s.Options.SeparateColumns = false
	return s
}

// configs gives the notes, the last column, the width that the others leave of
// a terminal. Markdown knows no widths and ignores them.
func configs(rows [][]string) []table.ColumnConfig {
	configs := make([]table.ColumnConfig, len(columns))
	left := terminalWidth
	for i, c := range columns {
		configs[i] = table.ColumnConfig{Number: i + 1, Align: c.align, AlignHeader: c.align, VAlignHeader: text.VAlignBottom}
		left -= cellPadding
		switch i {
		case modelColumn:
			configs[i].WidthMax = maxModelWidth
			left -= min(maxModelWidth, width(rows, i))
		case len(columns) - 1:
			configs[i].WidthMax = max(minNotesWidth, left)
			configs[i].WidthMaxEnforcer = text.WrapSoft
		default:
			left -= width(rows, i)
		}
	}
	return configs
}

func width(rows [][]string, i int) int {
	widest := text.LongestLineLen(columns[i].title)
	for _, row := range rows {
		widest = max(widest, text.LongestLineLen(row[i]))
	}
	return widest
}
