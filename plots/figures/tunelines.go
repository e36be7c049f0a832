package figures

import (
	"connbench/plots/look"
	"connbench/results"
	"connbench/results/read"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// tunedLines has the knob's values from left to right at equal distances, as the last may
// be none, and a curve for each point.
func tunedLines(t *read.Tuning) *tiling {
	p := &panel{title: results.Bytes(int64(t.Points[0].PayloadBytes)) + " payload"}
	for i := range t.Points {
		p.add(tunedCurve(t, &t.Points[i], i))
	}
	if i := recommended(t); i >= 0 {
		p.under = append(p.under, markedColumn(i))
	}
	out := tiled([]*panel{p}, nil, 1)
	m := t.Points[0].Metric
	out.y = []look.Scale{look.Linear(m.Title, p.top())}
	if m.Unit == results.Nanoseconds {
		out.y = []look.Scale{look.Log(m.Title, look.DurationTicks, p.values())}
	}
	out.x = settingScale(t, out.panelWidth())
	return out
}

// tunedCurve is of a point; its look is that of its place.
func tunedCurve(t *read.Tuning, p *read.TunedPoint, place int) curve {
	c := curve{
		shift: 4 * (vg.Length(place) - vg.Length(len(t.Points)-1)/2),
		model: results.Plural(p.Clients, "client"), Look: look.Nth(place),
	}
	for x, setting := range t.Settings {
		s := standingOf(p, setting.Row)
		if s == nil || !known(*s) {
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

func settingScale(t *read.Tuning, width vg.Length) look.Scale {
	var places []float64
	for i := range t.Settings {
		places = append(places, float64(i))
	}
	s := look.Scale{Min: -0.5, Max: float64(len(places)) - 0.5, Norm: plot.LinearScale{}, Label: t.Knob}
	label := func(place float64) string { return settingLabel(t, t.Settings[int(place)]) }
	s.Ticks = s.ValueTicks(places, label, width)
	return s
}

// markedColumn shades what is around one of the places.
type markedColumn int

var _ plot.Plotter = markedColumn(0)

func (at markedColumn) Plot(c draw.Canvas, p *plot.Plot) {
	from, to := c.X(p.X.Norm(float64(at)-0.5)), c.X(p.X.Norm(float64(at)+0.5))
	fillRect(c, look.Marked, from, c.Min.Y, to, c.Max.Y)
}
