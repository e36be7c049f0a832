package plots

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// entry is a line of the legend: a sample and its name.
type entry struct {
	name string
	line draw.LineStyle
	look *look // of its marker; nil for none
}

// legend has the models, and below them what the two lines of each are.
func (f *figure) legend() [][]entry {
	var models []entry
	for _, model := range f.models {
		l := f.lookOf(model)
		models = append(models, entry{model, l.line(), &l})
	}
	rows := breakRows(models)
	if f.beside != nil && len(models) > 0 {
		rows = append(rows, []entry{
			{"response latency: from the intended send", look{color: faded}.line(), nil},
			{"service latency: from the actual send", thinLine(faded), nil},
		})
	}
	return rows
}

// breakRows starts a new row where the figure ends.
func breakRows(entries []entry) [][]entry {
	var rows [][]entry
	used := vg.Length(0)
	for _, e := range entries {
		if len(rows) == 0 || used+e.width()-entryGap > figureWidth-2*margin {
			rows, used = append(rows, nil), 0
		}
		last := &rows[len(rows)-1]
		*last = append(*last, e)
		used += e.width()
	}
	return rows
}

// drawLegend draws the legend down from y.
func (f *figure) drawLegend(c *draw.Canvas, y vg.Length) {
	for _, row := range f.legend() {
		y -= legendRow
		x := c.Min.X
		for _, e := range row {
			e.draw(c, vg.Point{X: x, Y: y + 4})
			x += e.width()
		}
	}
}

func (e entry) draw(c *draw.Canvas, at vg.Point) {
	middle := at.Y + legendSize/3
	c.StrokeLine2(e.line, at.X, middle, at.X+sampleWidth, middle)
	if e.look != nil {
		e.look.marker.draw(c, vg.Point{X: at.X + sampleWidth/2, Y: middle}, e.look.color, false)
	}
	c.FillText(textStyle(legendSize, ink), vg.Point{X: at.X + sampleWidth + sampleGap, Y: at.Y}, e.name)
}

func (e entry) width() vg.Length {
	return sampleWidth + sampleGap + textStyle(legendSize, ink).Width(e.name) + entryGap
}
