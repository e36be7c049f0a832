package document

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// seriesRows is into how many rows a series is put together at the most.
const seriesRows = 20

// Series is what became of a window in which the rate changes: a table of its course, the part that
// was worst, and how long the server felt each spike.
func Series(s *results.Series) Document {
	var d Document
	if len(s.Parts) == 0 {
		return d
	}
	b := Block{Table: seriesTable(s), Lines: SeriesLines(s)}
	if each := eachRow(s); each > 1 {
		b.Lines = append([]string{fmt.Sprintf("rows are of %d parts: the mean of their rates, the median of their p50, the highest p99", each)}, b.Lines...)
	}
	d.Add(b)
	return d
}

// Courses is how high p99 was and how long spikes were felt at points whose rate changes, models
// in the given order.
func Courses(courses []read.Course, models []string) Document {
	var d Document
	for _, load := range results.Grouped(courses, func(c read.Course) results.Key { return sharedLoad(c.Key) }) {
		k := load[0].Key
		d.Add(Block{
			Heading: Dotted("Course of the window", stats.Workload([]stats.Point{{Key: k}}), k.Payload(), asked(k), k.Knobs), Table: coursesTable(load, models),
			Lines: []string{courseLegend(&load[0])},
		})
	}
	return d
}

// courseLegend explains the columns that there are.
func courseLegend(c *read.Course) string {
	of := fmt.Sprintf("of the medians of trials in each %s", clockText(c.PartNS))
	if len(c.Spikes) == 0 {
		return of
	}
	return of + fmt.Sprintf("; recovery: from a spike's end to p99 within %d times its median of before; never: not before the window's end or the next spike", results.RecoveredFactor)
}

func coursesTable(load []read.Course, models []string) *Table {
	t := &Table{Columns: []Column{clientsColumn, modelColumn, {Title: "highest\np99"}, {Title: "at"}}}
	for _, spike := range load[0].Spikes {
		t.Columns = append(t.Columns, Column{Title: fmt.Sprintf("recovery from\n%s/s at %s", results.Count(spike.RateRPS), clockText(spike.AtNS))})
	}
	slices.SortStableFunc(load, func(a, b read.Course) int {
		return cmp.Or(a.Clients-b.Clients, slices.Index(models, a.Model)-slices.Index(models, b.Model))
	})
	for _, c := range results.Each(load) {
		row := []Cell{count(c.Clients), words(c.Model), none, none}
		if highest, at := c.HighestP99(); highest != nil {
			row[2], row[3] = Cell{Text: highest.Latency.P99.String()}, Cell{Text: clockText(int64(at))}
		}
		for j := range load[0].Spikes {
			row = append(row, recoveryCell(c, j))
		}
		t.add(row...)
	}
	return t
}

func recoveryCell(c *read.Course, i int) Cell {
	switch {
	case i >= len(c.Spikes) || c.Spikes[i].P99BeforeNS == nil:
		return none
	case c.Spikes[i].RecoveryNS == nil:
		return Cell{Text: "never"}
	}
	return Cell{Text: clockText(*c.Spikes[i].RecoveryNS)}
}

// eachRow is of how many parts a row of the table is.
func eachRow(s *results.Series) int { return (len(s.Parts) + seriesRows - 1) / seriesRows }

func seriesTable(s *results.Series) *Table {
	t := &Table{Columns: []Column{
		{Title: "from"}, {Title: "asked/s"}, {Title: "answered/s", Hint: "answers that came, whenever their requests were due"},
		{Title: "p50", Hint: "of the requests due then"}, {Title: "p99"},
	}}
	each := eachRow(s)
	for i := 0; i < len(s.Parts); i += each {
		asked, answered, latency := s.Together(i, min(i+each, len(s.Parts)))
		row := []Cell{
			{Text: clockText(int64(i) * s.PartNS)}, {Text: results.Count(asked)}, {Text: results.Count(answered)}, none, none,
		}
		if latency != nil {
			row[3], row[4] = Cell{Text: latency.P50.String()}, Cell{Text: latency.P99.String()}
		}
		t.add(row...)
	}
	return t
}

// clockText is a time of the window to a millisecond.
func clockText(ns int64) string { return time.Duration(ns).Round(time.Millisecond).String() }

// SeriesLines are the highest p99 of a part, and what is known of each spike.
func SeriesLines(s *results.Series) []string {
	var lines []string
	if highest, at := s.HighestP99(); highest != nil {
		lines = append(lines, fmt.Sprintf("highest p99: %v, of the requests due in the %s from %s on",
			highest.Latency.P99, clockText(s.PartNS), clockText(int64(at))))
	}
	for i := range s.Spikes {
		lines = append(lines, spikeLine(s, i))
	}
	return lines
}

func spikeLine(s *results.Series, i int) string {
	spike, until := &s.Spikes[i], "the window's end"
	if i+1 < len(s.Spikes) {
		until = "the next one"
	}
	line := fmt.Sprintf("recovery from the spike of %s/s at %s: ", results.Count(spike.RateRPS), clockText(spike.AtNS))
	switch {
	case spike.EndNS() > s.EndNS():
		return line + "not known, since the window ended before"
	case spike.P99BeforeNS == nil:
		return line + "not known, since there is no p99 before it to compare with"
	case spike.RecoveryNS == nil:
		return line + fmt.Sprintf("none until %s: p99 stayed above %d times the %v of before", until, results.RecoveredFactor, *spike.P99BeforeNS)
	case *spike.RecoveryNS < s.PartNS:
		return line + fmt.Sprintf("at once: in the %s after it p99 was within %d times the %v of before", clockText(s.PartNS), results.RecoveredFactor, *spike.P99BeforeNS)
	}
	return line + fmt.Sprintf("%s after its end p99 was within %d times the %v of before", clockText(*spike.RecoveryNS), results.RecoveredFactor, *spike.P99BeforeNS)
}

// Sizes is what each payload of the mixes of a run was like, point by point: medians over the
// trials that the point's figures rest on, models in the given order. Of trials without a mix it
// says nothing.
func Sizes(trials []results.Trial, models []string) Document {
	var d Document
	mixed := slices.DeleteFunc(results.Final(trials), func(t results.Trial) bool { return len(t.Sizes) == 0 || t.Failure != "" })
	for _, group := range results.Grouped(mixed, func(t results.Trial) results.Key { return sharedLoad(t.Key()) }) {
		k := group[0].Key()
		d.Add(Block{Heading: Dotted("Each payload of "+k.PayloadMix, k.Work, k.Knobs, asked(k)), Table: sizesTable(group, models)})
	}
	return d
}

// sharedLoad is a key without the row and its clients.
func sharedLoad(k results.Key) results.Key {
	k = k.Shared()
	k.Clients = 0
	return k
}

func sizesTable(trials []results.Trial, models []string) *Table {
	t := &Table{Columns: []Column{
		clientsColumn, modelColumn, {Title: "payload"}, {Title: "requests", Hint: "of a trial, answered or failed"}, {Title: "p50"}, {Title: "p99"},
	}}
	slices.SortStableFunc(trials, func(a, b results.Trial) int {
		return cmp.Or(a.Clients-b.Clients, slices.Index(models, a.Model)-slices.Index(models, b.Model))
	})
	for _, point := range results.Grouped(trials, func(t results.Trial) results.Key { return t.Key() }) {
		rests := resting(point)
		for i, size := range rests[0].Sizes {
			row := Row{Break: i == 0, Cells: []Cell{{}, {}, {Text: results.Bytes(int64(size.PayloadBytes))}}}
			if i == 0 {
				row.Cells[0], row.Cells[1] = count(point[0].Clients), words(point[0].Model)
			}
			row.Cells = append(row.Cells, sizeCells(rests, i)...)
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// resting are the valid trials of a point, or all where none is.
func resting(point []results.Trial) []results.Trial {
	valid := slices.DeleteFunc(slices.Clone(point), func(t results.Trial) bool { return !t.Valid() })
	if len(valid) == 0 {
		return point
	}
	return valid
}

// sizeCells are the requests, p50 and p99 of payload number i of a mix.
func sizeCells(trials []results.Trial, i int) []Cell {
	var requests, p50s, p99s []float64
	for _, t := range trials {
		if i >= len(t.Sizes) { // which none of ours lacks
			continue
		}
		size := t.Sizes[i]
		requests = append(requests, float64(size.Requests+size.Unanswered))
		if l := size.ResponseLatency; l != nil {
			p50s, p99s = append(p50s, float64(l.P50)), append(p99s, float64(l.P99))
		}
	}
	latency := func(all []float64) Cell {
		if len(all) == 0 {
			return none
		}
		slices.Sort(all)
		return Cell{Text: results.Nanos(results.Median(all)).String()}
	}
	slices.Sort(requests)
	return []Cell{{Text: results.Count(results.MedianCount(requests))}, latency(p50s), latency(p99s)}
}
