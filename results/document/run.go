package document

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

const (
	flagMark   = "!"
	maxFailure = 60 // of a failure's text in a table, in runes
)

// FlagMeaning explains a mark on a point that is flagged; see [stats.Point.Flagged].
const FlagMeaning = "not to be ranked: no valid trial, or a client without any answer"

// Points is the table of a run: one for each work, loop and payload, under a heading that
// says which, the models of all networks together. Its figures are medians over the valid
// trials, except served, which is the fewest in any of them. Rows that must not be ranked
// are marked. Below come what the marks, the latencies of an open loop and the verdicts
// mean, and, unless env is nil, the machine and the CPUs.
func Points(points []stats.Point, env *results.Environment) Document {
	var d Document
	for _, group := range Workloads(points) {
		d.Add(Block{Heading: heading(group), Table: pointsTable(group)})
	}
	if len(points) == 0 {
		d.Add(Lines("No trials."))
	}
	if lines := slices.Concat(legend(points), Where(env)); lines != nil {
		d.Add(Lines(lines...))
	}
	return d
}

// Workloads splits points into those of one table, in order of appearance, each
// sorted by clients and rate.
func Workloads(points []stats.Point) [][]stats.Point {
	split := grouped(points, func(p stats.Point) results.Key {
		key := p.Key.Shared()
		key.Clients, key.RateRPS = 0, 0
		return key
	})
	for _, group := range split {
		slices.SortStableFunc(group, byLoad)
	}
	return split
}

// grouped splits a list by key, in order of appearance.
func grouped[T any](list []T, keyOf func(T) results.Key) [][]T {
	place := map[results.Key]int{}
	var groups [][]T
	for _, x := range list {
		key := keyOf(x)
		i, seen := place[key]
		if !seen {
			i = len(groups)
			place[key], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], x)
	}
	return groups
}

func byLoad(a, b stats.Point) int {
	return cmp.Or(cmp.Compare(a.Clients, b.Clients), cmp.Compare(a.RateRPS, b.RateRPS))
}

func heading(points []stats.Point) string {
	k := points[0].Key
	return dotted(stats.Workload(points), results.Bytes(int64(k.PayloadBytes)), k.LoopLabel())
}

// legend explains what the tables have that does not explain itself.
func legend(points []stats.Point) []string {
	var lines []string
	if slices.ContainsFunc(points, func(p stats.Point) bool { return p.Loop == results.OpenLoop }) {
		lines = append(lines, "open loop: p50 and p99 count from the intended send, p99 service from the actual one")
	}
	if slices.ContainsFunc(points, func(p stats.Point) bool { return p.Flagged() }) {
		lines = append(lines, flagMark+" "+FlagMeaning)
	}
	return append(lines, results.Explanations(func(v string) bool {
		return slices.ContainsFunc(points, func(p stats.Point) bool { return slices.Contains(p.Verdicts, v) })
	})...)
}

// pointsTable is of the points of one workload. An open loop's does without memory and
// threads, which the same models show at saturation. In a narrow terminal the client's CPU
// is left out first, then memory, threads, the service latency, the median, who was served,
// valid trials and last the server's CPU.
func pointsTable(points []stats.Point) *Table {
	open := points[0].Loop == results.OpenLoop
	figure := func(f *results.Figure, spare int) Column {
		return Column{Title: f.Column(), Long: f.Title, Spare: spare}
	}
	rss := figure(results.ServerRSS, 7)
	rss.Title += " MiB"
	all := &Table{Columns: []Column{
		{Title: "clients"}, {Title: "rate"}, {Title: "model", Left: true},
		figure(results.Throughput, 0), figure(results.P50, 4), figure(results.P99, 0), figure(results.ServiceP99, 5),
		figure(results.ServerCPU, 1), figure(results.ClientCPU, 8), rss, figure(results.Threads, 6),
		{Title: "served", Spare: 3}, {Title: "valid\ntrials", Spare: 2}, {Title: "notes", Left: true, Wrap: 15},
	}}
	for i := range points {
		p := &points[i]
		cells := []Cell{count(p.Clients), {Text: results.Count(p.RateRPS)}, marked(p)}
		for _, f := range []*results.Figure{results.Throughput, results.P50, results.P99, results.ServiceP99, results.ServerCPU, results.ClientCPU} {
			cells = append(cells, median(p, f))
		}
		all.Rows = append(all.Rows, Row{
			Cells: append(cells, mebibytes(p), threads(p), served(p), Cell{Text: fmt.Sprintf("%d/%d", p.Valid, p.Trials)}, Cell{Text: notes(p)}),
			Break: i > 0 && byLoad(points[i-1], points[i]) != 0,
		})
	}
	return all.without(func(i int, c Column) bool {
		switch c.Title {
		case "rate", results.ServiceP99.Column():
			return !open
		case rss.Title, results.Threads.Title:
			return open
		}
		return false
	})
}

// median is a cell of a figure of a point.
func median(p *stats.Point, f *results.Figure) Cell {
	s, known := p.Of(f)
	return of(f, s.Median, known)
}

func mebibytes(p *stats.Point) Cell {
	s, known := p.Of(results.ServerRSS)
	if !known {
		return none
	}
	return Cell{Text: results.Shortest(results.Significant(s.Median / (1 << 20)))}
}

func threads(p *stats.Point) Cell {
	s, known := p.Of(results.Threads)
	if !known {
		return none
	}
	return Cell{Text: results.Shortest(s.Median)}
}

func served(p *stats.Point) Cell {
	if !p.HasFigures() {
		return none
	}
	n, active := p.MostUnserved()
	return Cell{Text: fmt.Sprintf("%.0f/%.0f", n, active)}
}

// marked keeps the names of flagged and other models in one column.
func marked(p *stats.Point) Cell {
	if p.Flagged() {
		return Cell{Text: flagMark + " " + p.Model}
	}
	return Cell{Text: "  " + p.Model}
}

// notes is why a row may need a second look: errors, verdicts, failures.
func notes(p *stats.Point) string {
	var parts []string
	for _, class := range slices.Sorted(maps.Keys(p.Errors)) {
		parts = append(parts, class+" "+results.Count(float64(p.Errors[class])))
	}
	parts = append(parts, p.Verdicts...)
	if few := p.TooFew(); few != "" {
		parts = append(parts, few)
	}
	if p.Noisy > 0 {
		parts = append(parts, fmt.Sprintf("%d repeated", p.Noisy))
	}
	if n := len(p.Failures); n > 0 {
		parts = append(parts, fmt.Sprintf("%d failed: %s", n, shorten(results.OneLine(p.Failures[0]))))
	}
	return strings.Join(parts, ", ")
}

func shorten(failure string) string {
	runes := []rune(failure)
	if len(runes) <= maxFailure {
		return failure
	}
	return string(runes[:maxFailure-1]) + "…"
}

// Resources is what the servers of points took: a table for each workload, as [Points]
// has them. What no row of it has, or nothing but zero, is left out.
func Resources(points []stats.Point) Document {
	var d Document
	for _, group := range Workloads(points) {
		d.Add(Block{Heading: "What the servers take · " + heading(group), Table: resourcesTable(group)})
	}
	d.Add(Lines(
		"medians of valid trials; switches, GC and the kernel's counters over a trial, the last of all sockets of the host",
		"idle conn: growth by a connection that has sent nothing, from none to all clients; kernel: its socket and buffers",
		"syscalls/req: in the warm-up, where tracefs is mounted"))
	return d
}

func resourcesTable(points []stats.Point) *Table {
	t := &Table{Tight: true, Columns: []Column{{Title: "clients"}, {Title: "model", Left: true}}}
	var shown []*results.Figure
	for _, f := range results.Resources {
		if slices.ContainsFunc(points, func(p stats.Point) bool { s, _ := p.Of(f); return s.Max != 0 || s.Min != 0 }) {
			shown = append(shown, f)
			t.Columns = append(t.Columns, Column{Title: f.Column(), Long: f.Title, Spare: len(shown)})
		}
	}
	for i := range points {
		p := &points[i]
		row := Row{
			Cells: []Cell{count(p.Clients), marked(p)}, Break: i > 0 && byLoad(points[i-1], points[i]) != 0,
		}
		for _, f := range shown {
			row.Cells = append(row.Cells, median(p, f))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
