package figures

import (
	"math"

	"connbench/plots/look"
	"connbench/results"
)

// metric is what a figure shows of a point.
type metric struct {
	name     string // of the file
	title    string
	axis     string
	against  *abscissa
	spread   func(*results.Point) results.Spread
	interval string                              // by its name in [results.Point.Intervals]; empty for none
	beside   func(*results.Point) results.Spread // a thin line for comparison; nil for none
	lines    [2]string                           // what the two lines are
	ticks    look.Ticker                         // of a logarithmic axis; nil for one from 0
	latency  bool
	idle     bool                      // of connections that are silent
	has      func(*results.Point) bool // whether it could be measured; nil for always
	worth    func(results.Point) bool  // whether such a point makes the figure worth drawing; nil for always
	note     string                    // for the caption
	more     bool                      // is better
	text     func(float64) string      // of a value
}

const cpuNote = "The server's CPU time, user and system together, over the requests answered."

var metrics = []metric{
	{name: "throughput", title: "Throughput against clients", axis: "requests/s", against: &byClients, spread: throughput, interval: "throughput_rps", more: true, text: results.Count},
	{name: "p99", title: "p99 latency against clients", axis: "p99 latency", against: &byClients, spread: p99, interval: "response_latency_ns.p99", ticks: look.DurationTicks, latency: true, text: nanosText},
	{
		name: "rate-p99", title: "p99 latency against offered rate", axis: "p99 latency", against: &byRate, spread: p99, interval: "response_latency_ns.p99",
		beside: serviceP99, lines: [2]string{"response latency: from the intended send", "service latency: from the actual send"},
		ticks: look.DurationTicks, latency: true, text: nanosText,
	},
	{name: "rate-throughput", title: "Throughput against offered rate", axis: "requests/s", against: &byRate, spread: throughput, interval: "throughput_rps", more: true, text: results.Count},
	{name: "cpu", title: "Server CPU per request against clients", axis: "server CPU per request", against: &byClients, spread: serverCPU, interval: "server_cpu_ns_per_request", ticks: look.DurationTicks, has: hasServer, worth: knownServer, note: cpuNote, text: nanosText},
	{name: "rate-cpu", title: "Server CPU per request against offered rate", axis: "server CPU per request", against: &byRate, spread: serverCPU, interval: "server_cpu_ns_per_request", ticks: look.DurationTicks, has: hasServer, worth: knownServer, note: cpuNote, text: nanosText},
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

func throughput(p *results.Point) results.Spread { return p.Throughput }
func p99(p *results.Point) results.Spread        { return p.P99 }
func serviceP99(p *results.Point) results.Spread { return p.ServiceP99 }
func serverCPU(p *results.Point) results.Spread  { return p.ServerCPU }
func fairness(p *results.Point) results.Spread   { return p.Fairness }
func hasServer(p *results.Point) bool            { return p.HasServer }
func knownServer(p results.Point) bool           { return p.HasServer }

func servedShare(p *results.Point) results.Spread {
	if p.Active.Median == 0 {
		return results.Spread{}
	}
	n := p.Active.Median
	return results.Spread{Median: 1 - p.Unserved.Median/n, Min: 1 - p.Unserved.Max/n, Max: 1 - p.Unserved.Min/n}
}

// fairFrom is from which index on the clients count as served alike.
const fairFrom = 0.98

// unfair leaves out points without any answer, of which the index says nothing.
func unfair(p results.Point) bool {
	return p.HasFairness && p.Fairness.Median < fairFrom
}

func unserved(p results.Point) bool { return p.HasFigures() && p.Unserved.Median > 0 }

func (m metric) log() bool { return m.ticks != nil }

// drawable reports whether the metric has a value of p that its axis can show:
// a latency of 0 is that of no request at all.
func (m metric) drawable(p *results.Point) bool {
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

// valueScales are the scales of the panels.
func (f *figure) valueScales() []look.Scale {
	scales := make([]look.Scale, len(f.panels))
	for i, p := range f.panels {
		switch {
		case f.log():
			scales[i] = look.Log(f.axis, f.ticks, valuesOf(f.panels))
		case f.commonScale():
			scales[i] = look.Linear(f.axis, top(f.panels...))
		default:
			scales[i] = look.Linear(f.axis, top(p))
		}
	}
	return scales
}

// smallScale is for panels between which values differ: logarithmic where one reaches
// much higher than another, else from 0.
func smallScale(axis string, ticksOf look.Ticker, panels []*panel) look.Scale {
	low, high := math.Inf(1), 0.0
	for _, p := range panels {
		if top := top(p); top > 0 {
			low, high = min(low, top), max(high, top)
		}
	}
	if high > ownScales*low {
		return look.Log(axis, ticksOf, valuesOf(panels))
	}
	return look.Linear(axis, high)
}
