package figures

import (
	"connbench/plots/look"
	"connbench/results"

	"image/color"

	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// heatMaps are one below the other, on one scale of colours.
type heatMaps struct {
	maps        []heatMap
	best, worst string // what the ends of the scale are
}

var _ body = (*heatMaps)(nil)

type heatMap struct {
	title         string
	rows, columns []string
	rowAxis       string
	columnAxis    string
	cells         [][]heatCell // by rows
	marked        int          // a row, -1 for none
}

// heatCell is shaded from 0, the best, to 1.
type heatCell struct {
	text, below string
	shade       float64
	hatched     bool // it has no valid trial
	key         results.Key
}

const (
	cellHeight  = vg.Length(29)
	cellSize    = vg.Length(9.5) // of its text
	belowSize   = vg.Length(8)
	widestCell  = vg.Length(130)
	heatHead    = vg.Length(30) // axis and names of columns
	heatTitle   = vg.Length(16)
	heatKey     = vg.Length(26) // the scale of colours
	heatGap     = vg.Length(14)
	keyWidth    = vg.Length(140)
	hatchSpace  = vg.Length(7)
	darkFrom    = 0.57 // the shade from which text is light
	markedWidth = vg.Length(2)
)

// shades are the more luminous the better, and so monotone in grey too.
var shades = func() []color.Color {
	controls := []color.Color{color.NRGBA{R: 0x10, G: 0x2A, B: 0x5C, A: 0xFF}, color.NRGBA{R: 0x2F, G: 0x7F, B: 0x9E, A: 0xFF}, color.NRGBA{R: 0xF4, G: 0xF1, B: 0xDC, A: 0xFF}}
	luminance, err := moreland.NewLuminance(controls)
	if err != nil {
		panic(err) // the controls are constants, and tested
	}
	luminance.SetMax(1)
	return luminance.Palette(256).Colors()
}()

// Text on a shade is as it is on light and on dark ground.
var (
	darkText  = color.NRGBA{R: 0x20, G: 0x20, B: 0x20, A: 0xFF}
	lightText = color.NRGBA{R: 0xFE, G: 0xFE, B: 0xFE, A: 0xFF}
)

func shadeOf(v float64) color.Color {
	return shades[int((1-min(1, max(0, v)))*float64(len(shades)-1))]
}

func (m *heatMap) height() vg.Length { return m.headHeight() + vg.Length(len(m.rows))*cellHeight }

func (m *heatMap) headHeight() vg.Length {
	if m.title == "" {
		return heatHead
	}
	return heatHead + heatTitle
}

func (h *heatMaps) height() vg.Length {
	total := heatKey
	for i := range h.maps {
		total += h.maps[i].height() + heatGap
	}
	return total
}

func (h *heatMaps) draw(c draw.Canvas) {
	h.drawKey(c)
	names := vg.Length(0)
	for i := range h.maps {
		for _, name := range append(h.maps[i].rows, h.maps[i].rowAxis) {
			names = max(names, look.Text(look.TickSize, look.Ink).Width(name)+16)
		}
	}
	y := c.Max.Y - heatKey
	for _, m := range results.Each(h.maps) {
		width := min(widestCell, (textWidth-names)/vg.Length(len(m.columns)))
		m.draw(c, vg.Point{X: c.Min.X + names, Y: y}, width)
		y -= m.height() + heatGap
	}
}

func (h *heatMaps) drawKey(c draw.Canvas) {
	style := look.Text(look.TickSize, look.Ink)
	y, height := c.Max.Y-12, vg.Length(10)
	c.FillText(style, vg.Point{X: c.Min.X, Y: y + 2}, h.best)
	x := c.Min.X + style.Width(h.best) + 6
	const steps = 64
	for i := range steps {
		from := x + keyWidth*vg.Length(i)/steps
		fillRect(c, shadeOf((float64(i)+0.5)/steps), from, y, from+keyWidth/steps+0.3, y+height)
	}
	strokeRect(c, look.Faded, look.RuleWidth, x, y, x+keyWidth, y+height)
	c.FillText(style, vg.Point{X: x + keyWidth + 6, Y: y + 2}, h.worst)
}

func strokeRect(c draw.Canvas, col color.Color, width, x0, y0, x1, y1 vg.Length) {
	c.StrokeLines(draw.LineStyle{Color: col, Width: width}, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}, {X: x0, Y: y0}})
}

// draw draws the map with its names around the cells, whose left edge is at x, below y.
func (m *heatMap) draw(c draw.Canvas, at vg.Point, width vg.Length) {
	label, axis := look.Text(look.TickSize, look.Ink), look.Text(look.LabelSize, look.Faded)
	c.FillText(look.Text(look.LabelSize, look.Ink), vg.Point{X: c.Min.X, Y: at.Y - 11}, m.title)
	axis.XAlign, label.XAlign = draw.XRight, draw.XRight
	top := at.Y - m.headHeight()
	c.FillText(axis, vg.Point{X: at.X - 8, Y: top + 5}, m.rowAxis)
	axis.XAlign = draw.XLeft
	c.FillText(axis, vg.Point{X: at.X, Y: top + 18}, m.columnAxis)
	for i, name := range m.rows {
		y := top - vg.Length(i+1)*cellHeight
		c.FillText(label, vg.Point{X: at.X - 8, Y: y + cellHeight/2 - look.TickSize/3}, name)
		for j, cell := range m.cells[i] {
			x := at.X + vg.Length(j)*width
			n := note{class: "mark", key: cell.key, line: j + 1, said: []string{m.rowAxis + " " + name, m.columnAxis + " " + m.columns[j], cell.text}, at: vg.Point{X: x + width/2, Y: y + cellHeight/2}}
			n.said.Some(cell.below)
			n.under(&c, func() { cell.draw(c, x, y, x+width-1, y+cellHeight-1) })
		}
	}
	label.XAlign = draw.XCenter
	for j, name := range m.columns {
		c.FillText(label, vg.Point{X: at.X + (vg.Length(j)+0.5)*width, Y: top + 5}, name)
	}
	if m.marked >= 0 {
		y := top - vg.Length(m.marked+1)*cellHeight
		strokeRect(c, look.Accent, markedWidth, at.X-1, y-1, at.X+vg.Length(len(m.columns))*width, y+cellHeight)
	}
}

func (cell *heatCell) draw(c draw.Canvas, x0, y0, x1, y1 vg.Length) {
	col := darkText
	switch {
	case cell.hatched:
		col = look.Faded
		hatch(c, x0, y0, x1, y1)
	default:
		fillRect(c, shadeOf(cell.shade), x0, y0, x1, y1)
		if cell.shade > darkFrom {
			col = lightText
		}
	}
	style := look.Text(cellSize, col)
	style.XAlign = draw.XCenter
	middle := (x0 + x1) / 2
	if cell.below == "" {
		c.FillText(style, vg.Point{X: middle, Y: (y0+y1)/2 - cellSize/3}, cell.text)
		return
	}
	c.FillText(style, vg.Point{X: middle, Y: (y0+y1)/2 + 1.5}, cell.text)
	style.Font = look.Text(belowSize, col).Font
	c.FillText(style, vg.Point{X: middle, Y: y0 + 4.5}, cell.below)
}

// hatch fills a rectangle with lines that rise to the right.
func hatch(c draw.Canvas, x0, y0, x1, y1 vg.Length) {
	line := draw.LineStyle{Color: look.Rule, Width: look.BarWidth}
	for offset := y0 - y1; offset < x1-x0; offset += hatchSpace {
		from, to := max(0, offset), min(x1-x0, offset+y1-y0)
		c.StrokeLine2(line, x0+from, y0+from-offset, x0+to, y0+to-offset)
	}
	strokeRect(c, look.Rule, look.BarWidth, x0, y0, x1, y1)
}
