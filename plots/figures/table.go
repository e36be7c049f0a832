package figures

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Table draws the figures of a comparison table, each row of it a row of theirs: the most
// clients and the highest rates, the memory of an idle connection, throughput at saturation and
// latency at half of that. A figure that no row has a value for is left out.
func (d Drawer) Table(c *read.ComparisonTable) ([]look.Figure, error) {
	sheets := []*sheet{
		d.capacitySheet(c), d.answerSheet(c, read.Busy, "busy-clients"), d.answerSheet(c, read.RateOfFew, "rate-of-few"), d.answerSheet(c, read.RateOfMany, "rate-of-many"),
		d.idleSheet(c), d.perCPUSheet(c), d.halfSheet(c),
	}
	for _, s := range sheets {
		s.caption += " " + d.where()
	}
	return drawn(slices.DeleteFunc(sheets, func(s *sheet) bool { return len(s.body.(*dotChart).rows) == 0 }))
}

// profileChart has a row for each profile with a positive value, that with the least first,
// or with the most.
func (d Drawer) profileChart(c *read.ComparisonTable, more bool, scale func(values []float64) look.Scale, cellOf func(*read.Profile) dotCell) *dotChart {
	chart := &dotChart{}
	values := []float64{0}
	for _, p := range results.Each(c.Profiles) {
		if cell := cellOf(p); cell.value > 0 {
			chart.rows = append(chart.rows, dotRow{name: p.Model, key: results.Key{Model: p.Model}, Look: d.Order.Of(p.Model), cells: []dotCell{cell}})
			values = append(values, cell.values()...)
		}
	}
	slices.SortStableFunc(chart.rows, func(a, b dotRow) int {
		if more {
			a, b = b, a
		}
		return cmp.Compare(a.cells[0].value, b.cells[0].value)
	})
	chart.columns = []dotColumn{{x: scale(values)}}
	return chart
}

// undrawn are the profiles of which that is to be said, as a sentence; empty for none.
func undrawn(c *read.ComparisonTable, why string, is func(*read.Profile) bool) string {
	var models []string
	for _, p := range results.Each(c.Profiles) {
		if is(p) {
			models = append(models, p.Model)
		}
	}
	if models == nil {
		return ""
	}
	return " Not drawn, since " + why + ": " + strings.Join(models, ", ") + "."
}

func (d Drawer) capacitySheet(c *read.ComparisonTable) *sheet {
	scale := func(values []float64) look.Scale {
		return dotScale("clients", look.CountTicks)(append(values, 100, 10e3))
	}
	chart := d.profileChart(c, true, scale, func(p *read.Profile) dotCell {
		cell := answerCell(&p.Capacity, c.Goal)
		cell.frame = c.Said(p.Model)
		return cell
	})
	column := &chart.columns[0]
	for _, m := range read.Magnitudes {
		if m.Below > column.x.Min && m.From < column.x.Max {
			column.spans = append(column.spans, read.Magnitude{Word: m.Word, From: max(m.From, column.x.Min), Below: min(m.Below, column.x.Max)})
		}
	}
	caption := fmt.Sprintf("The most clients, each with %s, that were all connected and served with a p99 of at most %s and errors under 0.1 %%, "+
		"found by a search and confirmed for longer; %s", clientRate(c.ClientRate), c.Goal.P99, answerNote)
	caption += undrawn(c, "not one client was served so", func(p *read.Profile) bool { return p.Capacity.Most == 0 && p.Capacity.Probes > 0 })
	if slices.ContainsFunc(chart.rows, func(row dotRow) bool { return row.cells[0].frame != nil }) {
		caption += " Dashed frames are what the tutorial says of such a row, without a measurement."
	}
	return &sheet{
		name: "max-clients", title: "The most clients of each row", subtitle: "open loop, a rate for each client",
		caption: caption, body: chart,
	}
}

const answerNote = "bars are 95 % intervals, where chance decides; ≥ where what stopped it was not the row's own limit; beside it what kept it from more."

func answerCell(a *read.Capacity, goal read.Goal) dotCell {
	cell := dotCell{value: float64(a.Most), text: capacityText(a, goal)}
	if a.Estimated() && !a.Within.Bounded() {
		cell.low, cell.high, cell.thick = a.Within.Low, float64(a.Most), true
		return cell
	}
	return cell.within(a.Within, results.Count)
}

// answerSheet is of the answers to a question that is not the first.
func (d Drawer) answerSheet(c *read.ComparisonTable, question int, name string) *sheet {
	q := c.Questions[question]
	s := &sheet{name: name, title: "The most clients with " + clientRate(q.ClientRate) + " each", subtitle: "open loop, a rate for each client"}
	axis, what := "clients", "The most clients, each with "+clientRate(q.ClientRate)+", that were all"
	if q.ClientRate == 0 {
		clients := results.Plural(q.Clients, "client")
		s.title, s.subtitle = "The highest rate of "+clients, "open loop at a constant rate"
		axis, what = "requests/s", "The most requests a second of "+clients+" that were"
	}
	s.caption = fmt.Sprintf("%s served with a p99 of at most %s and errors under 0.1 %%; %s", what, c.Goal.P99, answerNote)
	s.body = d.profileChart(c, true, dotScale(axis, look.CountTicks), func(p *read.Profile) dotCell { return answerCell(&p.Answers[question], c.Goal) })
	return s
}

func clientRate(rps float64) string {
	if rps == 1 {
		return "a request a second"
	}
	return results.Count(rps) + " requests/s"
}

// capacityText is the number and its bound: "8450 · latency", "≥ 19936 · descriptors", or where an
// estimate is open above "18781 or more · latency".
func capacityText(c *read.Capacity, goal read.Goal) string {
	bound := string(c.Bound)
	if c.Bound == read.BoundSearch {
		bound = "no bound found"
	}
	switch {
	case goal.Limits(c):
		return fmt.Sprintf("≥ %d · %s", c.Most, bound)
	case c.Estimated() && !c.Within.Bounded():
		return fmt.Sprintf("%d or more · %s", c.Most, bound)
	}
	return fmt.Sprintf("%d · %s", c.Most, bound)
}

func (d Drawer) idleSheet(c *read.ComparisonTable) *sheet {
	caption := "Resident memory of the server, and as small grey dots what the kernel takes for sockets and their buffers, where it says. " + idleNote
	caption += undrawn(c, "it is below what can be told", func(p *read.Profile) bool { return p.Idle != nil && p.Idle.ResidentBytes <= 0 })
	return &sheet{
		name: "idle-memory", title: "Memory of an idle connection", subtitle: "of each row where it served the most clients",
		caption: caption,
		body: d.profileChart(c, false, dotScale(idleMemory.axis, look.ByteTicks), func(p *read.Profile) (cell dotCell) {
			if p.Idle != nil {
				cell.value = p.Idle.ResidentBytes
				if p.Idle.KernelBytes != nil {
					cell.beside = *p.Idle.KernelBytes
				}
				cell.text = memoryText(cell.value, cell.beside)
			}
			return cell
		}),
	}
}

func (d Drawer) perCPUSheet(c *read.ComparisonTable) *sheet {
	scale := func(values []float64) look.Scale { return look.Linear("requests/s of a CPU", slices.Max(values)) }
	return &sheet{
		name: "cpu-throughput", title: "Requests a second of a CPU", subtitle: fmt.Sprintf("closed loop with %s, as fast as it goes", results.Plural(c.Saturating, "client")),
		caption: "Throughput over the server's CPU time, user and system together. " + mediansOfTrials,
		body:    d.profileChart(c, true, scale, func(p *read.Profile) dotCell { return medianCell(p.PerCore, results.Count) }),
	}
}

const mediansOfTrials = "Medians of trials; bars are their 95 % intervals, where trials are enough for one."

// halfSheet falls back to upper bounds, of rows of which every trial was disturbed.
func (d Drawer) halfSheet(c *read.ComparisonTable) *sheet {
	disturbed := false
	chart := d.profileChart(c, false, dotScale("p99 latency", look.DurationTicks), func(p *read.Profile) dotCell {
		if p.HalfAtMost == nil {
			return medianCell(p.HalfP99, results.Nanoseconds.Text)
		}
		disturbed = true
		cell := medianCell(p.HalfAtMost, results.Nanoseconds.Text)
		cell.hollow, cell.text = true, "≤ "+cell.text
		return cell
	})
	caption := mediansOfTrials + " Latency counts from the intended send."
	if disturbed {
		caption += " Hollow marks are upper bounds: in every trial the client or others on the machine were in the way."
	}
	return &sheet{
		name: "half-p99", title: "p99 latency at half of the highest throughput", subtitle: "open loop at a constant rate",
		caption: caption, body: chart,
	}
}

func medianCell(i *stats.Interval, text func(float64) string) dotCell {
	if i == nil {
		return dotCell{}
	}
	return dotCell{value: i.Estimate, text: text(i.Estimate)}.within(*i, text)
}
