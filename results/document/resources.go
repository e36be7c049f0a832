package document

import (
	"slices"

	"connbench/results"
	"connbench/results/stats"
)

// Resources is what the servers of points took: a table for each workload, as [Points]
// has them. What no row of it has, or nothing but zero, is left out.
func Resources(points []stats.Point) Document {
	var d Document
	for _, group := range Workloads(points) {
		d.Add(Block{Heading: "What the servers take · " + heading(group), Table: resourcesTable(group)})
	}
	lines := results.Sentences{"medians of valid trials, of counts the larger of the middle two; switches, GC and the kernel's counters over a trial, the last of all sockets of the host"}
	lines.When(took(points, results.IdleRSS), "idle conn: growth by a connection that has sent nothing, from none to all clients; kernel: its socket and buffers")
	lines.When(took(points, results.Syscalls), "syscalls/req: in the warm-up, where tracefs is mounted")
	if slices.ContainsFunc(points, func(p stats.Point) bool {
		return slices.ContainsFunc(results.Resources, func(f *results.Figure) bool {
			s, known := p.Of(f)
			return known && f.Unit == results.ByteCount && s.Median < 1
		})
	}) {
		lines = append(lines, results.UntoldMeaning)
	}
	if slices.ContainsFunc(points, func(p stats.Point) bool {
		rss, known := p.Of(results.IdleRSS)
		return known && rss.Median < p.Median(results.IdleHeap)+p.Median(results.IdleStack)
	}) {
		lines = append(lines, "heap and stack: what Go has handed out; of that only pages that were written to are resident, which those of a buffer never read into are not")
	}
	d.Add(Lines(lines...))
	return d
}

// took reports whether any point has something of a figure.
func took(points []stats.Point, f *results.Figure) bool {
	return slices.ContainsFunc(points, func(p stats.Point) bool { s, _ := p.Of(f); return s.Max != 0 || s.Min != 0 })
}

func resourcesTable(points []stats.Point) *Table {
	t := &Table{Tight: true, Columns: []Column{clientsColumn, modelColumn}}
	var shown []*results.Figure
	for _, f := range results.Resources {
		if took(points, f) {
			shown = append(shown, f)
			t.Columns = append(t.Columns, figureColumn(f, len(shown)))
		}
	}
	t.Trials = ofTrials(shown...)
	for i, p := range results.Each(points) {
		cells := append([]Cell{count(p.Clients), marked(p)}, results.Map(shown, func(f *results.Figure) Cell { return median(p, f) })...)
		t.Rows = append(t.Rows, Row{Cells: cells, Break: i > 0 && byLoad(points[i-1], points[i]) != 0, Source: sourceOf(p)})
	}
	return t
}
