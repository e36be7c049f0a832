package figures

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// tunedMaps has a map for each number of clients with columns of payloads, or of storms
// a map for each payload with columns of clients.
func tunedMaps(t *read.Tuning) *heatMaps {
	shared := func(p read.TunedPoint) int { return p.Clients + p.PayloadBytes - columnOf(t, &p) } // the one that is no column
	groups := results.Grouped(t.Points, shared)
	slices.SortFunc(groups, func(a, b []read.TunedPoint) int { return cmp.Compare(shared(a[0]), shared(b[0])) })
	shade := tunedShades(t)
	return &heatMaps{best: shade.best, worst: shade.worst, maps: results.Map(groups, func(points []read.TunedPoint) heatMap {
		return tunedMap(t, points, shade.of)
	})}
}

// tunedMap has the points, in order, as its columns.
func tunedMap(t *read.Tuning, points []read.TunedPoint, shade func(*read.TunedPoint, *stats.Standing) float64) heatMap {
	m := heatMap{rowAxis: t.Knob, columnAxis: "payload", title: results.Plural(points[0].Clients, "client"), marked: recommended(t)}
	name := func(p read.TunedPoint) string { return results.Bytes(int64(p.PayloadBytes)) }
	if t.Storm() {
		m.columnAxis, m.title = "clients that connect at once", ""
		name = func(p read.TunedPoint) string { return strconv.Itoa(p.Clients) }
	}
	m.columns = results.Map(points, name)
	for _, setting := range t.Settings {
		m.rows = append(m.rows, settingLabel(t, setting))
		m.cells = append(m.cells, results.Map(points, func(p read.TunedPoint) heatCell {
			return tunedCell(t, &p, standingOf(&p, setting.Row), shade)
		}))
	}
	return m
}

func tunedCell(t *read.Tuning, p *read.TunedPoint, s *stats.Standing, shade func(*read.TunedPoint, *stats.Standing) float64) heatCell {
	if s == nil {
		return heatCell{text: "not tried", hatched: true}
	}
	if !known(*s) {
		return heatCell{text: cmp.Or(s.Why, "not measured"), hatched: true}
	}
	cell := heatCell{text: p.Metric.Text(s.Value.Estimate)}
	if s.First == 0 {
		cell.hatched, cell.below = true, s.Why
		return cell
	}
	cell.shade = shade(p, s)
	switch {
	case s.First == 1 && len(p.Alike) > 1:
		cell.below = "best, tied"
	case s.First == 1:
		cell.below = "best"
	case !t.Endless(s):
		cell.below = timesText(s.Best.Estimate)
	}
	return cell
}

func timesText(ratio float64) string {
	if ratio < 10 {
		return fmt.Sprintf("%.2f×", ratio)
	}
	return results.Count(ratio) + "×"
}

// shading is a scale of colours with the names of its ends.
type shading struct {
	of          func(*read.TunedPoint, *stats.Standing) float64
	best, worst string
}

// muchWorse is from how many times behind the best on a cell is as dark as any.
const muchWorse = 3

// tunedShades shades storms by their times, as it takes long where the storm is large,
// and all else by how many times it is behind the best of its column.
func tunedShades(t *read.Tuning) shading {
	if !t.Storm() {
		return shading{
			of: func(p *read.TunedPoint, s *stats.Standing) float64 {
				return math.Log(p.Behind(s.Model)) / math.Log(muchWorse)
			},
			best: "the best of the column", worst: fmt.Sprintf("%d times behind it, or more", muchWorse),
		}
	}
	lo, hi := math.Inf(1), 0.0
	for i := range t.Points {
		for _, s := range t.Points[i].Standings {
			if s.First > 0 && known(s) && !t.Endless(&s) {
				lo, hi = min(lo, s.Value.Estimate), max(hi, s.Value.Estimate)
			}
		}
	}
	if hi == 0 {
		lo, hi = 1e6, 1e9 // all are endless
	}
	hi = max(hi, 2*lo)
	return shading{
		of: func(_ *read.TunedPoint, s *stats.Standing) float64 {
			if t.Endless(s) {
				return 1
			}
			return 0.95 * math.Log(s.Value.Estimate/lo) / math.Log(hi/lo)
		},
		best: results.Nanos(lo).String(), worst: results.Nanos(hi).String() + " or never",
	}
}

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
