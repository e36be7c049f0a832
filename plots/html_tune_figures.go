package plots

import (
	"math"
	"slices"


	"connbench/results"
	"connbench/results/stats"
)

// tuneFigure is a figure of a trial of a tune, named as in trials.jsonl.
type tuneFigure struct {
	name, title, hint string
	more              bool // is better
	of                func(*record) (float64, bool)
}

// field is a figure that a line of trials.jsonl has as it is.
func field(name, title, hint string, more bool) tuneFigure {
	return tuneFigure{name, title, hint, more, func(l *record) (float64, bool) { return l.value(name) }}
}

var (
	loadFigures = []tuneFigure{
		field("server_cpu_ns_per_request", "server CPU/req", "CPU time the server takes a request", false),
		field("throughput_rps", "req/s", "requests answered a second", true),
		field("response_latency_ns.p99", "p99", "99th percentile of the response latency", false),
		field("server_rss_bytes", "server RSS", "resident memory of the server", false),
		field("server_idle_connection.resident_bytes", "idle connection", "resident memory of one that has sent nothing", false),
	}
	stormFigures = []tuneFigure{
		{results.ConnectMetric, "connect p99", "99th percentile of the time to connect; ∞ where one client in a hundred was not connected", false, connectP99},
		field("connect_latency_ns.p50", "connect p50", "median of the time to connect", false),
		{"unconnected", "lost", "attempts to connect that were refused, reset or timed out", false, func(l *record) (float64, bool) { return unconnected(l), true }},
		field("kernel.listen_overflows", "overflows", "connections that found the backlog full, of the whole host", false),
		field("kernel.tcp_syn_retransmits", "SYNs again", "SYNs, and answers to them, that were sent once more, of the whole host", false),
		field("server_rss_bytes", "server RSS", "resident memory of the server", false),
	}
)

// unconnected counts the attempts to connect that failed.
func unconnected(l *record) float64 {
	return float64(l.Errors["refused"] + l.Errors["reset"] + l.Errors["connect_timeout"])
}

// connectP99 is infinite where one client in a hundred was not connected; see
// [results.ConnectMetric].
func connectP99(l *record) (float64, bool) {
	if unconnected(l) > 0.01*float64(l.Clients) {
		return math.Inf(1), true
	}
	return l.value(results.ConnectMetric)
}

// figuresOf are those that any trial has, that which ranks first.
func (p *tunePart) figuresOf() []tuneFigure {
	all := slices.Clone(loadFigures)
	if p.InFlight != nil {
		all = slices.Clone(stormFigures)
	}
	all = slices.DeleteFunc(all, func(f tuneFigure) bool { return !p.has(f) && f.name != p.Metric })
	slices.SortStableFunc(all, func(a, b tuneFigure) int {
		switch p.Metric {
		case a.name:
			return -1
		case b.name:
			return 1
		}
		return 0
	})
	return all
}

func (p *tunePart) has(f tuneFigure) bool {
	for _, records := range p.records {
		if slices.ContainsFunc(records, func(l *record) bool { _, has := f.of(l); return has && l.Failure == "" }) {
			return true
		}
	}
	return false
}

// median of a figure over the trials that a point rests on.
func (p *tunePart) median(f *tuneFigure, at *stats.Point) (float64, bool) {
	var values []float64
	for _, l := range p.records[at.Key] {
		if v, has := f.of(l); has && l.counts(at) {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return 0, false
	}
	slices.Sort(values)
	n := len(values)
	if n%2 == 1 {
		return values[n/2], true
	}
	return (values[n/2-1] + values[n/2]) / 2, true
}

// lines are those of trials.jsonl that a point rests on.
func (p *tunePart) lines(at *stats.Point) []int {
	var lines []int
	for _, l := range p.records[at.Key] {
		if l.counts(at) {
			lines = append(lines, l.number)
		}
	}
	return lines
}

// endless makes infinite what stands for it in a ranking by [results.ConnectMetric].
func (p *tunePart) endless(i stats.Interval) stats.Interval {
	if p.Metric != results.ConnectMetric {
		return i
	}
	for _, v := range []*float64{&i.Estimate, &i.Low, &i.High} {
		if *v >= float64(results.MaxLatency) {
			*v = math.Inf(1)
		}
	}
	return i
}
