package figures

import (
	"slices"
	"strings"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/stats"

	"gonum.org/v1/plot/vg"
)

// figure is a metric of points, in panels or in rows.
type figure struct {
	Drawer
	metric
	facets []facet
	values []float64 // that were tried, from left to right
	models []string  // that are drawn, in the legend's order
	tiles  *tiling   // a panel for each facet, or for each model of each
	rows   *dotChart // instead, where there are many models and few points
}

// sheet is the figure of points, drawn or not.
func (f *figure) sheet(points []stats.Point) *sheet {
	s := &sheet{
		name: f.name, title: f.title,
		subtitle: stats.Workload(points) + " · " + points[0].LoopLabel(),
		caption:  f.captionOf(points),
	}
	if f.rows != nil {
		s.title, _, _ = strings.Cut(f.title, " against ")
		s.body = f.rows
		return s
	}
	f.tiles.x = f.against.scale(f.values, f.tiles.panelWidth())
	s.legend, s.body = f.legend(), f.tiles
	return s
}

// legend has the models, unless they are named where their curves end, and below them
// what the two lines of each are.
func (f *figure) legend() [][]entry {
	var rows [][]entry
	if !f.tiles.direct && !f.tiles.apart {
		rows = breakRows(results.Map(f.models, func(model string) entry {
			l := f.lookOf(model)
			return entry{model, l.Line(), &l}
		}))
	}
	if f.beside != nil && len(f.models) > 0 {
		rows = append(rows, []entry{
			{f.lines[0], look.Look{Color: look.Faded}.Line(), nil},
			{f.lines[1], look.Thin(look.Faded), nil},
		})
	}
	return rows
}

// newPanel draws facet's points, sorted by value; the thin curves, whose marks are medians
// alone, come first, to be covered by the others.
func (f *figure) newPanel(facet facet, points []stats.Point) *panel {
	points = slices.DeleteFunc(slices.Clone(points), func(p stats.Point) bool {
		return f.against.facet(p.Key) != facet || !f.drawable(&p)
	})
	p := &panel{title: facet.title()}
	if f.beside != nil {
		p.add(f.perModel(points, true, func(p *stats.Point) (m mark) {
			m.y = p.Median(f.beside)
			m.least, m.most = m.y, m.y
			m.said = saidOf(p, f.beside.Title, f.beside.Text, m)
			return m
		})...)
	}
	p.add(f.perModel(points, false, func(p *stats.Point) mark {
		s, _ := f.spread(p)
		m := mark{y: s.Median, least: s.Min, most: s.Max, hollow: p.Flagged()}.within(p.Intervals[f.Figure])
		m.said = saidOf(p, f.Title, f.Text, m)
		return m
	})...)
	return p
}

// perModel makes a curve of each model; marks of 0 are of nothing that was measured.
func (f *figure) perModel(points []stats.Point, thin bool, markOf func(*stats.Point) mark) []curve {
	return results.Map(f.models, func(model string) curve {
		c := curve{model: model, Look: f.lookOf(model), thin: thin}
		for _, p := range results.Each(points) {
			if p.Model != model {
				continue
			}
			m := markOf(p)
			m.x, m.hollow, m.key = f.against.value(p), p.Flagged(), p.Key
			if m.y > 0 || !f.log() {
				c.marks = append(c.marks, m)
			}
		}
		return c
	})
}

// lookOf is the model's look; beside thin lines, which are dashed, it is solid.
func (f *figure) lookOf(model string) look.Look {
	l := f.Order.Of(model)
	if f.beside != nil {
		l.Dashes = nil
	}
	return l
}

// spreadModels shifts each model's curves, the same in all panels, by as much as
// keeps the models of one value together.
func (f *figure) spreadModels() {
	width := f.tiles.panelWidth()
	closest := f.against.scale(f.values, width).Closest(f.values)
	limit := vg.Length(3.2)
	if len(f.values) == 1 {
		limit = 24
	}
	step := min(limit, 0.6*width*vg.Length(closest)/vg.Length(len(f.models)))
	for _, p := range f.tiles.panels {
		for i := range p.curves {
			place := slices.Index(f.models, p.curves[i].model)
			p.curves[i].shift = step * (vg.Length(place) - vg.Length(len(f.models)-1)/2)
		}
	}
}
