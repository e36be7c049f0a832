package figures

import (
	"math"
	"slices"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/stats"
)

// metric is what a figure shows of a point.
type metric struct {
	*results.Figure
	name    string // of the file
	title   string
	axis    string
	against *abscissa
	beside  *results.Figure        // a thin line for comparison; nil for none
	lines   [2]string              // what the two lines are
	ticks   look.Ticker            // of a logarithmic axis; nil for one from 0
	worth   func(stats.Point) bool // whether such a point makes the figure worth drawing; nil for always
	note    string                 // for the caption
}

const (
	cpuNote  = "The server's CPU time, user and system together, over the requests answered."
	idleNote = "Growth from no client to all of them, connected and silent, over their number; it can be told from 256 connections on."
)

// served is the share of the clients with an answer, which no trial has as a figure.
var served = &results.Figure{Title: "served", More: true}

var metrics = []metric{
	{Figure: results.Throughput, name: "throughput", title: "Throughput against clients", axis: "requests/s", against: &byClients},
	{Figure: results.P99, name: "p99", title: "p99 latency against clients", axis: "p99 latency", against: &byClients, ticks: look.DurationTicks},
	{
		Figure: results.P99, name: "rate-p99", title: "p99 latency against offered rate", axis: "p99 latency", against: &byRate, ticks: look.DurationTicks,
		beside: results.ServiceP99, lines: [2]string{"response latency: from the intended send", "service latency: from the actual send"},
	},
	{Figure: results.Throughput, name: "rate-throughput", title: "Throughput against offered rate", axis: "requests/s", against: &byRate},
	{Figure: results.ServerCPU, name: "cpu", title: "Server CPU per request against clients", axis: "server CPU per request", against: &byClients, ticks: look.DurationTicks, worth: knownServer, note: cpuNote},
	{Figure: results.ServerCPU, name: "rate-cpu", title: "Server CPU per request against offered rate", axis: "server CPU per request", against: &byRate, ticks: look.DurationTicks, worth: knownServer, note: cpuNote},
	{
		Figure: results.Fairness, name: "fairness", title: "Fairness between clients", axis: "Jain's index", against: &byClients, worth: unfair,
		note: "Jain's index over the clients' answers: 1 where all have the same number, 1 / clients where one has all.",
	},
	{
		Figure: served, name: "served", title: "Clients served", axis: "share of the clients with an answer", against: &byClients, worth: unserved,
		note: "Of the clients that send, the share that had any answer.",
	},
	{
		Figure: results.IdleHost, name: "host-memory", title: "Memory of the host for each connection", axis: "bytes for each connection", against: &byClients,
		beside: results.IdleClient, lines: [2]string{"less available on the host: both ends and the kernel", "resident memory of the client"},
		ticks: look.ByteTicks, note: "Growth from no client to all of them, connected and silent, over their number; of the host it can be told from 100,000 connections on.",
		worth: func(p stats.Point) bool { _, known := p.Of(results.IdleHost); return known },
	},
}

var idleMemory = metric{
	Figure: results.IdleRSS, name: "memory", title: "Memory of an idle connection against clients", axis: "bytes for each connection", against: &byClients,
	beside: results.IdleKernel, lines: [2]string{"resident memory of the server", "the kernel's: sockets and their buffers"},
	ticks: look.ByteTicks, note: idleNote,
}

// spread is the metric of a point, if it could be measured.
func (m metric) spread(p *stats.Point) (s stats.Spread, known bool) {
	if m.Figure == served {
		return servedShare(p)
	}
	if m.idle() && leftOut(p) {
		return s, false
	}
	return p.Of(m.Figure)
}

// leftOut reports whether clients had no room with the server, so that what their connections
// take is not to be told: in the backlog they take nothing.
func leftOut(p *stats.Point) bool {
	return unserved(*p) || p.Valid == 0 && slices.Contains(p.Verdicts, results.UnservedIdle)
}

// idle reports whether it is one of connections that are silent.
func (m metric) idle() bool { return m.Figure == results.IdleRSS }

// latency reports whether it is one, of which a loop must be known.
func (m metric) latency() bool { return m.Figure == results.P99 }

func knownServer(p stats.Point) bool { _, known := p.Of(results.ServerCPU); return known }

func servedShare(p *stats.Point) (s stats.Spread, known bool) {
	n, out := p.Median(results.Active), p.Figures[results.Unserved]
	if n == 0 {
		return s, false
	}
	return stats.Spread{Median: 1 - out.Median/n, Min: 1 - out.Max/n, Max: 1 - out.Min/n}, true
}

// fairFrom is from which index on the clients count as served alike.
const fairFrom = 0.98

// unfair leaves out points without any answer, of which the index says nothing.
func unfair(p stats.Point) bool {
	s, known := p.Of(results.Fairness)
	return known && s.Median < fairFrom
}

func unserved(p stats.Point) bool { return p.Median(results.Unserved) > 0 }

func (m metric) log() bool { return m.ticks != nil }

// drawable reports whether the metric has a value of p that its axis can show.
func (m metric) drawable(p *stats.Point) bool {
	s, known := m.spread(p)
	return known && (!m.log() || s.Median > 0)
}

// drawn are the points that have one.
func (m metric) drawn(points []stats.Point) []stats.Point {
	return slices.DeleteFunc(slices.Clone(points), func(p stats.Point) bool { return !m.drawable(&p) })
}

// ownScales is how many times higher one panel must reach than another for
// each to get a scale of its own: the low one would be a flat line otherwise.
const ownScales = 5

// valueScales are the scale that panels share, or one for each where they cannot.
func (m metric) valueScales(panels []*panel) []look.Scale {
	if m.log() {
		return []look.Scale{look.Log(m.axis, m.ticks, valuesOf(panels))}
	}
	tops := results.Map(panels, (*panel).top)
	if highest := slices.Max(tops); highest <= ownScales*slices.Min(tops) {
		tops = []float64{highest}
	}
	return results.Map(tops, func(top float64) look.Scale { return look.Linear(m.axis, top) })
}

// smallScale is for panels between which values differ: logarithmic where one reaches
// much higher than another, else from 0.
func smallScale(axis string, ticksOf look.Ticker, panels []*panel) look.Scale {
	low, high := math.Inf(1), 0.0
	for _, p := range panels {
		if top := p.top(); top > 0 {
			low, high = min(low, top), max(high, top)
		}
	}
	if high > ownScales*low {
		return look.Log(axis, ticksOf, valuesOf(panels))
	}
	return look.Linear(axis, high)
}

// memoryFigure is of the points at counts of clients at which it can be told what a
// connection takes: against these, or where models are many with the most connections. It
// is nil where there are none.
func (d Drawer) memoryFigure(points []stats.Point) *sheet {
	told := map[int]bool{}
	most := 0
	for _, p := range measured(points) {
		if _, has := idleMemory.spread(&p); has {
			told[p.Clients], most = true, max(most, p.Clients)
		}
	}
	if len(told) == 0 {
		return nil
	}
	// What an idle connection takes does not depend on what comes later.
	first := points[slices.IndexFunc(points, func(p stats.Point) bool { return told[p.Clients] })].Key
	crowded := many(points)
	return d.newFigure(idleMemory, slices.DeleteFunc(slices.Clone(points), func(p stats.Point) bool {
		return !told[p.Clients] || byClients.facet(p.Key) != byClients.facet(first) || crowded && p.Clients < most
	}))
}

// memoryText is what a connection takes of the server's memory and of the kernel's; 0 of
// the latter is not known.
func memoryText(resident, kernel float64) string {
	text := results.ByteCount.Text(resident)
	if kernel > 0 {
		text += " + " + results.ByteCount.Text(kernel)
	}
	return text
}
