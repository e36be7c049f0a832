package plots

import (
	"cmp"
	"fmt"
	"slices"


	"connbench/results"
	"connbench/results/read"
)

// magnitudes are the words in which numbers of clients are told where nobody measured
// them, and the numbers that they stand for.
var magnitudes = []dotSpan{
	{"tens", 10, 100},
	{"hundreds", 100, 1000},
	{"thousands", 1000, 10e3},
	{"tens of thousands", 10e3, 100e3},
}

// TableFigures writes into dir the figures of a comparison table, each row of it a row of
// theirs: the most clients, and the memory of an idle connection where it is known. The
// paths written are returned, also with an error, which is [ErrNoFigures] where no row
// has either.
func TableFigures(dir string, c *results.ComparisonTable) ([]string, error) {
	var sheets []*sheet
	for _, of := range []func(*results.ComparisonTable) *sheet{capacitySheet, idleSheet} {
		if s := of(c); s != nil {
			sheets = append(sheets, s)
		}
	}
	return saveAll(dir, sheets, fmt.Sprintf("a table of %d rows", len(c.Profiles)))
}

// capacitySheet has the row with the most clients first.
func capacitySheet(c *results.ComparisonTable) *sheet {
	profiles := slices.Clone(c.Profiles)
	slices.SortStableFunc(profiles, func(a, b read.Profile) int { return cmp.Compare(b.Capacity.Clients, a.Capacity.Clients) })
	d := &dotChart{}
	values := []float64{100, 10e3}
	claimed := false
	for i := range profiles {
		p := &profiles[i]
		cell := dotCell{value: float64(p.Capacity.Clients), text: capacityText(&p.Capacity)}
		if words, said := c.Words[p.Model]; said {
			cell.frame = magnitude(words.Clients)
		}
		if cell.frame != nil {
			claimed = true
			values = append(values, cell.frame.from, cell.frame.to/1.2)
		}
		values = append(values, cell.value)
		d.rows = append(d.rows, dotRow{name: p.Model, look: lookOf(p.Model), cells: []dotCell{cell}})
	}
	if !slices.ContainsFunc(d.rows, func(r dotRow) bool { return r.cells[0].value > 0 }) {
		return nil
	}
	column := dotColumn{x: dotScale("clients", countTicks, values)}
	for _, s := range magnitudes {
		if s.to > column.x.min && s.from < column.x.max {
			column.spans = append(column.spans, dotSpan{s.name, max(s.from, column.x.min), min(s.to, column.x.max)})
		}
	}
	d.columns = []dotColumn{column}
	caption := fmt.Sprintf("The most clients, each with %s, that were all connected and served with a p99 of at most %s and errors under 0.1 %%, "+
		"found by a search and tried once more; beside it what kept the row from more.", clientRate(c.ClientRate), c.Goal.P99)
	if claimed {
		caption += " Dashed frames are what the tutorial says of such a row, without a measurement."
	}
	return &sheet{
		name: "max-clients", title: "The most clients of each row", subtitle: "open loop, a rate for each client",
		caption: balance(caption + " " + where(c.Env)), body: d,
	}
}

func clientRate(rps float64) string {
	if rps == 1 {
		return "a request a second"
	}
	return results.Count(rps) + " requests/s"
}

func magnitude(word string) *dotSpan {
	i := slices.IndexFunc(magnitudes, func(s dotSpan) bool { return s.name == word })
	if i < 0 {
		return nil
	}
	return &magnitudes[i]
}

// capacityText is the number and its bound: "8450 · latency".
func capacityText(c *read.Capacity) string {
	bound := string(c.Bound)
	if c.Bound == read.BoundSearch {
		bound = "no bound found"
	}
	return fmt.Sprintf("%d · %s", c.Clients, bound)
}

// idleSheet has the row with the smallest connections first.
func idleSheet(c *results.ComparisonTable) *sheet {
	profiles := slices.DeleteFunc(slices.Clone(c.Profiles), func(p read.Profile) bool { return p.Idle == nil })
	if len(profiles) == 0 {
		return nil
	}
	slices.SortStableFunc(profiles, func(a, b read.Profile) int { return cmp.Compare(a.Idle.ResidentBytes, b.Idle.ResidentBytes) })
	d := &dotChart{}
	var values []float64
	for i := range profiles {
		p := &profiles[i]
		cell := dotCell{value: p.Idle.ResidentBytes}
		if p.Idle.KernelBytes != nil {
			cell.beside = *p.Idle.KernelBytes
		}
		cell.text = memoryText(cell.value, cell.beside)
		values = append(values, cell.value, cell.beside)
		d.rows = append(d.rows, dotRow{name: p.Model, look: lookOf(p.Model), cells: []dotCell{cell}})
	}
	d.columns = []dotColumn{{x: dotScale("bytes for each connection", byteTicks, values)}}
	return &sheet{
		name: "idle-memory", title: "Memory of an idle connection", subtitle: "of each row where it served the most clients",
		caption: balance(idleCaption + " " + where(c.Env)), body: d,
	}
}
