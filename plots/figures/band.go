package figures

import (
	"connbench/plots/look"

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
			if len(run) == 1 {
				low, high := curve.place(c, p, run[0].x, run[0].low), curve.place(c, p, run[0].x, run[0].high)
				stub := draw.LineStyle{Color: look.Translucent(curve.Color, 2*bandAlpha), Width: stubWidth}
				c.StrokeLine2(stub, low.X, low.Y, high.X, high.Y)
				continue
			}
			var outline []vg.Point
			for _, m := range run {
				outline = append(outline, curve.place(c, p, m.x, m.low))
			}
			for i := len(run) - 1; i >= 0; i-- {
				outline = append(outline, curve.place(c, p, run[i].x, run[i].high))
			}
			c.FillPolygon(look.Translucent(curve.Color, alpha), outline)
		}
	}
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
