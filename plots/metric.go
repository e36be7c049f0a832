package plots

import (
	"math"


	"gonum.org/v1/plot"

	"connbench/results"
	"connbench/results/stats"
)

// metric is what a figure shows of a point.
type metric struct {
	name     string // of the file
	title    string
	axis     string
	against  *abscissa
	spread   func(*stats.Point) stats.Spread
	interval string                              // by its name in [results.Point.Intervals]; empty for none
	beside   func(*stats.Point) stats.Spread // a thin line for comparison; nil for none
	lines    [2]string                           // what the two lines are
	ticks    ticker                              // of a logarithmic axis; nil for one from 0
	latency  bool
	idle     bool                      // of connections that are silent
	has      func(*stats.Point) bool // whether it could be measured; nil for always
	worth    func(stats.Point) bool  // whether such a point makes the figure worth drawing; nil for always
	note     string                    // for the caption
	more     bool                      // is better
	text     func(float64) string      // of a value
}

const cpuNote = "The server's CPU time, user and system together, over the requests answered."

var metrics = []metric{
	{name: "throughput", title: "Throughput against clients", axis: "requests/s", against: &byClients, spread: throughput, interval: "throughput_rps", more: true, text: results.Count},
	{name: "p99", title: "p99 latency against clients", axis: "p99 latency", against: &byClients, spread: p99, interval: "response_latency_ns.p99", ticks: durationTicks, latency: true, text: nanosText},
	{
		name: "rate-p99", title: "p99 latency against offered rate", axis: "p99 latency", against: &byRate, spread: p99, interval: "response_latency_ns.p99",
		beside: serviceP99, lines: [2]string{"response latency: from the intended send", "service latency: from the actual send"},
		ticks: durationTicks, latency: true, text: nanosText,
	},
	{name: "cpu", title: "Server CPU per request against clients", axis: "server CPU per request", against: &byClients, spread: serverCPU, interval: "server_cpu_ns_per_request", ticks: durationTicks, has: hasServer, worth: knownServer, note: cpuNote, text: nanosText},
	{name: "rate-cpu", title: "Server CPU per request against offered rate", axis: "server CPU per request", against: &byRate, spread: serverCPU, interval: "server_cpu_ns_per_request", ticks: durationTicks, has: hasServer, worth: knownServer, note: cpuNote, text: nanosText},
	{
		name: "fairness", title: "Fairness between clients", axis: "Jain's index", against: &byClients, spread: fairness, worth: unfair, more: true, text: results.Count,
		note: "Jain's index over the clients' answers: 1 where all have the same number, 1 / clients where one has all.",
	},
	{
		name: "served", title: "Clients served", axis: "share of the clients with an answer", against: &byClients, spread: servedShare, worth: unserved, more: true, text: results.Count,
		note: "Of the clients that send, the share that had any answer.",
	},
}

func nanosText(v float64) string { return results.Nanos(v).String() }

func throughput(p *stats.Point) stats.Spread { return p.Throughput }
func p99(p *stats.Point) stats.Spread        { return p.P99 }
func serviceP99(p *stats.Point) stats.Spread { return p.ServiceP99 }
func serverCPU(p *stats.Point) stats.Spread  { return p.ServerCPU }
func fairness(p *stats.Point) stats.Spread   { return p.Fairness }
func hasServer(p *stats.Point) bool            { return p.HasServer }
func knownServer(p stats.Point) bool           { return p.HasServer }

func servedShare(p *stats.Point) stats.Spread {
	if p.Active.Median == 0 {
		return stats.Spread{}
	}
	n := p.Active.Median
	return stats.Spread{Median: 1 - p.Unserved.Median/n, Min: 1 - p.Unserved.Max/n, Max: 1 - p.Unserved.Min/n}
}

// fairFrom is from which index on the clients count as served alike.
const fairFrom = 0.98

// unfair leaves out points without any answer, of which the index says nothing.
func unfair(p stats.Point) bool {
	return p.HasFairness && p.Fairness.Median < fairFrom
}

func unserved(p stats.Point) bool { return p.HasFigures() && p.Unserved.Median > 0 }

func (m metric) log() bool { return m.ticks != nil }

// drawable reports whether the metric has a value of p that its axis can show:
// a latency of 0 is that of no request at all.
func (m metric) drawable(p *stats.Point) bool {
	if !p.HasFigures() || m.has != nil && !m.has(p) {
		return false
	}
	switch s := m.spread(p); {
	case m.latency:
		return s.Min > 0
	case m.log():
		return s.Median > 0
	}
	return true
}

// ownScales is how many times higher one panel must reach than another for
// each to get a scale of its own: the low one would be a flat line otherwise.
const ownScales = 5

// commonScale reports whether the panels can share one axis of values.
func (f *figure) commonScale() bool {
	if f.log() {
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
		case f.log():
			scales[i] = logScale(f.axis, f.ticks, f.panels)
		case f.commonScale():
			scales[i] = linearScale(f.axis, top(f.panels...))
		default:
			scales[i] = linearScale(f.axis, top(p))
		}
	}
	return scales
}

func linearScale(axis string, top float64) scale {
	ticks, end := linearTicks(top)
	return scale{min: 0, max: end, norm: plot.LinearScale{}, ticks: ticks, label: axis}
}

// logScale has infinity, where there is any, on its top edge, clear of the last
// finite tick.
func logScale(axis string, ticksOf ticker, panels []*panel) scale {
	lo, hi := math.Inf(1), 0.0
	infinite := false
	for _, p := range panels {
		p.finite(func(v float64) {
			if v > 0 {
				lo, hi = min(lo, v), max(hi, v)
			}
		})
		infinite = infinite || p.hasInfinite()
	}
	if hi == 0 {
		lo, hi = 1e5, 1e6
	}
	lo, hi = lo/1.4, hi*1.4
	ticks := ticksOf(lo, hi)
	if infinite {
		hi *= math.Pow(hi/lo, 0.08)
		ticks = append(ticks, plot.Tick{Value: hi, Label: results.Infinite.String()})
	}
	return scale{min: lo, max: hi, norm: logNorm, ticks: ticks, label: axis}
}

// smallScale is for panels between which values differ: logarithmic where one reaches
// much higher than another, else from 0.
func smallScale(axis string, ticksOf ticker, panels []*panel) scale {
	low, high := math.Inf(1), 0.0
	for _, p := range panels {
		if top := top(p); top > 0 {
			low, high = min(low, top), max(high, top)
		}
	}
	if high > ownScales*low {
		return logScale(axis, ticksOf, panels)
	}
	return linearScale(axis, high)
}
