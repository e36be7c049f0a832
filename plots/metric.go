package plots

import (
	"math"

	"connbench/results"

	"gonum.org/v1/plot"
)

// metric is what a figure shows of a point.
type metric struct {
	name    string // of the file
	title   string
	axis    string
	against *abscissa
	spread  func(*results.Point) results.Spread
	beside  func(*results.Point) results.Spread // a thin line for comparison; nil for none
	log     bool                                // logarithmic, in nanoseconds; else from 0
}

var metrics = []metric{
	{"throughput", "Throughput against clients", "requests/s", &byClients, throughput, nil, false},
	{"p99", "p99 latency against clients", "p99 latency", &byClients, p99, nil, true},
	{"rate-p99", "p99 latency against offered rate", "p99 latency", &byRate, p99, serviceP99, true},
}

func throughput(p *results.Point) results.Spread { return p.Throughput }
func p99(p *results.Point) results.Spread        { return p.P99 }
func serviceP99(p *results.Point) results.Spread { return p.ServiceP99 }

// drawable reports whether the metric has a value of p that its axis can show:
// a latency of 0 is that of no request at all.
func (m metric) drawable(p *results.Point) bool {
	return p.HasFigures() && !(m.log && m.spread(p).Min <= 0)
}

// ownScales is how many times higher one panel must reach than another for
// each to get a scale of its own: the low one would be a flat line otherwise.
const ownScales = 5

// commonScale reports whether the panels can share one axis of values.
func (f *figure) commonScale() bool {
	if f.log {
		return true
	}
	low, high := math.Inf(1), 0.0
	for _, p := range f.panels {
		top := top(p)
		low, high = min(low, top), max(high, top)
	}
	return high <= ownScales*low
}

func top(panels ...*panel) float64 {
	highest := 0.0
	for _, p := range panels {
		p.finite(func(v float64) { highest = max(highest, v) })
	}
	return highest
}

// valueScales are the scales of the panels.
func (f *figure) valueScales() []scale {
	scales := make([]scale, len(f.panels))
	for i, p := range f.panels {
		switch {
		case f.log:
			scales[i] = f.durationScale()
		case f.commonScale():
			scales[i] = f.linearScale(top(f.panels...))
		default:
			scales[i] = f.linearScale(top(p))
		}
	}
	return scales
}

func (f *figure) linearScale(top float64) scale {
	ticks, end := linearTicks(top)
	return scale{min: 0, max: end, norm: plot.LinearScale{}, ticks: ticks, label: f.axis}
}

// durationScale has infinity, where there is any, on its top edge, clear of the
// last finite tick.
func (f *figure) durationScale() scale {
	lo, hi := math.Inf(1), 0.0
	infinite := false
	for _, p := range f.panels {
		p.finite(func(v float64) { lo, hi = min(lo, v), max(hi, v) })
		infinite = infinite || p.hasInfinite()
	}
	if hi == 0 {
		lo, hi = 1e5, 1e6
	}
	lo, hi = lo/1.4, hi*1.4
	ticks := durationTicks(lo, hi)
	if infinite {
		hi *= math.Pow(hi/lo, 0.08)
		ticks = append(ticks, plot.Tick{Value: hi, Label: results.Infinite.String()})
	}
	return scale{min: lo, max: hi, norm: plot.LogScale{}, ticks: ticks, label: f.axis}
}
