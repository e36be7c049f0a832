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

func modelEntries(models []string, lookOf func(string) look) []entry {
	var entries []entry
	for _, model := range models {
		l := lookOf(model)
		entries = append(entries, entry{model, l.line(), &l})
	}
	return entries
}

// breakRows starts a new row where the figure ends.
func breakRows(entries []entry) [][]entry {
	var rows [][]entry
	used := vg.Length(0)
	for _, e := range entries {
		if len(rows) == 0 || used+e.width()-entryGap > textWidth {
			rows, used = append(rows, nil), 0
		}
		last := &rows[len(rows)-1]
		*last = append(*last, e)
		used += e.width()
	}
	return rows
}

// drawLegend draws rows down from y.
func drawLegend(c *draw.Canvas, rows [][]entry, y vg.Length) {
	for _, row := range rows {
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
