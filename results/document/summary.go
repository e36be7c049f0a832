package document

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

type column struct {
	name  string
	value func(*stats.Point) any
}

// The figures of summary.csv with their extremes, as they are called there.
var spreads = []struct {
	name string
	*results.Figure
}{
	{"throughput_rps", results.Throughput}, {"p50_ns", results.P50}, {"p99_ns", results.P99}, {"service_p99_ns", results.ServiceP99},
	{"slip_p99_ns", results.SlipP99}, {"server_cpu_ns_per_request", results.ServerCPU}, {"client_cpu_ns_per_request", results.ClientCPU},
	{"server_rss_bytes", results.ServerRSS},
}

// Summary is the table of summary.csv: a row for each point. Units are in the names. The
// figures with min and max are medians over the valid trials, as are threads, fairness and
// steal; served is the fewest clients with an answer in any trial.
func Summary(points []stats.Point) *Table {
	columns := []column{
		{"model", func(p *stats.Point) any { return p.Model }},
		{"network", func(p *stats.Point) any { return p.Network }},
		{"framing", func(p *stats.Point) any { return p.Framing }},
		{"request", func(p *stats.Point) any { return p.Request }},
		{"work", func(p *stats.Point) any { return p.Work }},
		{"knobs", func(p *stats.Point) any { return p.Knobs }},
		{"loop", func(p *stats.Point) any { return string(p.Loop) }},
		{"arrivals", func(p *stats.Point) any { return p.Arrivals }},
		{"rate_rps", func(p *stats.Point) any { return known(p.RateRPS, p.Loop == results.OpenLoop) }},
		{"rate_profile", func(p *stats.Point) any { return p.RateProfile }},
		{"payload_bytes", func(p *stats.Point) any { return p.PayloadBytes }},
		{"payload_mix", func(p *stats.Point) any { return p.PayloadMix }},
		{"clients", func(p *stats.Point) any { return p.Clients }},
		{"clients_active", func(p *stats.Point) any { return known(p.Figures[results.Active].Max, p.HasFigures()) }},
		{"trials", func(p *stats.Point) any { return p.Trials }},
		{"valid", func(p *stats.Point) any { return p.Valid }},
		{"repeated", func(p *stats.Point) any { return p.Noisy }},
	}
	for _, f := range spreads {
		columns = append(columns,
			ofSpread(f.name+"_median", f.Figure, func(s stats.Spread) float64 { return s.Median }),
			ofSpread(f.name+"_min", f.Figure, func(s stats.Spread) float64 { return s.Min }),
			ofSpread(f.name+"_max", f.Figure, func(s stats.Spread) float64 { return s.Max }))
	}
	middle := func(s stats.Spread) float64 { return s.Median }
	columns = append(columns,
		ofSpread("threads", results.Threads, middle),
		column{"served", func(p *stats.Point) any { n, _ := p.MostUnserved(); return known(n, p.HasFigures()) }},
		ofSpread("fairness_jain", results.Fairness, middle),
		column{"cpus_shared", func(p *stats.Point) any { return p.Shared }},
		ofSpread("steal_fraction", results.Steal, middle),
		column{"errors", func(p *stats.Point) any { return errorCounts(p.Errors) }},
		column{"verdicts", func(p *stats.Point) any { return strings.Join(p.Verdicts, ";") }},
		column{"failures", func(p *stats.Point) any { return results.OneLine(strings.Join(p.Failures, ";")) }})
	for _, m := range results.Metrics {
		columns = append(columns,
			ofInterval(m.Name+"_low95", m, func(i stats.Interval) float64 { return i.Low }),
			ofInterval(m.Name+"_high95", m, func(i stats.Interval) float64 { return i.High }))
	}
	columns = append(columns, results.Map(results.Resources, func(f *results.Figure) column { return ofSpread(f.Name, f, middle) })...)
	t := &Table{Columns: results.Map(columns, func(c column) Column { return Column{Name: c.name} })}
	for i := range points {
		t.add(results.Map(columns, func(c column) Cell { return Cell{Value: c.value(&points[i])} })...)
	}
	return t
}

// known is a value, or nil where it was not measured.
func known(v float64, is bool) any {
	if !is {
		return nil
	}
	return v
}

func ofSpread(name string, f *results.Figure, of func(stats.Spread) float64) column {
	return column{name, func(p *stats.Point) any {
		s, has := p.Of(f)
		return known(of(s), has)
	}}
}

// ofInterval has nothing where there are too few trials for a bound.
func ofInterval(name string, f *results.Figure, of func(stats.Interval) float64) column {
	return column{name, func(p *stats.Point) any {
		i, has := p.Intervals[f]
		return known(of(i), has && i.Bounded())
	}}
}

func errorCounts(errors map[string]int64) string {
	return strings.Join(results.Map(slices.Sorted(maps.Keys(errors)), func(class string) string { return fmt.Sprintf("%s=%d", class, errors[class]) }), ";")
}

// SaveSummary writes summary.csv into a run's folder.
func SaveSummary(dir string, points []stats.Point) error {
	var b bytes.Buffer
	if err := Summary(points).CSV(&b); err != nil {
		return err
	}
	return results.WriteFile(filepath.Join(dir, "summary.csv"), b.Bytes())
}
