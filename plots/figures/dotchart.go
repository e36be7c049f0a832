package figures

import (
	"image/color"
	"math"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	dotRowHeight = vg.Length(17)
	dotTextSize  = vg.Length(9)
	dotGap       = vg.Length(8) // between a dot and its text
	dotAxis      = vg.Length(36)
)

// dotChart has a row for each name and in each column a dot with a text at its end.
type dotChart struct {
	rows    []dotRow
	columns []dotColumn
}

var _ body = (*dotChart)(nil)

type dotColumn struct {
	title string
	x     look.Scale
	spans []read.Magnitude // behind all rows, from left to right
}

type dotRow struct {
	name string
	key  results.Key // of what the page filters it by
	look.Look
	marked bool      // shaded
	cells  []dotCell // by columns
}

// dotCell is drawn where its value is positive; infinity is at the right edge.
type dotCell struct {
	value     float64
	low, high float64 // of a bar; 0 is none
	thick     bool    // the bar, which is an interval
	hollow    bool
	beside    float64 // a second, small dot; 0 is none
	text      string
	frame     *read.Magnitude // that somebody claims; nil for none

	key   results.Key // of its point; where it has none that of the row
	known string      // for the page: the interval of its value
}

// within gives the cell an interval of its value as its bar, if that has both bounds; one of zeros is none.
func (cell dotCell) within(i stats.Interval, write func(float64) string) dotCell {
	if i.Bounded() && i != (stats.Interval{}) {
		cell.low, cell.high, cell.thick, cell.known = i.Low, i.High, true, between(i, write)
	}
	return cell
}

func (d *dotChart) height() vg.Length {
	return vg.Length(len(d.rows))*dotRowHeight + d.headHeight() + dotAxis
}

// headHeight is what titles of columns or names of spans take above the rows.
func (d *dotChart) headHeight() vg.Length {
	for _, c := range d.columns {
		if c.title != "" || len(c.spans) > 0 {
			return 18
		}
	}
	return 4
}

func (d *dotChart) draw(c draw.Canvas) {
	style := look.Text(dotTextSize, look.Ink)
	names := vg.Length(0)
	texts := make([]vg.Length, len(d.columns))
	free := c.Max.X - c.Min.X - vg.Length(len(d.columns)-1)*panelGap
	for _, row := range d.rows {
		names = max(names, style.Width(row.name)+dotGap)
		for i, cell := range row.cells {
			texts[i] = max(texts[i], style.Width(cell.text)+dotGap+look.MarkerRadius)
		}
	}
	free -= names
	for _, w := range texts {
		free -= w
	}
	x, width := c.Min.X+names, free/vg.Length(len(d.columns))
	for i := range d.columns {
		data := c
		data.Min.X, data.Max.X = x, x+width
		data.Min.Y, data.Max.Y = c.Min.Y+dotAxis-6, c.Max.Y-d.headHeight()
		d.drawColumn(data, i)
		x += width + texts[i] + panelGap
	}
}

func (d *dotChart) drawColumn(data draw.Canvas, column int) {
	col := &d.columns[column]
	note{class: "head"}.under(&data, func() {
		data.FillText(look.Text(look.LabelSize, look.Ink), vg.Point{X: data.Min.X, Y: data.Max.Y + 6}, col.title)
	})
	col.drawSpans(data)
	col.drawAxis(data)
	for i, row := range results.Each(d.rows) {
		y := data.Max.Y - (vg.Length(i)+0.5)*dotRowHeight
		n := row.note(col, column, data, y)
		n.row = i + 1
		note{class: "line", key: row.key, row: n.row}.under(&data, func() { row.drawGround(data, column, y) })
		n.under(&data, func() { row.cells[column].draw(data, col, row.Look, y) })
	}
}

// drawGround is what stands beside and behind the row's cell of a column.
func (row *dotRow) drawGround(data draw.Canvas, column int, y vg.Length) {
	if row.marked {
		fillRect(data, look.Marked, data.Min.X, y-dotRowHeight/2, data.Max.X, y+dotRowHeight/2)
	}
	if column == 0 {
		style := look.Text(dotTextSize, look.Ink)
		style.XAlign = draw.XRight
		data.FillText(style, vg.Point{X: data.Min.X - dotGap, Y: y - dotTextSize/3}, row.name)
	}
}

// note is of the row's cell of a column.
func (row *dotRow) note(col *dotColumn, column int, data draw.Canvas, y vg.Length) note {
	cell := &row.cells[column]
	n := note{class: "mark", key: cell.key, line: column + 1, said: []string{row.name}, at: vg.Point{X: data.Min.X, Y: y}}
	if n.key.Model == "" {
		n.key = row.key
	}
	n.said.Some(col.title)
	n.said = append(n.said, axisTitle(col.x.Label)+": "+cell.text)
	if cell.value > 0 {
		n.at.X = col.at(data, cell.value)
	}
	n.said.Some(cell.known)
	return n
}

// at is where a value is; what is beyond an edge, as infinity, or zero where the scale is
// logarithmic, is on that.
func (col *dotColumn) at(data draw.Canvas, v float64) vg.Length {
	return data.X(min(1, col.x.Share(max(v, col.x.Min))))
}

// drawSpans shades every second span, and names those that have room above.
func (col *dotColumn) drawSpans(data draw.Canvas) {
	for i, s := range col.spans {
		from, to := col.at(data, s.From), col.at(data, s.Below)
		if i%2 == 0 {
			fillRect(data, look.Shade, from, data.Min.Y, to, data.Max.Y)
		}
		style := look.Text(dotTextSize, look.Faded)
		style.XAlign = draw.XCenter
		if to-from > style.Width(s.Word) {
			note{class: "head"}.under(&data, func() { data.FillText(style, vg.Point{X: (from + to) / 2, Y: data.Max.Y + 6}, s.Word) })
		}
	}
}

func fillRect(c draw.Canvas, col color.Color, x0, y0, x1, y1 vg.Length) {
	c.FillPolygon(col, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
}

func (col *dotColumn) drawAxis(data draw.Canvas) {
	line := draw.LineStyle{Color: look.Faded, Width: look.BarWidth / 2}
	data.StrokeLine2(line, data.Min.X, data.Min.Y, data.Max.X, data.Min.Y)
	style := look.Text(look.TickSize, look.Ink)
	style.XAlign, style.YAlign = draw.XCenter, draw.YTop
	for _, tick := range col.x.Ticks {
		x, length := col.at(data, tick.Value), vg.Length(2)
		if !tick.IsMinor() {
			length = 4
			data.StrokeLine2(draw.LineStyle{Color: look.Rule, Width: look.RuleWidth}, x, data.Min.Y, x, data.Max.Y)
			data.FillText(style, vg.Point{X: x, Y: data.Min.Y - 5}, tick.Label)
		}
		data.StrokeLine2(line, x, data.Min.Y, x, data.Min.Y-length)
	}
	label := look.Text(look.LabelSize, look.Ink)
	label.XAlign = draw.XCenter
	data.FillText(label, vg.Point{X: data.Center().X, Y: data.Min.Y - 28}, col.x.Label)
}

func (cell *dotCell) draw(data draw.Canvas, col *dotColumn, l look.Look, y vg.Length) {
	if cell.frame != nil {
		col.drawFrame(data, cell.frame, y)
	}
	at, end := col.at(data, cell.value), data.Min.X
	if cell.value > 0 {
		data.StrokeLine2(draw.LineStyle{Color: look.Translucent(l.Color, leaderAlpha), Width: look.RuleWidth}, data.Min.X, y, at, y)
	}
	if cell.beside > 0 {
		end = col.at(data, cell.beside)
		look.Dot.Draw(&data, vg.Point{X: end, Y: y}, look.Faded, false)
	}
	if cell.value > 0 {
		end = max(end, at, cell.drawBar(data, col, l, y))
		shape := l.Marker
		if math.IsInf(cell.value, 1) {
			shape = look.Infinity
		}
		shape.Draw(&data, vg.Point{X: at, Y: y}, l.Color, cell.hollow)
	}
	data.FillText(look.Text(dotTextSize, look.Ink), vg.Point{X: end + dotGap, Y: y - dotTextSize/3}, cell.text)
}

// drawBar returns where the bar ends.
func (cell *dotCell) drawBar(data draw.Canvas, col *dotColumn, l look.Look, y vg.Length) vg.Length {
	if cell.high <= cell.low {
		return data.Min.X
	}
	line := l.Bar()
	if cell.thick {
		line = draw.LineStyle{Color: look.Translucent(l.Color, 2*bandAlpha), Width: stubWidth}
	}
	to := col.at(data, cell.high)
	data.StrokeLine2(line, col.at(data, cell.low), y, to, y)
	return to
}

func (col *dotColumn) drawFrame(data draw.Canvas, s *read.Magnitude, y vg.Length) {
	half := dotRowHeight/2 - 2.5
	from, to := col.at(data, s.From), col.at(data, s.Below)
	line := draw.LineStyle{Color: look.Frame, Width: look.ThinWidth, Dashes: []vg.Length{2.5, 2}}
	data.StrokeLines(line, []vg.Point{{X: from, Y: y - half}, {X: to, Y: y - half}, {X: to, Y: y + half}, {X: from, Y: y + half}, {X: from, Y: y - half}})
}

func dotScale(axis string, ticksOf look.Ticker) func(values []float64) look.Scale {
	return func(values []float64) look.Scale { return look.Log(axis+" (log scale)", ticksOf, values) }
}

// values are those for which the axis is to have room.
func (cell *dotCell) values() []float64 {
	all := []float64{cell.value, cell.low, cell.high, cell.beside}
	if f := cell.frame; f != nil {
		all = append(all, f.From, f.Below/1.2)
	}
	return all
}
