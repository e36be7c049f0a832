package figures

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/stats"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
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
		facet: func(k results.Key) facet { return facet{payload: k.PayloadBytes, mix: k.PayloadMix, rate: k.RateRPS} },
	}
	byRate = abscissa{
		axis: "offered requests/s", noun: "rate", unit: "requests/s",
		value: func(p *stats.Point) float64 { return p.RateRPS },
		label: results.Count,
		facet: func(k results.Key) facet {
			return facet{payload: k.PayloadBytes, mix: k.PayloadMix, clients: k.Clients}
		},
		linear: true,
	}
)

// scale is the axis for ascending values over the given width.
func (a *abscissa) scale(values []float64, width vg.Length) look.Scale {
	s := look.Scale{Norm: plot.LogScale{}, Label: a.axis + " (log scale)"}
	s.Min, s.Max = logRange(values)
	if a.linear && values[0] < values[len(values)-1] {
		linear := look.Scale{Norm: plot.LinearScale{}, Label: a.axis}
		lo, hi := values[0], values[len(values)-1]
		linear.Min, linear.Max = lo-0.06*(hi-lo), hi+0.06*(hi-lo)
		if linear.Closest(values) >= s.Closest(values) {
			s = linear
		}
	}
	s.Ticks = s.ValueTicks(values, a.label, width)
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

// facet is what all points of a panel share: the payload, and the clients or the
// rate where the figure is not against it. What is not shared, or not given, is 0.
type facet struct {
	payload, clients int
	rate             float64
	mix              string // of which payload is the mean; empty for none
}

// String is short, for lists: "64 B, 16 clients".
func (f facet) String() string { return f.bytes() + f.load() }

func (f facet) title() string { return f.bytes() + " payload" + f.load() }

func (f facet) bytes() string {
	return results.Key{PayloadBytes: f.payload, PayloadMix: f.mix}.Payload()
}

func (f facet) load() string {
	load := ""
	switch {
	case f.clients == 1:
		load = ", 1 client"
	case f.clients > 1:
		load = fmt.Sprintf(", %d clients", f.clients)
	}
	if f.rate > 0 {
		load += " at " + results.Count(f.rate) + " requests/s"
	}
	return load
}

func (f facet) compare(o facet) int {
	return cmp.Or(f.payload-o.payload, f.clients-o.clients, cmp.Compare(f.rate, o.rate))
}

// facets are those of points that are drawn against the abscissa, in order: those with
// several values. One with a single value is drawn where nothing else would show it: one
// client count still compares models at saturation, and so does one rate.
func (a *abscissa) facets(points []stats.Point) []facet {
	several := func(a *abscissa, p *stats.Point) bool {
		return slices.ContainsFunc(points, func(o stats.Point) bool {
			return a.facet(o.Key) == a.facet(p.Key) && a.value(&o) != a.value(p)
		})
	}
	var facets []facet
	for _, p := range results.Each(points) {
		if f := a.facet(p.Key); !slices.Contains(facets, f) && (several(a, p) ||
			a == &byClients && p.Loop == results.ClosedLoop || a == &byRate && p.Loop == results.OpenLoop && !several(&byClients, p)) {
			facets = append(facets, f)
		}
	}
	slices.SortFunc(facets, facet.compare)
	return facets
}
