package figures

import (
	"connbench/plots/look"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"
)

// ghost is another row's curve behind a panel's own.
type ghost curve

var _ plot.Plotter = ghost{}

func (g ghost) Plot(c draw.Canvas, p *plot.Plot) {
	c.StrokeLines(draw.LineStyle{Color: look.Ghost, Width: look.RuleWidth}, (*curve)(&g).pieces(c, p)...)
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
	var all []*panel
	for _, p := range panels {
		all = append(all, p.apart(models, len(panels) > 1)...)
	}
	return all
}
