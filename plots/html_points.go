package plots

import (
	"fmt"
	"slices"
	"strconv"
	"strings"


	"connbench/results"
	"connbench/results/stats"
)

// column is a figure of points, named as in trials.jsonl.
type column struct {
	Name  string
	Title string
	Hint  string
	More  bool // more is better
	of    func(*stats.Point) (stats.Spread, bool)
}

var pointColumns = []column{
	{"throughput_rps", "req/s", "requests answered a second", true, measured(func(p *stats.Point) stats.Spread { return p.Throughput })},
	{"response_latency_ns.p50", "p50", "median response latency", false, func(p *stats.Point) (stats.Spread, bool) { return p.P50, p.HasLatency }},
	{"response_latency_ns.p99", "p99", "99th percentile of the response latency", false, func(p *stats.Point) (stats.Spread, bool) { return p.P99, p.HasLatency }},
	{"service_latency_ns.p99", "p99 service", "99th percentile from the actual send", false, func(p *stats.Point) (stats.Spread, bool) { return p.ServiceP99, p.HasLatency }},
	{"server_cpu_ns_per_request", "server CPU/req", "CPU time the server takes a request", false, ofServer(func(p *stats.Point) stats.Spread { return p.ServerCPU })},
	{"client_cpu_ns_per_request", "client CPU/req", "CPU time the client takes a request", false, func(p *stats.Point) (stats.Spread, bool) { return p.ClientCPU, p.HasClientCPU }},
	{"server_rss_bytes", "server RSS", "resident memory of the server", false, ofServer(func(p *stats.Point) stats.Spread { return p.ServerRSS })},
	{"server_threads", "threads", "threads of the server", false, ofServer(func(p *stats.Point) stats.Spread { return p.Threads })},
}

func measured(of func(*stats.Point) stats.Spread) func(*stats.Point) (stats.Spread, bool) {
	return func(p *stats.Point) (stats.Spread, bool) { return of(p), p.HasFigures() }
}

func ofServer(of func(*stats.Point) stats.Spread) func(*stats.Point) (stats.Spread, bool) {
	return func(p *stats.Point) (stats.Spread, bool) { return of(p), p.HasServer }
}

// columnsFor leaves out what says nothing of a closed loop, where there is no other.
func columnsFor(points []stats.Point) []column {
	open := slices.ContainsFunc(points, func(p stats.Point) bool { return p.Loop == results.OpenLoop })
	return slices.DeleteFunc(slices.Clone(pointColumns), func(c column) bool {
		return c.Name == "service_latency_ns.p99" && !open
	})
}

// resourceColumns are those of which some point has more than zero.
func resourceColumns(points []stats.Point) []column {
	var columns []column
	head := ""
	for _, r := range results.Resources {
		// A title that begins with a line break goes on from the one before it.
		first, rest, _ := strings.Cut(r.Title, "\n")
		if first != "" {
			head = first
		}
		title := strings.ReplaceAll(strings.ReplaceAll(head+" "+rest, "- ", ""), " /", "/")
		c := column{Name: r.Name, Title: title, Hint: r.Name, of: func(p *stats.Point) (stats.Spread, bool) {
			s, has := p.Resources[r.Name]
			return s, has
		}}
		if slices.ContainsFunc(points, func(p stats.Point) bool { s, _ := c.of(&p); return s.Max != 0 || s.Min != 0 }) {
			columns = append(columns, c)
		}
	}
	return columns
}

// pointsTable has a row for each point, with notes or without what qualifies its figures.
func pointsTable(id string, notes bool, points []stats.Point, columns []column) table {
	t := table{ID: id, Label: "Table of " + id}
	rate, differ := false, false
	workloads := map[string]string{}
	for i := range points {
		p := &points[i]
		rate = rate || p.RateRPS > 0
		first, seen := workloads[p.Model]
		differ = differ || seen && first != workload(p.Key)
		workloads[p.Model] = workload(p.Key)
	}
	t.Heads = pointHeads(rate, differ, notes, columns)
	for i := range points {
		p := &points[i]
		r := row{Point: i, Name: p.Model, Flagged: p.Flagged()}
		if differ {
			r.Cells = append(r.Cells, cell{Value: workload(p.Key), Text: workload(p.Key), Wide: true})
		}
		r.Cells = append(r.Cells, pointCells(p, rate, columns)...)
		if notes {
			r.Cells = append(r.Cells, servedCell(p), validCell(p),
				cell{Value: strconv.Itoa(len(p.Verdicts)), Text: noted(p), Verdicts: p.Verdicts, Wide: true})
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

func pointHeads(rate, workload, notes bool, columns []column) []head {
	heads := []head{{Title: "model", Hint: "name of the row"}}
	if workload {
		heads = append(heads, head{Title: "workload", Hint: "network, framing, work and knobs"})
	}
	heads = append(heads, head{"clients", "connections", true, false}, head{"payload", "of a request", true, false})
	if rate {
		heads = append(heads, head{"rate", "requests asked for a second", true, false})
	}
	for _, c := range columns {
		heads = append(heads, head{c.Title, c.Hint, true, c.More})
	}
	if notes {
		heads = append(heads, head{"served", "the fewest clients with an answer, of those that ask", true, true},
			head{"valid trials", "those without a verdict", true, true}, head{Title: "notes", Hint: "verdicts, errors, failures"})
	}
	return heads
}

func pointCells(p *stats.Point, rate bool, columns []column) []cell {
	cells := []cell{
		{Value: strconv.Itoa(p.Clients), Text: strconv.Itoa(p.Clients)},
		{Value: strconv.Itoa(p.PayloadBytes), Text: results.Bytes(int64(p.PayloadBytes))},
	}
	if rate {
		c := cell{Value: number(p.RateRPS).String(), Text: results.Count(p.RateRPS)}
		if p.RateRPS == 0 {
			c.Text = absent
		}
		cells = append(cells, c)
	}
	for _, c := range columns {
		cells = append(cells, c.cell(p))
	}
	return cells
}

func servedCell(p *stats.Point) cell {
	if !p.HasFigures() {
		return cell{Text: absent}
	}
	served, active := p.MostUnserved()
	return cell{Value: number(served / max(1, active)).String(), Text: fmt.Sprintf("%.0f/%.0f", served, active)}
}

func validCell(p *stats.Point) cell {
	return cell{Value: strconv.Itoa(p.Valid), Text: fmt.Sprintf("%d/%d", p.Valid, p.Trials)}
}

func (c *column) cell(p *stats.Point) cell {
	s, known := c.of(p)
	if !known {
		return cell{Text: absent}
	}
	return cell{
		Value: number(s.Median).String(),
		Text:  textOf(c.Name, s.Median),
		Range: fmt.Sprintf("from %s to %s", textOf(c.Name, s.Min), textOf(c.Name, s.Max)),
	}
}

// workload is what rows differ in beside clients, payload and rate.
func workload(k results.Key) string {
	return stats.Workload([]stats.Point{{Key: k}})
}

// noted is why a row may need a second look, beside its verdicts.
func noted(p *stats.Point) string {
	parts := errorCounts(p.Errors)
	if few := p.TooFew(); few != "" {
		parts = append(parts, few)
	}
	if p.Noisy > 0 {
		parts = append(parts, fmt.Sprintf("%d repeated", p.Noisy))
	}
	if n := len(p.Failures); n > 0 {
		parts = append(parts, fmt.Sprintf("%d failed: %s", n, oneLine(p.Failures[0])))
	}
	return strings.Join(parts, ", ")
}
