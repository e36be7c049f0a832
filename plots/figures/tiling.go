package figures

import (
	"connbench/plots/look"

	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	panelHeight = vg.Length(262)
	tallHeight  = vg.Length(330) // with two lines a model
	panelGap    = vg.Length(18)
	smallHeight = vg.Length(136) // of many
	noteSize    = vg.Length(7.5) // of text inside a panel
	panelTitle  = vg.Length(22)  // what a panel's title takes above it
	axisWidth   = vg.Length(46)  // what a panel's own axis takes, about
)

// tiling is panels in rows, their data areas aligned.
type tiling struct {
	panels  []*panel
	columns int
	each    vg.Length // height of a row
	x       look.Scale
	y       []look.Scale // of each panel, or one for all, which is labelled once a row
	direct  bool         // the curves are labelled at their right ends
	apart   bool         // each panel is small and of one model; only the lowest name their axis from left to right
}

var _ body = (*tiling)(nil)

// tiled is panels that have the models together, up to so many side by side and with the models'
// names where their curves end if there is room, or a panel for each of many models.
func tiled(panels []*panel, models []string, most int) *tiling {
	if len(models) > maxDirect {
		return &tiling{panels: allApart(panels, models), columns: apartColumns, each: smallHeight, apart: true}
	}
	columns := columnsOf(len(panels), most)
	return &tiling{panels: panels, columns: columns, each: panelHeight, direct: columns <= 2}
}

// columnsOf is how many of n panels stand side by side, at most: of four a row of
// three would leave one alone.
func columnsOf(n, most int) int {
	rows := (n + most - 1) / most
	return (n + rows - 1) / rows
}

func (t *tiling) rows() int { return (len(t.panels) + t.columns - 1) / t.columns }

// headHeight is what the titles of panels take above them, with a note below each.
func (t *tiling) headHeight() vg.Length {
	if slices.ContainsFunc(t.panels, func(p *panel) bool { return p.note != "" }) {
		return panelTitle + noteSize + 2
	}
	return panelTitle
}

// footHeight is what an axis's label takes below a panel.
const footHeight = look.LabelSize + 6

func (t *tiling) height() vg.Length { return vg.Length(t.rows()) * t.each }

// panelWidth is that of a panel's data, about.
func (t *tiling) panelWidth() vg.Length {
	n := vg.Length(t.columns)
	return (textWidth-(n-1)*panelGap)/n - axisWidth - t.labelWidth()
}

// labelWidth is what the labels at the right ends take, 0 if there are none.
func (t *tiling) labelWidth() vg.Length {
	if !t.direct {
		return 0
	}
	return directWidth(t.panels)
}

func (t *tiling) draw(c draw.Canvas) {
	beside := t.labelWidth()
	tiles := draw.Tiles{
		Rows: t.rows(), Cols: t.columns, PadLeft: look.LabelSize + 4, PadBottom: footHeight,
		PadX: panelGap + beside, PadTop: t.headHeight(), PadY: t.headHeight() + 10, PadRight: 4 + beside,
	}
	if !t.apart {
		tiles.PadY += footHeight
	}
	plots := t.plots()
	canvases := plot.Align(plots, tiles, c)
	for i, panel := range t.panels {
		p, canvas := plots[i/tiles.Cols][i%tiles.Cols], canvases[i/tiles.Cols][i%tiles.Cols]
		note{class: "panel"}.under(&c, func() { t.drawPanel(c, panel, p, canvas) })
		t.drawAxes(&c, p.DataCanvas(canvas), canvas, i)
	}
}

func (t *tiling) drawPanel(c draw.Canvas, panel *panel, p *plot.Plot, canvas draw.Canvas) {
	p.Draw(canvas)
	data := p.DataCanvas(canvas)
	title := vg.Point{X: data.Min.X, Y: data.Max.Y + t.headHeight() - 11}
	c.FillText(look.Text(look.LabelSize, look.Ink), title, panel.title)
	c.FillText(look.Text(noteSize, look.Faded), vg.Point{X: data.Min.X, Y: data.Max.Y + 7}, panel.note)
	if t.direct {
		panel.drawLabels(data, p)
	}
}

// drawAxes names the axes of a panel, as far as the panels around it leave that to it.
// The plot itself would leave room for the names where they would be on a linear scale.
func (t *tiling) drawAxes(c *draw.Canvas, data, panel draw.Canvas, i int) {
	style := look.Text(look.LabelSize, look.Ink)
	style.XAlign = draw.XCenter
	if !t.apart || i+t.columns >= len(t.panels) {
		c.FillText(style, vg.Point{X: data.Center().X, Y: panel.Min.Y - footHeight + 3}, t.x.Label)
	}
	if i%t.columns == 0 {
		style.Rotation = math.Pi / 2
		c.FillText(style, vg.Point{X: c.Min.X + look.LabelSize, Y: data.Center().Y}, t.y[i%len(t.y)].Label)
	}
}

// plots lays the panels out; the tiles left over at the end are nil. On a common
// scale only the first of a row has its values labelled.
func (t *tiling) plots() [][]*plot.Plot {
	plots := make([][]*plot.Plot, t.rows())
	for i := range plots {
		plots[i] = make([]*plot.Plot, t.columns)
	}
	for i, p := range t.panels {
		row, col := i/t.columns, i%t.columns
		y := t.y[i%len(t.y)]
		if col > 0 && len(t.y) == 1 {
			y = y.Unlabelled()
		}
		plots[row][col] = p.plot(t.x, y)
	}
	return plots
}
