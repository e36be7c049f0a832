package results

import "slices"

// Metric is a figure of a trial by which rows are compared.
type Metric struct {
	Name  string // as in trials.jsonl, with its unit
	Title string // for people
	Loop  Loop   // of which it says something; empty for both
	More  bool   // more is better
	Unit  string // in Go's benchmark format
	value func(*Trial) (v float64, known bool)
	text  func(float64) string
}

// Metrics are compared in this order.
var Metrics = []Metric{
	{"server_cpu_ns_per_request", "server CPU/req", "", false, "server-ns/req", serverCPU, nanosText},
	{"throughput_rps", "req/s", ClosedLoop, true, "req/s", throughput, Count},
	{"response_latency_ns.p99", "p99", "", false, "p99-ns", responseP99, nanosText},
	{"response_latency_ns.p50", "p50", OpenLoop, false, "p50-ns", responseP50, nanosText},
	{"server_rss_bytes", "server RSS", "", false, "server-RSS-bytes", serverRSS, bytesText},
	{"server_idle_connection.resident_bytes", "RSS/idle connection", "", false, "idle-conn-bytes", idleBytes, bytesText},
}

func serverCPU(t *Trial) (float64, bool) {
	if t.ServerUsage == nil {
		return 0, false
	}
	return t.ServerCPUPerRequest, true
}

func serverRSS(t *Trial) (float64, bool) {
	if t.ServerUsage == nil {
		return 0, false
	}
	return float64(t.ServerRSSBytes), true
}

func idleBytes(t *Trial) (float64, bool) {
	if t.ServerUsage == nil || t.ServerIdle == nil {
		return 0, false
	}
	return t.ServerIdle.ResidentBytes, true
}

func throughput(t *Trial) (float64, bool)  { return t.ThroughputRPS, true }
func responseP99(t *Trial) (float64, bool) { return t.ResponseLatency.of(percentiles["p99"]) }
func responseP50(t *Trial) (float64, bool) { return t.ResponseLatency.of(percentiles["p50"]) }
func serviceP99(t *Trial) (float64, bool)  { return t.ServiceLatency.of(percentiles["p99"]) }
func slipP99(t *Trial) (float64, bool)     { return t.Slip.of(percentiles["p99"]) }

func nanosText(v float64) string { return Nanos(v).String() }
func bytesText(v float64) string { return Bytes(int64(v)) }

// of reads the metric from a trial. Only what is positive has a ratio.
func (m *Metric) of(t *Trial) (float64, bool) {
	v, known := m.value(t)
	return v, known && v > 0
}

// better reports whether a ratio b/a is one for the better.
func (m *Metric) better(ratio float64) bool { return (ratio > 1) == m.More }

// metricsOf are those that say something of a loop.
func metricsOf(l Loop) []*Metric {
	var metrics []*Metric
	for i := range Metrics {
		if m := &Metrics[i]; m.Loop == "" || m.Loop == l {
			metrics = append(metrics, m)
		}
	}
	return metrics
}

// rankedBy is the metric by which trials of one point are ranked: in an open loop the
// 99th percentile of the response; in a closed one the server's CPU time per request,
// the most stable figure there is on a shared machine, or where some server's is not
// known the throughput.
func rankedBy(trials []*Trial) *Metric {
	name := "server_cpu_ns_per_request"
	switch {
	case len(trials) > 0 && trials[0].Loop == OpenLoop:
		name = "response_latency_ns.p99"
	case slices.ContainsFunc(trials, func(t *Trial) bool { return t.ServerUsage == nil }):
		name = "throughput_rps"
	}
	return metricNamed(name)
}

func metricNamed(name string) *Metric {
	i := slices.IndexFunc(Metrics, func(m Metric) bool { return m.Name == name })
	return &Metrics[i]
}
