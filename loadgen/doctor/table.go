package doctor

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// absent stands for what could not be read.
const absent = "–"

// The widths of the columns, which with two spaces each make 120.
const (
	verdictWidth = 7
	subjectWidth = 31
	valueWidth   = 26
	adviceWidth  = 48
)

// WriteTable shows a report for people, on a terminal of at least 120 columns: a
// table for each group, the worst first, and what it all comes to.
func WriteTable(w io.Writer, r *Report) error {
	var b strings.Builder
	for _, name := range []string{limitsGroup, settingsGroup, cpusGroup, noiseGroup} {
		if checks := r.group(name); len(checks) > 0 {
			fmt.Fprintf(&b, "%s\n\n%s\n\n", name, render(checks))
		}
	}
	if machine := r.Environment.Machine(); machine != "" {
		fmt.Fprintf(&b, "machine: %s\n", machine)
	}
	fmt.Fprintf(&b, "verdict on this machine: %s (%s)\n", r.Verdict, r.counts())
	_, err := io.WriteString(w, b.String())
	return err
}

func render(checks []Check) string {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Options.DrawBorder = false
	style.Options.SeparateColumns = false
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	t.AppendHeader(table.Row{"verdict", "what", "value", "what it means, what to do"})
	for _, c := range checks {
		value := strings.ReplaceAll(c.Value, listSeparator, "\n")
		if value == "" {
			value = absent
		}
		t.AppendRow(table.Row{c.Verdict, c.Subject, value, c.Advice})
	}
	var columns []table.ColumnConfig
	for i, width := range []int{verdictWidth, subjectWidth, valueWidth, adviceWidth} {
		columns = append(columns, table.ColumnConfig{Number: i + 1, WidthMin: width, WidthMax: width, WidthMaxEnforcer: text.WrapSoft})
	}
	t.SetColumnConfigs(columns)
	return t.Render()
}

// counts is how many checks came to each verdict, the worst first.
func (r *Report) counts() string {
	var parts []string
	for i := len(severity) - 1; i >= 0; i-- {
		n := 0
		for _, c := range r.Checks {
			if c.Verdict == severity[i] {
				n++
			}
		}
		noun := string(severity[i])
		if n > 1 && severity[i] == Warning {
			noun = "warnings"
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, noun))
		}
	}
	return strings.Join(parts, ", ")
}
