package figures

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	// farther is how many times the most clients measured the law is drawn to.
	farther = 4
	// lawSteps is of how many points its line is made.
	lawSteps = 60
)

// scaling draws the Universal Scalability Law over the throughput that it
// was fitted to, a panel for each row and a figure for each payload, and beyond the most
// clients measured what it says there, marked as extrapolation.
func (d Drawer) scaling(scalings []read.Scaling) []*sheet {
	var all []*read.Scaling
	for i := range scalings {
		all = append(all, &scalings[i])
	}
	groups := results.Grouped(all, func(s *read.Scaling) results.Key {
		k := groupOf(s.Key)
		k.PayloadBytes = s.PayloadBytes
		return k
	})
	groups = slices.DeleteFunc(groups, func(group []*read.Scaling) bool { return !slices.ContainsFunc(group, (*read.Scaling).Fitted) })
	return eachOf(groups, func(s *read.Scaling) string {
		return suffix(s.Key) + "-" + strings.ReplaceAll(results.Bytes(int64(s.PayloadBytes)), " ", "")
	}, func(group []*read.Scaling) []*sheet { return []*sheet{d.scalingSheet(group)} })
}

func (d Drawer) scalingSheet(scalings []*read.Scaling) *sheet {
	slices.SortStableFunc(scalings, func(a, b *read.Scaling) int { return d.Order.Compare(a.Model, b.Model) })
	t := &tiling{columns: columnsOf(len(scalings), 3), each: smallHeight, apart: true}
	if len(scalings) > 9 {
		t.columns = apartColumns
	}
	t.panels = results.Map(scalings, func(s *read.Scaling) *panel { return d.scalingPanel(s, scalings) })
	t.x, t.y = clientScale(scalings, t.panelWidth()), []look.Scale{smallScale("requests/s", look.CountTicks, t.panels)}
	point := stats.Point{Key: scalings[0].Key}
	return &sheet{
		name: "scaling", title: "Throughput and the Universal Scalability Law",
		subtitle: fmt.Sprintf("%s · %s payload · %s", stats.Workload([]stats.Point{point}), results.Bytes(int64(point.PayloadBytes)), point.LoopLabel()),
		caption:  d.scalingCaption(scalings), body: t,
	}
}

func (d Drawer) scalingCaption(scalings []*read.Scaling) string {
	sentences := []string{
		"Dots are medians of trials with bars from minimum to maximum, hollow where they are no part of the fit; the line is N. J. Gunther's law fitted to them, in its 95 % band where trials are enough for one, " +
			"with the contention σ and the coherency κ.",
		"Beyond the rule nothing was measured: the dashed line on grey ground is extrapolation. Thin grey lines are the other rows.",
	}
	if unfitted := slices.DeleteFunc(slices.Clone(scalings), (*read.Scaling).Fitted); len(unfitted) > 0 {
		why := results.Map(unfitted, func(s *read.Scaling) string { return s.Model + ", " + s.Why })
		sentences = append(sentences, "Without a fit: "+listed(why, "")+".")
	}
	return strings.Join(append(sentences, loopSentence(scalings[0].Key, false, ""), d.where()), " ")
}

// clientScale goes from the fewest clients to what the law is drawn to.
func clientScale(scalings []*read.Scaling, width vg.Length) look.Scale {
	s := look.Scale{Norm: plot.LogScale{}, Label: "clients (log scale)"}
	var values []float64
	for _, one := range scalings {
		for _, p := range one.Measured {
			values = append(values, float64(p.Clients))
		}
	}
	slices.Sort(values)
	values = slices.Compact(values)
	most := values[len(values)-1]
	values = append(values, most*farther)
	s.Min, s.Max = values[0]/1.15, most*farther
	s.Ticks = s.ValueTicks(values, byClients.label, width)
	return s
}

func (d Drawer) scalingPanel(s *read.Scaling, all []*read.Scaling) *panel {
	p := &panel{title: s.Model}
	most := s.Measured[len(s.Measured)-1].Clients
	p.under = append(p.under, beyond(most))
	for _, other := range all {
		if other != s {
			p.under = append(p.under, ghost{marks: measuredMarks(other)})
		}
	}
	if s.Fitted() {
		measured, extrapolated := lawCurves(s, d.Order.Of(s.Model), float64(most))
		p.add(measured, extrapolated)
		p.note = lawText(s)
	} else {
		p.note = "no fit"
	}
	p.add(curve{model: s.Model, Look: d.Order.Of(s.Model), loose: true, marks: measuredMarks(s)})
	return p
}

func measuredMarks(s *read.Scaling) []mark {
	var marks []mark
	for _, p := range s.Measured {
		t := p.Throughput
		if t.Median > 0 {
			point := stats.Point{Key: s.Key}
			point.Clients = p.Clients
			m := mark{x: float64(p.Clients), y: t.Median, least: t.Min, most: t.Max, key: point.Key}
			m.said = saidOf(&point, results.Throughput.Title, results.Count, m)
			if m.hollow = !p.Fitted; m.hollow {
				m.said = append(m.said, "no part of the fit")
			}
			marks = append(marks, m)
		}
	}
	return marks
}

// lawCurves are the law up to the most clients that were measured, and beyond.
func lawCurves(s *read.Scaling, l look.Look, most float64) (measured, extrapolated curve) {
	l.Dashes = nil
	measured, extrapolated = curve{model: s.Model, Look: l}, curve{model: s.Model, Look: l, thin: true}
	least := float64(s.Measured[0].Clients)
	for i := range lawSteps + 1 {
		n := least * math.Pow(most/least, float64(i)/lawSteps)
		measured.marks = append(measured.marks, lawMark(s, n))
		n = most * math.Pow(farther, float64(i)/lawSteps)
		extrapolated.marks = append(extrapolated.marks, lawMark(s, n))
	}
	return measured, extrapolated
}

func lawMark(s *read.Scaling, clients float64) mark {
	m := mark{x: clients, y: s.At(clients), plain: true}
	m.least, m.most = m.y, m.y
	if band := s.AtInterval(clients); band.Low > 0 { // or the axis has no place for it
		return m.within(band)
	}
	return m
}

func lawText(s *read.Scaling) string {
	text := fmt.Sprintf("σ %.2g, κ %.1g, ", s.Contention.Estimate, s.Coherency.Estimate)
	switch {
	case s.Peak != nil:
		return text + "peak at " + results.Count(math.Round(s.Peak.Estimate))
	case s.Flat:
		return text + "flat from the first"
	}
	return text + "no certain peak"
}

// beyond shades what lies beyond so many clients, and rules it off.
type beyond int

var _ plot.Plotter = beyond(0)

func (most beyond) Plot(c draw.Canvas, p *plot.Plot) {
	x := c.X(p.X.Norm(float64(most)))
	fillRect(c, look.Shade, x, c.Min.Y, c.Max.X, c.Max.Y)
	c.StrokeLine2(draw.LineStyle{Color: look.Faded, Width: look.ThinWidth}, x, c.Min.Y, x, c.Max.Y)
	style := look.Text(noteSize, look.Faded)
	style.Rotation, style.XAlign = math.Pi/2, draw.XRight
	c.FillText(style, vg.Point{X: x + noteSize + 1, Y: c.Max.Y - 2}, "extrapolated")
	c.FillText(style, vg.Point{X: x - 2, Y: c.Max.Y - 2}, "measured")
}
