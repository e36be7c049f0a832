package results

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Words are what somebody says of a row without a measurement, to stand beside what
// was measured.
type Words struct {
	Clients    string `json:"clients"`
	Complexity string `json:"complexity"`
	Blocking   string `json:"blocking"`
	Use        string `json:"use"`
}

// Source is how much source a row takes.
type Source struct{ Lines, Cyclomatic int }

// ComparisonTable is a comparison table to write: profiles, and what is known of their rows
// beside the measurement.
type ComparisonTable struct {
	Goal       Goal
	ClientRate float64 // requests/s of each client
	Saturating int     // clients
	Profiles   []Profile
	Words      map[string]Words  // by model; of those that there are
	Sources    map[string]Source // by model, too
	Env        *Environment
}

// profileColumn is a column of the table; words are those that stand beside its cells.
type profileColumn struct {
	title string
	name  string // in CSV, with its unit
	align text.Align
	cell  func(*ComparisonTable, *Profile) string
	plain func(*ComparisonTable, *Profile) string // for CSV, if it is not the cell
	words func(Words) string
}

var profileColumns = []profileColumn{
	{"model", "model", text.AlignLeft, func(_ *ComparisonTable, p *Profile) string { return p.Model }, nil, nil},
	{"max\nclients", "max_clients", text.AlignRight, func(_ *ComparisonTable, p *Profile) string { return Count(float64(p.Capacity.Clients)) },
		func(_ *ComparisonTable, p *Profile) string { return strconv.Itoa(p.Capacity.Clients) }, func(w Words) string { return w.Clients }},
	{"bound by", "bound", text.AlignLeft, boundCell, func(_ *ComparisonTable, p *Profile) string { return string(p.Capacity.Bound) }, nil},
	{"req/s\na CPU", "requests_per_cpu_second", text.AlignRight, intervalCell(func(p *Profile) *Interval { return p.PerCore }, Count),
		plainInterval(func(p *Profile) *Interval { return p.PerCore }), nil},
	{"p99\nat half", "p99_at_half_ns", text.AlignRight, halfCell, plainInterval(func(p *Profile) *Interval { return p.HalfP99 }), nil},
	{"", "p99_at_half_at_most_ns", text.AlignRight, nil, plainInterval(func(p *Profile) *Interval { return p.HalfAtMost }), nil},
	{"idle\nconn", "idle_connection_bytes", text.AlignRight, idleCell(bytesText), idleCell(shortest), nil},
	{"threads", "threads", text.AlignRight, threadsCell, threadsCell, nil},
	{"block", "threads_blocked", text.AlignRight, func(_ *ComparisonTable, p *Profile) string { return strconv.Itoa(p.Parked) }, nil,
		func(w Words) string { return w.Blocking }},
	{"lines", "lines", text.AlignRight, sourceCell(func(s Source) int { return s.Lines }), nil, func(w Words) string { return w.Complexity }},
	{"", "cyclomatic", text.AlignRight, nil, sourceCell(func(s Source) int { return s.Cyclomatic }), nil}, // lines are enough for people
	{"use, by these figures", "use", text.AlignLeft, func(_ *ComparisonTable, p *Profile) string { return p.Advice.Use }, nil, func(w Words) string { return w.Use }},
	{"", "because", text.AlignLeft, nil, func(_ *ComparisonTable, p *Profile) string { return p.Advice.Because }, nil}, // too wide for them
}

func boundCell(_ *ComparisonTable, p *Profile) string {
	if p.Capacity.At == 0 {
		return p.Capacity.BoundText()
	}
	return fmt.Sprintf("%s at %s", p.Capacity.BoundText(), Count(float64(p.Capacity.At)))
}

func intervalCell(of func(*Profile) *Interval, write func(float64) string) func(*ComparisonTable, *Profile) string {
	return func(_ *ComparisonTable, p *Profile) string {
		if i := of(p); i != nil {
			return write(i.Estimate)
		}
		return absent
	}
}

// halfCell is a latency, or one that the server's is at most.
func halfCell(c *ComparisonTable, p *Profile) string {
	if p.HalfAtMost != nil {
		return "≤ " + nanosText(p.HalfAtMost.Estimate)
	}
	return intervalCell(func(p *Profile) *Interval { return p.HalfP99 }, nanosText)(c, p)
}

func plainInterval(of func(*Profile) *Interval) func(*ComparisonTable, *Profile) string {
	return func(_ *ComparisonTable, p *Profile) string {
		if i := of(p); i != nil {
			return decimal(i.Estimate, true)
		}
		return ""
	}
}

func idleCell(write func(float64) string) func(*ComparisonTable, *Profile) string {
	return func(_ *ComparisonTable, p *Profile) string {
		if p.Idle == nil {
			return absent
		}
		return write(p.Idle.ResidentBytes)
	}
}

func threadsCell(_ *ComparisonTable, p *Profile) string {
	if p.Threads == 0 {
		return absent
	}
	return strconv.Itoa(p.Threads)
}

func sourceCell(of func(Source) int) func(*ComparisonTable, *Profile) string {
	return func(c *ComparisonTable, p *Profile) string {
		s, known := c.Sources[p.Model]
		if !known {
			return absent
		}
		return strconv.Itoa(of(s))
	}
}

// Write writes the table for people.
func (c *ComparisonTable) Write(w io.Writer, style TableStyle) error {
	shown := slices.DeleteFunc(slices.Clone(profileColumns), func(p profileColumn) bool { return p.cell == nil })
	t := table.NewWriter()
	var header table.Row
	var configs []table.ColumnConfig
	for i, column := range shown {
		header = append(header, headerCell(column.title, style))
		config := table.ColumnConfig{Number: i + 1, Align: column.align, AlignHeader: column.align, VAlignHeader: text.VAlignBottom}
		switch column.title {
		case modelTitle:
			config.WidthMax, config.WidthMaxEnforcer = modelWidth, wrapName
		case "bound by":
			config.WidthMax, config.WidthMaxEnforcer = boundWidth, wrapLines
		case "use, by these figures":
			config.WidthMax, config.WidthMaxEnforcer = useWidth, wrapLines
		}
		configs = append(configs, config)
	}
	t.AppendHeader(header)
	for i := range c.Profiles {
		t.AppendRow(c.row(&c.Profiles[i], shown, style))
	}
	t.SetColumnConfigs(configs)
	t.SetStyle(lightLines())
	t.SuppressTrailingSpaces()
	rendered := t.Render
	if style == Markdown {
		rendered = t.RenderMarkdown
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\n%s\n", rendered(), strings.Join(c.legend(), lineBreak(style)))
	_, err := w.Write(b.Bytes())
	return err
}

const (
	modelWidth = 16
	boundWidth = 15
	useWidth   = 22
)

// wrapLines wraps each line of a cell by itself.
func wrapLines(cell string, width int) string {
	lines := strings.Split(cell, "\n")
	for i, line := range lines {
		lines[i] = text.WrapSoft(line, width)
	}
	return strings.Join(lines, "\n")
}

func headerCell(title string, style TableStyle) string {
	if style == Markdown {
		return strings.ReplaceAll(strings.ReplaceAll(title, "-\n", ""), "\n", " ")
	}
	return title
}

// row is a profile's cells, with the words about it below them.
func (c *ComparisonTable) row(p *Profile, columns []profileColumn, style TableStyle) table.Row {
	between := "\n"
	if style == Markdown {
		between = " "
	}
	words, said := c.Words[p.Model]
	var row table.Row
	for _, column := range columns {
		cell := column.cell(c, p)
		if said && column.words != nil {
			cell += between + "“" + column.words(words) + "”"
		}
		row = append(row, cell)
	}
	return row
}

func (c *ComparisonTable) legend() []string {
	lines := []string{
		fmt.Sprintf("max clients: all connected and served, p99 of the response within %v at %s a second of each client, errors under 0.1 %%",
			c.Goal.P99, requests(c.ClientRate)),
		fmt.Sprintf("bound by: what keeps it from more, at the number where that was seen, which the search brings to within %.0f %% of max clients", 100*CapacityResolution),
		fmt.Sprintf("req/s a CPU: at saturation by %s; p99 at half: at half of the throughput there", plural(c.Saturating, "client")),
		"idle conn: resident memory of a connection that has sent nothing; block: threads that wait for one client each, of " + strconv.Itoa(c.Saturating) + " clients",
		"“…”: what the tutorial says",
	}
	if slices.ContainsFunc(c.Profiles, func(p Profile) bool { return p.HalfAtMost != nil }) {
		lines = slices.Insert(lines, 3, "≤: in each trial the client was late itself, or others had the machine; the server's own latency is at most that")
	}
	if c.Env != nil {
		lines = append(lines, "machine: "+c.Env.Machine()+", same-host", "CPUs: "+c.Env.Placement())
		lines = append(lines, c.Env.Warnings...)
	}
	return lines
}

func requests(n float64) string {
	if n == 1 {
		return "1 request"
	}
	return shortest(n) + " requests"
}

// WriteCSV writes a line of names and one for each profile. What is not known is
// empty.
func (c *ComparisonTable) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	record := make([]string, len(profileColumns))
	for i, column := range profileColumns {
		record[i] = column.name
	}
	_ = out.Write(record) // a failed write is kept by the writer and reported by Error
	for i := range c.Profiles {
		for j, column := range profileColumns {
			plain := column.plain
			if plain == nil {
				plain = column.cell
			}
			record[j] = strings.Trim(plain(c, &c.Profiles[i]), absent)
		}
		_ = out.Write(record)
	}
	out.Flush()
	return out.Error()
}
