package document

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

const (
	flagMark   = "!"
	maxFailure = 60 // of a failure's text in a table, in runes
)

// FlagMeaning explains a mark on a point that is flagged; see [stats.Point.Flagged].
const FlagMeaning = "not to be ranked: no valid trial, or in half of them a client without any answer"

// Run is what a run comes to, part by part: the tables, which rows differ, what more clients would
// come to, and if asked for what the servers took.
func Run(parts []read.Reading, resources bool) Document {
	var d Document
	var points []stats.Point
	for _, p := range results.Each(parts) {
		points = append(points, p.Points...)
		if p.Where != "" {
			d.Add(Lines("Made elsewhere than the run was begun (there / here): " + p.Where))
		}
		d = Join(d, Points(p.Points, &p.Run.Environment), Sizes(p.Trials, p.Run.Models), Courses(read.Courses(p.Points), p.Run.Models), Hosts(p.Trials), Answer(p), Scalings(p.Scalings))
		if resources {
			d = Join(d, Resources(p.Points))
		}
	}
	d.Main = Summary(points)
	return d
}

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
	split := results.Grouped(points, func(p stats.Point) results.Key {
		key := p.Key.Shared()
		key.Clients, key.RateRPS = 0, 0
		return key
	})
	for _, group := range split {
		slices.SortStableFunc(group, byLoad)
	}
	return split
}

func byLoad(a, b stats.Point) int {
	return cmp.Or(cmp.Compare(a.Clients, b.Clients), cmp.Compare(a.RateRPS, b.RateRPS))
}

func heading(points []stats.Point) string {
	k := points[0].Key
	changing := ""
	if k.RateProfile != "" {
		changing = asked(k)
	}
	return Dotted(stats.Workload(points), k.Payload(), changing, k.LoopLabel())
}

// legend explains what the tables have that does not explain itself.
func legend(points []stats.Point) []string {
	var lines results.Sentences
	lines.When(slices.ContainsFunc(points, func(p stats.Point) bool { return p.Loop == results.OpenLoop }), "open loop: p50 and p99 count from the intended send, p99 service from the actual one")
	lines.When(slices.ContainsFunc(points, func(p stats.Point) bool { return p.Flagged() }), flagMark+" "+FlagMeaning)
	for _, p := range results.Each(points) {
		answered, known := p.Of(results.Throughput)
		hint := results.OtherProtocol(p.Framing, p.Errors)
		if line := p.Model + ": " + hint; known && answered.Max == 0 && hint != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return append(lines, results.Explanations(func(v string) bool {
		return slices.ContainsFunc(points, func(p stats.Point) bool { return slices.Contains(p.Verdicts, v) })
	}, stats.ClientLimits(points))...)
}

// pointsTable is of the points of one workload. An open loop's does without memory and
// threads, which the same models show at saturation. In a narrow terminal the client's CPU
// is left out first, then memory, threads, the service latency, the median, who was served,
// valid trials and last the server's CPU.
func pointsTable(points []stats.Point) *Table {
	open := points[0].Loop == results.OpenLoop
	rss, threads := figureColumn(results.ServerRSS, 7), figureColumn(results.Threads, 6)
	memory := rss // with its unit in the cells, where there is room
	rss.Title, rss.Only, memory.Only = rss.Title+" MiB", People, Page
	if open {
		threads.Only = Page
	}
	all := &Table{Columns: []Column{
		clientsColumn, {Title: "rate", Hint: "requests asked for a second"}, modelColumn,
		figureColumn(results.Throughput, 0), figureColumn(results.P50, 4), figureColumn(results.P99, 0), figureColumn(results.ServiceP99, 5),
		figureColumn(results.ServerCPU, 1), figureColumn(results.ClientCPU, 8), rss, memory, threads,
		{Title: "served", Spare: 3, Hint: "the fewest clients with an answer, of those that ask", More: true},
		{Title: "valid\ntrials", Spare: 2, Hint: "those without a verdict", More: true},
		{Title: "notes", Left: true, Wrap: 15, Hint: "errors, verdicts, failures"},
	}}
	figures := []*results.Figure{results.Throughput, results.P50, results.P99, results.ServiceP99, results.ServerCPU, results.ClientCPU}
	all.Trials = ofTrials(slices.DeleteFunc(append(slices.Clone(figures), results.ServerRSS, results.Threads), func(f *results.Figure) bool {
		return !open && f == results.ServiceP99
	})...)
	for i, p := range results.Each(points) {
		cells := []Cell{count(p.Clients), {Text: results.Count(p.RateRPS), Value: p.RateRPS}, marked(p)}
		cells = append(cells, results.Map(figures, func(f *results.Figure) Cell { return median(p, f) })...)
		cells = append(cells, medianAs(p, results.ServerRSS, mebibytes), median(p, results.ServerRSS), medianAs(p, results.Threads, results.Shortest),
			served(p), valid(p), Cell{Text: notes(p), Value: len(p.Verdicts)})
		all.Rows = append(all.Rows, Row{Cells: cells, Break: i > 0 && byLoad(points[i-1], points[i]) != 0, Source: sourceOf(p)})
	}
	return all.without(func(i int, c Column) bool {
		return open && c.Title == rss.Title || !open && (c.Title == "rate" || c.Title == results.ServiceP99.Column())
	})
}

var (
	clientsColumn = Column{Title: "clients", Hint: "connections"}
	modelColumn   = Column{Title: "model", Left: true, Names: true, Hint: "name of the row"}
)

// sourceOf is where a point's figures come from; see [stats.Summarize].
func sourceOf(p *stats.Point) *Source {
	return &Source{Key: p.Key, Flagged: p.Flagged(), Trials: func(t *results.Trial) (its, rests bool) {
		return t.Key() == p.Key, t.Failure == "" && (t.Valid() || p.Valid == 0)
	}}
}

func median(p *stats.Point, f *results.Figure) Cell {
	return medianAs(p, f, f.Text)
}

// medianAs is the same, written as the table has it.
func medianAs(p *stats.Point, f *results.Figure, write func(float64) string) Cell {
	s, known := p.Of(f)
	if !known {
		return none
	}
	c := Cell{Text: write(s.Median), Value: s.Median, Hint: fmt.Sprintf("from %s to %s", f.Text(s.Min), f.Text(s.Max))}
	return c.within(p.Intervals[f], f.Text)
}

func mebibytes(bytes float64) string { return results.Shortest(results.Significant(bytes / (1 << 20))) }

func served(p *stats.Point) Cell {
	if !p.HasFigures() {
		return none
	}
	n, active := p.MostUnserved()
	return Cell{Text: fmt.Sprintf("%.0f/%.0f", n, active), Value: n / max(1, active)}
}

func valid(p *stats.Point) Cell {
	return Cell{Text: fmt.Sprintf("%d/%d", p.Valid, p.Trials), Value: p.Valid}
}

// marked keeps the names of flagged and other models in one column.
func marked(p *stats.Point) Cell {
	c := Cell{Text: "  " + p.Model, Value: p.Model, Hint: p.Transport()}
	if p.Flagged() {
		c.Text = flagMark + " " + p.Model
	}
	return c
}

// notes is why a row may need a second look: errors, verdicts, failures.
func notes(p *stats.Point) string {
	parts := append(results.Sentences(ErrorCounts(p.Errors)), p.Verdicts...)
	s, some := p.Of(results.Missing)
	parts.When(some, Misses(s.Median))
	parts.Some(p.TooFew())
	parts.When(p.Noisy > 0, fmt.Sprintf("%d repeated", p.Noisy))
	if n := len(p.Failures); n > 0 {
		parts = append(parts, fmt.Sprintf("%d failed: %s", n, shorten(results.OneLine(p.Failures[0]))))
	}
	return strings.Join(parts, ", ")
}

// Misses says which share of the keys that were asked for had no value.
func Misses(share float64) string {
	return fmt.Sprintf("%.3g %% of the keys were missing", 100*share)
}

// Missed names rows that had no value for keys that were asked for, which is less work than to have
// them; nil where none did.
func Missed(trials []results.Trial) (lines []string) {
	for _, of := range results.Grouped(trials, func(t results.Trial) string { return t.Model }) {
		most := 0.0
		for i := range of {
			share, _ := results.Missing.Of(&of[i])
			most = max(most, share)
		}
		if most > 0 {
			lines = append(lines, fmt.Sprintf("%s: up to %s.", of[0].Model, Misses(most)))
		}
	}
	return lines
}

// ErrorCounts are the errors of each class: "timeout 3".
func ErrorCounts(errors map[string]int64) []string {
	return results.Map(slices.Sorted(maps.Keys(errors)), func(class string) string { return class + " " + results.Count(float64(errors[class])) })
}

func shorten(failure string) string {
	runes := []rune(failure)
	if len(runes) <= maxFailure {
		return failure
	}
	return string(runes[:maxFailure-1]) + "…"
}
