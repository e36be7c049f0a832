package figures

import (
	"cmp"
	"slices"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/stats"

	"gonum.org/v1/plot/vg"
)

// maxRanked is up to how many points have a column of dots each where models are many;
// lines between so few say less than the order of the models does.
const maxRanked = 3

// ranked is the figure as a row for each model, those first that are the best in the last
// column, or nil where the points are too many for that. Few models have lines already
// between two points.
func (f *figure) ranked(points []stats.Point) *dotChart {
	drawn := f.drawn(points)
	columns := wholeFacets(drawn)
	few := len(columns) == 1 || len(columns) <= maxRanked && len(f.models) > maxDirect
	if !few {
		return nil
	}
	d := &dotChart{rows: results.Map(f.models, func(model string) dotRow {
		cells := results.Map(columns, func(c facet) dotCell { return f.rankedCell(drawn, model, c) })
		return dotRow{name: model, key: results.Key{Model: model}, Look: f.Order.Of(model), cells: cells}
	})}
	last := len(columns) - 1
	slices.SortStableFunc(d.rows, func(a, b dotRow) int { return f.order(&a.cells[last], &b.cells[last]) })
	width := columnWidth(len(columns))
	for i, c := range columns {
		title := c.title()
		if f.idle() {
			title = results.Plural(c.clients, "connection")
		}
		d.columns = append(d.columns, dotColumn{title: title, x: f.rankedScale(d.rows, i, width)})
	}
	return d
}

// order puts the better value first, after all that may be ranked those that must not,
// and what has no value last.
func (f *figure) order(a, b *dotCell) int {
	place := func(c *dotCell) int {
		switch {
		case c.value == 0:
			return 2
		case c.hollow:
			return 1
		}
		return 0
	}
	byValue := cmp.Compare(a.value, b.value)
	if f.More {
		byValue = -byValue
	}
	return cmp.Or(place(a)-place(b), byValue)
}

func (f *figure) rankedCell(points []stats.Point, model string, c facet) dotCell {
	p := results.Find(points, func(p *stats.Point) bool { return p.Model == model && wholeFacet(p.Key) == c })
	if p == nil {
		return dotCell{text: results.Absent}
	}
	s, _ := f.spread(p)
	cell := dotCell{value: s.Median, low: s.Min, high: s.Max, hollow: p.Flagged(), text: f.Text(s.Median), key: p.Key}
	if f.beside != nil {
		cell.beside = p.Median(f.beside)
		if f.idle() {
			cell.text = memoryText(s.Median, cell.beside)
		}
	}
	return cell.within(p.Intervals[f.Figure], f.Text)
}

func columnValues(rows []dotRow, column int) []float64 {
	return slices.Concat(results.Map(rows, func(row dotRow) []float64 { return row.cells[column].values() })...)
}

// rankedScale is of one column; infinity is on its right edge.
func (f *figure) rankedScale(rows []dotRow, column int, width vg.Length) look.Scale {
	values := columnValues(rows, column)
	if f.log() {
		return dotScale(f.axis, f.ticks)(values).Thinned(width)
	}
	return look.Linear(f.axis, highest(values)).Thinned(width)
}

// columnWidth is what the data of one of so many columns has, about, at the least.
func columnWidth(columns int) vg.Length { return (textWidth-160)/vg.Length(columns) - 60 }
