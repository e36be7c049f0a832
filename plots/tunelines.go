package plots

import (
	"image/color"
	"strings"


	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"connbench/results"
	"connbench/results/read"
)

// tunedLines has the knob's values from left to right at equal distances, as the last may
// be none, and a curve for each point.
func tunedLines(t *read.Tuning) *tiling {
	p := &panel{title: results.Bytes(int64(t.Points[0].PayloadBytes)) + " payload"}
	for i := range t.Points {
		p.add([]curve{tunedCurve(t, &t.Points[i], i)})
	}
	if i := recommended(t); i >= 0 {
		p.under = append(p.under, markedColumn(i))
	}
	out := &tiling{panels: []*panel{p}, columns: 1, each: panelHeight, common: true, direct: true}
	metric := t.Points[0].Metric.Title
	if strings.Contains(t.Metric, "_ns") {
		out.y = []scale{logScale(metric, durationTicks, out.panels)}
	} else {
		out.y = []scale{linearScale(metric, top(p))}
	}
	out.x = settingScale(t, panelWidth(1, out.labelWidth()))
	return out
}

// tunedCurve is of a point; its look is that of its place.
func tunedCurve(t *read.Tuning, p *read.TunedPoint, place int) curve {
	c := curve{
		shift: 4 * (vg.Length(place) - vg.Length(len(t.Points)-1)/2),
		model: counted(p.Clients, "client"), look: look{palette[(place+1)%len(palette)], dashes[place%len(dashes)], markers[place%len(markers)]},
	}
	for x, setting := range t.Settings {
		s := standingOf(p, setting.Row)
		if s == nil || !tunedKnown(s) {
			continue
		}
		m := mark{x: float64(x), y: s.Value.Estimate, least: s.Value.Estimate, most: s.Value.Estimate, hollow: s.First == 0}
		if s.Value.Bounded() {
			m.least, m.most = s.Value.Low, s.Value.High
		}
		c.marks = append(c.marks, m)
	}
	return c
}

func settingScale(t *read.Tuning, width vg.Length) scale {
	var places []float64
	for i := range t.Settings {
		places = append(places, float64(i))
	}
	s := scale{min: -0.5, max: float64(len(places)) - 0.5, norm: plot.LinearScale{}, label: t.Knob}
	label := func(place float64) string { return settingLabel(t, t.Settings[int(place)]) }
	s.ticks = s.valueTicks(places, label, width, textStyle(tickSize, ink))
	return s
}

// markedColumn shades what is around one of the places.
type markedColumn int

var _ plot.Plotter = markedColumn(0)

func (at markedColumn) Plot(c draw.Canvas, p *plot.Plot) {
	from, to := c.X(p.X.Norm(float64(at)-0.5)), c.X(p.X.Norm(float64(at)+0.5))
	fillRect(c, markShade, from, c.Min.Y, to, c.Max.Y)
}

var markShade = color.NRGBA{R: 0xFB, G: 0xEE, B: 0xE2, A: 0xFF}
