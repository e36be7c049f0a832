package figures

import (
	"slices"

	"connbench/plots/look"
	"connbench/results"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	bandAlpha   = 0x28
	mudAlpha    = 0x16 // of bands that many others lie over
	leaderAlpha = 0x90
	stubWidth   = vg.Length(5) // of a band of one mark alone
)

// bands are the intervals of the curves' marks, below everything else.
type bands []curve

var _ plot.Plotter = bands(nil)

// Plot fills between the bounds of neighbours. A mark alone has a thick bar.
func (b bands) Plot(c draw.Canvas, p *plot.Plot) {
	alpha := uint8(bandAlpha)
	if len(b) > maxDirect {
		alpha = mudAlpha
	}
	for _, curve := range b {
		for _, run := range curve.bounded() {
			curve.note().under(&c, func() { curve.drawBand(c, p, run, alpha) })
		}
	}
}

func (curve *curve) drawBand(c draw.Canvas, p *plot.Plot, run []mark, alpha uint8) {
	if len(run) == 1 {
		low, high := curve.place(c, p, run[0].x, run[0].low), curve.place(c, p, run[0].x, run[0].high)
		stub := draw.LineStyle{Color: look.Translucent(curve.Color, 2*bandAlpha), Width: stubWidth}
		c.StrokeLine2(stub, low.X, low.Y, high.X, high.Y)
		return
	}
	outline := results.Map(run, func(m mark) vg.Point { return curve.place(c, p, m.x, m.low) })
	for i := len(run) - 1; i >= 0; i-- {
		outline = append(outline, curve.place(c, p, run[i].x, run[i].high))
	}
	c.FillPolygon(look.Translucent(curve.Color, alpha), outline)
}

// bounded are the runs of neighbouring marks that have intervals.
func (curve *curve) bounded() [][]mark {
	var runs [][]mark
	open := false
	for _, m := range curve.marks {
		if !m.bounded {
			open = false
			continue
		}
		if !open {
			runs, open = append(runs, nil), true
		}
		last := &runs[len(runs)-1]
		*last = append(*last, m)
	}
	return runs
}

// ghost is another row's curve behind a panel's own.
type ghost curve

var _ plot.Plotter = ghost{}

func (g ghost) Plot(c draw.Canvas, p *plot.Plot) {
	own := (*curve)(&g)
	own.note().under(&c, func() {
		c.StrokeLines(draw.LineStyle{Color: look.Ghost, Width: look.RuleWidth}, own.pieces(c, p)...)
	})
}

const apartColumns = 4

// apart is a panel for each model of one with too many, the others as ghosts behind it.
// The facet's title goes with the model's name unless it is said elsewhere.
func (p *panel) apart(models []string, named bool) []*panel {
	var panels []*panel
	for _, model := range models {
		own := &panel{title: model, whole: p}
		if named {
			own.note = p.title
		}
		for _, c := range p.curves {
			c.shift = 0
			switch {
			case c.model == model:
				own.curves = append(own.curves, c)
			case !c.thin:
				own.under = append(own.under, ghost(c))
			}
		}
		if len(own.curves) > 0 {
			panels = append(panels, own)
		}
	}
	return panels
}

func allApart(panels []*panel, models []string) []*panel {
	return slices.Concat(results.Map(panels, func(p *panel) []*panel { return p.apart(models, len(panels) > 1) })...)
}
