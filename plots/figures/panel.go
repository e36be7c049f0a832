package figures

import (
	"math"
	"slices"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/stats"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// mark is a point as drawn: its median and extremes, any of which may be infinite.
type mark struct {
	x              float64
	y, least, most float64
	low, high      float64 // of the median's interval, where it is bounded
	bounded        bool
	hollow         bool
	plain          bool // the line alone goes through it

	key  results.Key // for the page: of which point it is
	said []string    // and what it says of it; see note
}

// drawn are the values that have a place in the panel: an interval is instead of the
// extremes.
func (m mark) drawn() []float64 {
	if m.bounded {
		return []float64{m.y, m.low, m.high}
	}
	return []float64{m.y, m.least, m.most}
}

func (m mark) infinite() bool { return math.IsInf(m.y, 1) }

// curve is one model in one panel, from left to right.
type curve struct {
	model string
	look.Look
	marks []mark
	thin  bool // a thin dashed line with dots and without bars
	loose bool // no line joins its marks
	// shift moves the whole curve sideways, so that models of about the same
	// value stand side by side instead of on top of each other.
	shift vg.Length
	line  int // from 1, of those of its panel
}

// note is of all that is drawn of the curve but its marks.
func (c *curve) note() note {
	return note{class: "line", key: results.Key{Model: c.model}, line: c.line}
}

func (c *curve) noteOf(class string, m mark) note {
	return note{class: class, key: m.key, line: c.line}
}

func (c *curve) stroke() draw.LineStyle {
	if c.thin {
		return look.Thin(c.Color)
	}
	return c.Look.Line()
}

// panel is one plot of a figure.
type panel struct {
	title  string
	note   string // below the title
	whole  *panel // of which this shows a part, and whose values the scale is for; nil for none
	curves []curve
	under  []plot.Plotter // what lies below the grid and the curves
}

// within gives the mark the interval of its median, if that has both bounds; one of zeros is none.
func (m mark) within(i stats.Interval) mark {
	if i.Bounded() && i != (stats.Interval{}) {
		m.low, m.high, m.bounded = i.Low, i.High, true
	}
	return m
}

// add adds the curves that have anything to draw.
func (p *panel) add(curves ...curve) {
	p.curves = append(p.curves, slices.DeleteFunc(curves, func(c curve) bool { return len(c.marks) == 0 })...)
}

// values are all that have a place in the panel.
func (p *panel) values() []float64 {
	if p.whole != nil {
		return p.whole.values()
	}
	var all []float64
	for _, c := range p.curves {
		for _, m := range c.marks {
			all = append(all, m.drawn()...)
		}
	}
	return all
}

func valuesOf(panels []*panel) []float64 {
	return slices.Concat(results.Map(panels, (*panel).values)...)
}

func (p *panel) top() float64 {
	return highest(p.values())
}

// highest is that of the finite values, 0 if there is none.
func highest(values []float64) float64 {
	top := 0.0
	for _, v := range values {
		if !math.IsInf(v, 1) {
			top = max(top, v)
		}
	}
	return top
}

// The layers of a panel, from below, over the bands: no model's bar may cover another's line, nor
// a line another's marker.
type (
	grid  struct{}
	bars  []curve
	lines []curve
	dots  []curve
)

var _, _, _, _ plot.Plotter = grid{}, bars(nil), lines(nil), dots(nil)

// Plot draws a rule at each labelled value; the lowest is the axis itself.
func (grid) Plot(c draw.Canvas, p *plot.Plot) {
	for _, tick := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if tick.IsMinor() || tick.Value <= p.Y.Min {
			continue
		}
		y := c.Y(p.Y.Norm(tick.Value))
		c.StrokeLine2(draw.LineStyle{Color: look.Rule, Width: look.RuleWidth}, c.Min.X, y, c.Max.X, y)
	}
}

func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	for _, curve := range b {
		for _, m := range curve.marks {
			if m.bounded || m.plain {
				continue
			}
			least, most := curve.place(c, p, m.x, m.least), curve.place(c, p, m.x, m.most)
			curve.noteOf("bar", m).under(&c, func() { c.StrokeLine2(curve.Bar(), least.X, least.Y, most.X, most.Y) })
		}
	}
}

func (l lines) Plot(c draw.Canvas, p *plot.Plot) {
	for _, curve := range l {
		if !curve.loose {
			curve.note().under(&c, func() { c.StrokeLines(curve.stroke(), curve.pieces(c, p)...) })
		}
	}
}

// pieces are the line's, without what would run along the top edge, from infinity to
// infinity.
func (curve *curve) pieces(c draw.Canvas, p *plot.Plot) [][]vg.Point {
	pieces := [][]vg.Point{nil}
	for i, m := range curve.marks {
		if i > 0 && m.infinite() && curve.marks[i-1].infinite() {
			pieces = append(pieces, nil)
		}
		last := &pieces[len(pieces)-1]
		*last = append(*last, curve.place(c, p, m.x, m.y))
	}
	return pieces
}

// Plot leaves infinity to the curve that is not thin.
func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	for _, curve := range d {
		for _, m := range curve.marks {
			shape := curve.Marker
			n := curve.noteOf("mark", m)
			n.said, n.at = m.said, curve.place(c, p, m.x, m.y)
			switch {
			case m.plain && m.said != nil:
				n.under(&c, func() {})
				continue
			case m.plain || curve.thin && m.infinite():
				continue
			case curve.thin:
				shape = look.Dot
			case m.infinite():
				shape = look.Infinity
			}
			n.under(&c, func() { shape.Draw(&c, n.at, curve.Color, m.hollow) })
		}
	}
}

// place is where a value of the curve goes: what is beyond an edge to that, as infinity.
func (curve *curve) place(c draw.Canvas, p *plot.Plot, x, y float64) vg.Point {
	return vg.Point{
		X: c.X(p.X.Norm(x)) + curve.shift,
		Y: c.Y(p.Y.Norm(max(p.Y.Min, min(y, p.Y.Max)))),
	}
}

func (p *panel) plot(x, y look.Scale) *plot.Plot {
	out := plot.New()
	out.BackgroundColor = nil
	x.Apply(&out.X)
	y.Apply(&out.Y)
	out.Y.Tick.Label.YAlign = -0.65 // on the digits' middle, which is above the line's
	for i := range p.curves {
		p.curves[i].line = i + 1
	}
	out.Add(p.under...)
	out.Add(grid{})
	out.Add(bands(p.curves), bars(p.curves), lines(p.curves), dots(p.curves))
	return out
}
