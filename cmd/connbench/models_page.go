package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"connbench/models"
	"connbench/models/source"

	"github.com/alecthomas/kong"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// modelPage is all about one row.
func modelPage(m *modelTraits, width int) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s  "+format+"\n", append([]any{name}, args...)...)
	}
	fmt.Fprintf(&b, "%s: %s\n\n", m.Name, m.Summary)
	line("networks", "%s", strings.Join(m.Networks, ", "))
	line("unit", "%s", m.Unit)
	line("blocking", "%s", yesNo(m.Blocking))
	if m.AtOnce > 0 {
		line("at once", "%d by default; the others wait", m.AtOnce)
	}
	if m.Engine != "" {
		line("engine", "%s", m.Engine)
	}
	for _, promise := range slices.Sorted(maps.Keys(m.Lacks)) {
		line("lacks", "%s: %s", promise, m.Lacks[promise])
	}
	if m.Source != nil {
		fmt.Fprintf(&b, "\n%s\n", sourceTable(m.Source))
	}
	if len(m.Settings) > 0 {
		fmt.Fprintf(&b, "\n%s\n", settingsTable(m.Settings, width))
	}
	return b.String()
}

// sourceTable is what the row takes of each file.
func sourceTable(c *source.Complexity) string {
	t := newTable()
	t.AppendHeader(table.Row{"source", "", "lines", "functions", "cyclomatic", "most complex"})
	row := func(name, whose string, a *source.Amount) {
		most := ""
		if a.MostComplex != nil {
			most = fmt.Sprintf("%s %d", a.MostComplex.Name, a.MostComplex.Cyclomatic)
		}
		t.AppendRow(table.Row{name, whose, a.Lines, a.Functions, a.Cyclomatic, most})
	}
	for i := range c.Files {
		f := &c.Files[i]
		row(f.File, whose(f.Shared), &f.Amount)
	}
	row("all its own", "", &c.Own)
	row("all it shares", "", &c.Shared)
	return t.Render()
}

func whose(shared bool) string {
	if shared {
		return "shared"
	}
	return "own"
}

// setting is a knob that a row honours, as a flag of serve and of run.
type setting struct {
	Knob    models.Knob `json:"knob"`
	Default string      `json:"default"`
	Allowed string      `json:"allowed"`
	Help    string      `json:"help"`
}

func settings(knobs []models.Knob) []setting {
	flags := map[string]*kong.Flag{}
	for _, f := range kong.Must(&serveCommand{}).Model.Flags {
		flags[f.Name] = f
	}
	all := []setting{}
	for _, k := range knobs {
		f := flags[string(k)]
		standard := f.Default
		if f.IsBool() && standard == "" {
			standard = "false"
		}
		all = append(all, setting{k, standard, k.Allowed(), f.Help})
	}
	return all
}

func settingsTable(all []setting, width int) string {
	t := newTable()
	t.AppendHeader(table.Row{"knob", "default", "allowed", "what it is"})
	for _, s := range all {
		t.AppendRow(table.Row{"--" + s.Knob, s.Default, s.Allowed, s.Help})
	}
	const names, allowed = 14 + 8, 30
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 3, WidthMax: allowed, WidthMaxEnforcer: text.WrapSoft},
		{Number: 4, WidthMax: width - names - allowed - 4*2, WidthMaxEnforcer: text.WrapSoft},
	})
	return t.Render()
}
