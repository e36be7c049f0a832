package figures

import (
	"slices"
	"strings"

	"connbench/plots/look"
	"connbench/results/stats"

	"gonum.org/v1/plot/vg"
)

// figure is a metric of points, in panels.
type figure struct {
	Drawer
	metric
	facets []facet
	panels []*panel  // of the facets
	values []float64 // that were tried, from left to right
	models []string  // that are drawn, in the legend's order
	rows   *dotChart // instead of the panels, where there are many models and few points
	apart  bool      // each panel is of one model, as there are many
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
	s.legend, s.body = f.legend(), f.tiling()
	return s
}

func (f *figure) tiling() *tiling {
	t := &tiling{
		panels: f.panels, columns: f.columns(), each: panelHeight, y: f.valueScales(),
		common: f.commonScale(), direct: f.direct(), sparse: f.apart,
	}
	switch {
	case f.apart:
		t.each = smallHeight
	case f.beside != nil:
		t.each = tallHeight
	}
	t.x = f.against.scale(f.values, panelWidth(t.columns, t.labelWidth()))
	return t
}

// columns is how many panels stand side by side.
func (f *figure) columns() int {
	if f.apart {
		return apartColumns
	}
	return columnsOf(len(f.panels), 3)
}

// direct reports whether there is room for the models' names where their curves end.
func (f *figure) direct() bool { return !f.apart && f.columns() <= 2 }

// panelWidth is that of a panel's data, about.
func (f *figure) panelWidth() vg.Length {
	labels := vg.Length(0)
	if f.direct() {
		labels = directWidth(f.panels)
	}
	return panelWidth(f.columns(), labels)
}

// legend has the models, unless they are named where their curves end, and below them
// what the two lines of each are.
func (f *figure) legend() [][]entry {
	var rows [][]entry
	if !f.direct() && !f.apart {
		rows = breakRows(modelEntries(f.models, f.lookOf))
	}
	if f.beside != nil && len(f.models) > 0 {
		rows = append(rows, []entry{
			{f.lines[0], look.Look{Color: look.Faded}.Line(), nil},
			{f.lines[1], look.Thin(look.Faded), nil},
		})
	}
	return rows
}

// newPanel draws facet's points, sorted by value; the thin curves come first, to be
// covered by the others.
func (f *figure) newPanel(facet facet, points []stats.Point) *panel {
	points = slices.DeleteFunc(slices.Clone(points), func(p stats.Point) bool {
		return f.against.facet(p.Key) != facet || !f.drawable(&p)
	})
	p := &panel{title: facet.title()}
	if f.beside != nil {
		p.add(f.thinCurves(points))
	}
	p.add(f.curves(points))
	return p
}

func (f *figure) curves(points []stats.Point) []curve {
	return f.perModel(points, func(p *stats.Point) mark {
		s, _ := f.spread(p)
		m := mark{x: f.against.value(p), y: s.Median, least: s.Min, most: s.Max, hollow: p.Flagged()}
		if i, has := p.Intervals[f.Figure]; has && i.Bounded() {
			m.low, m.high, m.bounded = i.Low, i.High, true
		}
		return m
	})
}

// thinCurves have no bars: their marks are medians alone.
func (f *figure) thinCurves(points []stats.Point) []curve {
	curves := f.perModel(points, func(p *stats.Point) mark {
		v := p.Median(f.beside)
		return mark{x: f.against.value(p), y: v, least: v, most: v, hollow: p.Flagged()}
	})
	for i := range curves {
		curves[i].thin = true
	}
	return curves
}

// perModel makes a curve of each model; marks of 0 are of nothing that was measured.
func (f *figure) perModel(points []stats.Point, markOf func(*stats.Point) mark) []curve {
	curves := make([]curve, len(f.models))
	for i, model := range f.models {
		curves[i] = curve{model: model, Look: f.lookOf(model)}
		for j := range points {
			if points[j].Model != model {
				continue
			}
			if m := markOf(&points[j]); m.y > 0 || !f.log() {
				curves[i].marks = append(curves[i].marks, m)
			}
		}
	}
	return curves
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
	width := f.panelWidth()
	closest := f.against.scale(f.values, width).Closest(f.values)
	limit := vg.Length(3.2)
	if len(f.values) == 1 {
		limit = 24
	}
	step := min(limit, 0.6*width*vg.Length(closest)/vg.Length(len(f.models)))
	for _, p := range f.panels {
		for i := range p.curves {
			place := slices.Index(f.models, p.curves[i].model)
			p.curves[i].shift = step * (vg.Length(place) - vg.Length(len(f.models)-1)/2)
		}
	}
}
