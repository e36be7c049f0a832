package document

import (
	"cmp"
	"math"
	"slices"

	"connbench/results"
	"connbench/results/stats"
)

// Tiered is [Points] for the page: each row with the tier that it has at its point, by which those of a
// point are sorted, those without one last.
func Tiered(points []stats.Point, rankings []stats.Ranking) Document {
	d := Points(points, nil)
	for _, b := range d.Blocks {
		if b.Table != nil {
			b.Table.tier(rankings)
		}
	}
	return d
}

// tier puts a column of tiers before the others, and sorts the rows by it within each point.
func (t *Table) tier(rankings []stats.Ranking) {
	load := func(r Row) results.Key {
		return results.Key{Clients: r.Source.Key.Clients, RateRPS: r.Source.Key.RateRPS}
	}
	points := results.Distinct(t.Rows, load)
	first := tierColumn
	if len(points) > 1 {
		first.Order = false
		by := "clients"
		if points[0].Clients == points[len(points)-1].Clients {
			by = "rate"
		}
		results.Find(t.Columns, func(c *Column) bool { return c.Title == by }).Order = true
	}
	t.Columns = slices.Insert(t.Columns, 0, first)
	for i := range t.Rows {
		t.Rows[i].Cells = slices.Insert(t.Rows[i].Cells, 0, tierOf(t.Rows[i].Source.Key, rankings))
	}
	slices.SortStableFunc(t.Rows, func(a, b Row) int {
		return cmp.Or(slices.Index(points, load(a))-slices.Index(points, load(b)), tierValue(a)-tierValue(b), len(a.Cells[0].Text)-len(b.Cells[0].Text))
	})
}

// tierOf is the tier of a row at its point, alone or with others.
func tierOf(k results.Key, rankings []stats.Ranking) Cell {
	r := results.Find(rankings, func(r *stats.Ranking) bool { return r.Key == k.Shared() })
	if r == nil {
		return none
	}
	s := results.Find(r.Standings, func(s *stats.Standing) bool { return s.Model == k.Model })
	if s == nil || s.First == 0 {
		return none
	}
	return tierCell(s)
}

// tierValue is greater of a row without a tier than any.
func tierValue(r Row) int {
	if tier, has := r.Cells[0].Value.(int); has {
		return tier
	}
	return math.MaxInt
}
