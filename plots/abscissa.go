package plots

import (
	"math"
	"strconv"


	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"connbench/results"
	"connbench/results/stats"
)

// abscissa is what a figure has from left to right.
type abscissa struct {
	axis   string
	noun   string // "at each ..."
	unit   string // of its values
	value  func(*stats.Point) float64
	label  func(float64) string
	facet  func(results.Key) facet
	linear bool // may be, where that keeps the values further apart
}

var (
	byClients = abscissa{
		axis: "clients", noun: "client count", unit: "clients",
		value: func(p *stats.Point) float64 { return float64(p.Clients) },
		label: func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) },
		facet: func(k results.Key) facet { return facet{payload: k.PayloadBytes, rate: k.RateRPS} },
	}
	byRate = abscissa{
		axis: "offered requests/s", noun: "rate", unit: "requests/s",
		value:  func(p *stats.Point) float64 { return p.RateRPS },
		label:  results.Count,
		facet:  func(k results.Key) facet { return facet{payload: k.PayloadBytes, clients: k.Clients} },
		linear: true,
	}
)

// fewest is how many values a panel must have. One client count still compares
// models at saturation, but one rate says nothing of how latency depends on it.
func (a *abscissa) fewest(l results.Loop) int {
	if a == &byClients && l == results.ClosedLoop {
		return 1
	}
	return 2
}

// scale is the axis for ascending values over the given width.
func (a *abscissa) scale(values []float64, width vg.Length) scale {
	s := scale{norm: plot.LogScale{}, label: a.axis + " (log scale)"}
	s.min, s.max = logRange(values)
	if a.linear && values[0] < values[len(values)-1] {
		linear := scale{norm: plot.LinearScale{}, label: a.axis}
		linear.min, linear.max = linearRange(values)
		if linear.closest(values) >= s.closest(values) {
			s = linear
		}
	}
	s.ticks = s.valueTicks(values, a.label, width, textStyle(tickSize, ink))
	return s
}

// logRange leaves room for markers beside the first and the last value.
func logRange(values []float64) (lo, hi float64) {
	lo, hi = values[0], values[len(values)-1]
	margin := math.Pow(hi/lo, 0.06)
	if lo == hi {
		margin = 2
	}
	return lo / margin, hi * margin
}

func linearRange(values []float64) (lo, hi float64) {
	lo, hi = values[0], values[len(values)-1]
	margin := 0.06 * (hi - lo)
	return lo - margin, hi + margin
}

// closest is the least distance between two of the values, as a share of the axis.
func (s scale) closest(values []float64) float64 {
	least := 1.0
	for i := 1; i < len(values); i++ {
		least = min(least, s.share(values[i])-s.share(values[i-1]))
	}
	return least
}

// share is where on the axis v is, from 0 to 1.
func (s scale) share(v float64) float64 { return s.norm.Normalize(s.min, s.max, v) }

// valueTicks labels the measured values, in ascending order. Where labels would
// touch, the smaller value's is left out and its tick stays.
func (s scale) valueTicks(values []float64, label func(float64) string, width vg.Length, style text.Style) plot.ConstantTicks {
	ticks := make(plot.ConstantTicks, len(values))
	free := vg.Length(math.Inf(1)) // everything left of it is
	for i := len(values) - 1; i >= 0; i-- {
		ticks[i].Value = values[i]
		half := style.Width(label(values[i]))/2 + 2
		at := width * vg.Length(s.share(values[i]))
		if at+half <= free {
			ticks[i].Label = label(values[i])
			free = at - half
		}
	}
	return ticks
}
