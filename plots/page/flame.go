package page

import (
	"fmt"
	"html/template"
	"slices"

	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
)

// Flame is a flame graph of a row, a fragment of package flame.
type Flame struct {
	Key   results.Key
	Title string
	Graph template.HTML

	Place int // of its row among those of the page's data, from 1
}

// addFlames adds where the servers' time goes, in numbers and as flame graphs, of which all but the
// first are closed.
func (p *page) addFlames(splits []read.Split, flames []Flame) {
	if len(splits) > 0 {
		d := document.Splits(splits)
		attribute(d.Blocks, splits)
		d.Blocks[0].Lead = []string{d.Verdict}
		p.add("time", "Where the time goes", "", d)
	}
	if len(flames) == 0 {
		return
	}
	for i := range flames {
		flames[i].Place = p.Data.addRow(&table{Table: &document.Table{}}, document.Row{Source: &document.Source{Key: flames[i].Key}})
	}
	p.Sections = append(p.Sections, section{
		ID: "flames", Title: "Flame graphs", Flames: flames,
		Note: "CPU time of the servers by function: a box is as wide as its share, below the function that called it. A click or Enter zooms in and Escape goes back; the arrow keys go from one to another, and / to the search." + left(splits, flames),
	})
}

// attribute gives each row of the tables its source, by which the page is narrowed: of a table of rows the
// next split of that name, of one of parts the split of the only row of the table before.
func attribute(blocks []document.Block, splits []read.Split) {
	ordered := slices.Concat(results.Grouped(splits, func(s read.Split) results.Key { return s.Key.Shared() })...)
	next, alone := 0, -1 // the split of the table before that has only one
	for _, b := range blocks {
		if b.Table == nil {
			continue
		}
		before := next
		for _, r := range results.Each(b.Table.Rows) {
			switch {
			case next < len(ordered) && r.Cells[0].Text == ordered[next].Key.Model:
				r.Source = &document.Source{Key: ordered[next].Key}
				next++
			case alone >= 0:
				r.Source = &document.Source{Key: ordered[alone].Key}
			}
		}
		if alone = -1; next == before+1 {
			alone = before
		}
	}
}

// left says which graphs are not on the page, if any are.
func left(splits []read.Split, flames []Flame) string {
	at := flames[0].Key.Shared()
	here := slices.DeleteFunc(slices.Clone(splits), func(s read.Split) bool { return s.Key.Shared() != at })
	said := ""
	if len(here) > len(flames) {
		said = fmt.Sprintf(" Here are those of the %d rows that take the least CPU a request.", len(flames))
	}
	if len(here) < len(splits) {
		said += fmt.Sprintf(" They are of the point with the most clients: %s.", document.At(flames[0].Key))
	}
	if said != "" {
		said += " All others are files too, figures/flame-….svg."
	}
	return said
}

// burns reports whether the page has flame graphs, and so needs their style and script.
func (p *page) burns() bool {
	return slices.ContainsFunc(p.Sections, func(s section) bool { return s.Flames != nil })
}
