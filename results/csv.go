package results

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// field is one column of summary.csv.
type field struct {
	name string
	cell func(*Point) string
}

// fields is the layout of summary.csv.
var fields = slices.Concat(
	[]field{
		{"model", func(p *Point) string { return p.Model }},
		{"network", func(p *Point) string { return p.Network }},
		{"framing", func(p *Point) string { return p.Framing }},
		{"work", func(p *Point) string { return p.Work }},
		{"knobs", func(p *Point) string { return p.Knobs }},
		{"loop", func(p *Point) string { return string(p.Loop) }},
		{"arrivals", func(p *Point) string { return p.Arrivals }},
		{"rate_rps", func(p *Point) string { return decimal(p.RateRPS, p.Loop == OpenLoop) }},
		{"payload_bytes", func(p *Point) string { return strconv.Itoa(p.PayloadBytes) }},
		{"clients", func(p *Point) string { return strconv.Itoa(p.Clients) }},
		{"clients_active", func(p *Point) string { return decimal(p.Active.Max, p.HasFigures()) }},
		{"trials", func(p *Point) string { return strconv.Itoa(p.Trials) }},
		{"valid", func(p *Point) string { return strconv.Itoa(p.Valid) }},
		{"repeated", func(p *Point) string { return strconv.Itoa(p.Noisy) }},
	},
	spreadFields("throughput_rps", func(p *Point) (Spread, bool) { return p.Throughput, p.HasFigures() }),
	spreadFields("p50_ns", func(p *Point) (Spread, bool) { return p.P50, p.HasLatency }),
	spreadFields("p99_ns", func(p *Point) (Spread, bool) { return p.P99, p.HasLatency }),
	spreadFields("service_p99_ns", func(p *Point) (Spread, bool) { return p.ServiceP99, p.HasLatency }),
	spreadFields("slip_p99_ns", func(p *Point) (Spread, bool) { return p.SlipP99, p.HasSlip }),
	spreadFields("server_cpu_ns_per_request", func(p *Point) (Spread, bool) { return p.ServerCPU, p.HasServer }),
	spreadFields("client_cpu_ns_per_request", func(p *Point) (Spread, bool) { return p.ClientCPU, p.HasClientCPU }),
	spreadFields("server_rss_bytes", func(p *Point) (Spread, bool) { return p.ServerRSS, p.HasServer }),
	[]field{
		{"threads", func(p *Point) string { return decimal(p.Threads.Median, p.HasServer) }},
		{"served", func(p *Point) string { return decimal(p.Active.Max-p.Unserved.Max, p.HasFigures()) }},
		{"fairness_jain", func(p *Point) string { return decimal(p.Fairness.Median, p.HasFairness) }},
		{"cpus_shared", func(p *Point) string { return strconv.FormatBool(p.Shared) }},
		{"steal_fraction", func(p *Point) string { return decimal(p.Steal.Median, p.HasSteal) }},
		{"errors", errorsField},
		{"verdicts", func(p *Point) string { return strings.Join(p.Verdicts, ";") }},
		{"failures", func(p *Point) string { return noFormula(oneLine(strings.Join(p.Failures, ";"))) }},
	},
	intervalFields(),
	resourceFields(),
)

// WriteCSV writes summary.csv: a line of names, then one for each point. Units
// are in the names. The figures with min and max are medians over the valid
// trials, as are threads, fairness and steal; served is the fewest clients with
// an answer in any trial. Infinity is "inf", what was not measured is empty.
func WriteCSV(w io.Writer, points []Point) error {
	c := csv.NewWriter(w)
	record := make([]string, len(fields))
	for i, f := range fields {
		record[i] = f.name
	}
	// A failed write is kept by the writer and reported by Error.
	_ = c.Write(record)
	for i := range points {
		for j, f := range fields {
			record[j] = f.cell(&points[i])
		}
		_ = c.Write(record)
	}
	c.Flush()
	return c.Error()
}

// intervalFields are the bounds of the medians' intervals, empty where there are too
// few trials for them.
func intervalFields() []field {
	var all []field
	for i := range Metrics {
		name := Metrics[i].Name
		bound := func(suffix string, of func(Interval) float64) field {
			return field{name + suffix, func(p *Point) string {
				interval, has := p.Intervals[name]
				return decimal(of(interval), has && interval.Bounded())
			}}
		}
		all = append(all,
			bound("_low95", func(i Interval) float64 { return i.Low }),
			bound("_high95", func(i Interval) float64 { return i.High }))
	}
	return all
}

// resourceFields are medians.
func resourceFields() []field {
	var all []field
	for _, r := range Resources {
		all = append(all, field{r.Name, func(p *Point) string {
			s, has := p.Resources[r.Name]
			return decimal(s.Median, has)
		}})
	}
	return all
}

func spreadFields(name string, spread func(*Point) (Spread, bool)) []field {
	figure := func(suffix string, of func(Spread) float64) field {
		return field{name + suffix, func(p *Point) string {
			s, has := spread(p)
			return decimal(of(s), has)
		}}
	}
	return []field{
		figure("_median", func(s Spread) float64 { return s.Median }),
		figure("_min", func(s Spread) float64 { return s.Min }),
		figure("_max", func(s Spread) float64 { return s.Max }),
	}
}

// decimal drops what is beyond any measurement: the seventh place after the point.
func decimal(v float64, has bool) string {
	switch {
	case !has:
		return ""
	case math.IsInf(v, 1):
		return "inf"
	}
	return shortest(math.Round(v*1e6) / 1e6)
}

// noFormula keeps a spreadsheet from reading a text that others wrote as a formula.
func noFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

func errorsField(p *Point) string {
	var parts []string
	for _, class := range slices.Sorted(maps.Keys(p.Errors)) {
		parts = append(parts, fmt.Sprintf("%s=%d", class, p.Errors[class]))
	}
	return strings.Join(parts, ";")
}
