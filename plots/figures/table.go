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
// clients, the memory of an idle connection, throughput at saturation and latency at half
// of that. A figure that no row has a value for is left out.
func (d Drawer) Table(c *read.ComparisonTable) ([]look.Figure, error) {
	var sheets []*sheet
	for _, s := range []*sheet{d.capacitySheet(c), d.idleSheet(c), d.perCPUSheet(c), d.halfSheet(c)} {
		if s != nil {
			sheets = append(sheets, s)
		}
	}
	return drawn(sheets)
}

// profileRows has a row for each profile with a positive value, that with the least first,
// or with the most.
func (d Drawer) profileRows(c *read.ComparisonTable, more bool, cellOf func(*read.Profile) dotCell) (rows []dotRow, values []float64) {
	for i := range c.Profiles {
		p := &c.Profiles[i]
		if cell := cellOf(p); cell.value > 0 {
			rows = append(rows, dotRow{name: p.Model, Look: d.Order.Of(p.Model), cells: []dotCell{cell}})
			values = append(values, cell.value, cell.beside, cell.low, cell.high)
		}
	}
	slices.SortStableFunc(rows, func(a, b dotRow) int {
		order := cmp.Compare(a.cells[0].value, b.cells[0].value)
		if more {
			return -order
		}
		return order
	})
	return rows, values
}

func (d Drawer) capacitySheet(c *read.ComparisonTable) *sheet {
	rows, values := d.profileRows(c, true, func(p *read.Profile) dotCell {
		return dotCell{value: float64(p.Capacity.Clients), text: capacityText(&p.Capacity), frame: magnitude(c.Words[p.Model].Clients)}
	})
	if len(rows) == 0 {
		return nil
	}
	values = append(values, 100, 10e3)
	claimed := false
	for _, row := range rows {
		if frame := row.cells[0].frame; frame != nil {
			claimed = true
			values = append(values, frame.From, frame.Below/1.2)
		}
	}
	column := dotColumn{x: dotScale("clients", look.CountTicks, values)}
	for _, m := range look.Magnitudes {
		if m.Below > column.x.Min && m.From < column.x.Max {
			column.spans = append(column.spans, look.Magnitude{Word: m.Word, From: max(m.From, column.x.Min), Below: min(m.Below, column.x.Max)})
		}
	}
	caption := fmt.Sprintf("The most clients, each with %s, that were all connected and served with a p99 of at most %s and errors under 0.1 %%, "+
		"found by a search and tried once more; beside it what kept the row from more.", clientRate(c.ClientRate), c.Goal.P99)
	var none []string
	for i := range c.Profiles {
		if p := &c.Profiles[i]; p.Capacity.Clients == 0 && p.Capacity.Probes > 0 {
			none = append(none, p.Model)
		}
	}
	if none != nil {
		caption += " Not drawn, since not one client was served so: " + strings.Join(none, ", ") + "."
	}
	if claimed {
		caption += " Dashed frames are what the tutorial says of such a row, without a measurement."
	}
	return &sheet{
		name: "max-clients", title: "The most clients of each row", subtitle: "open loop, a rate for each client",
		caption: caption + " " + d.where(), body: &dotChart{rows, []dotColumn{column}},
	}
}

func clientRate(rps float64) string {
	if rps == 1 {
		return "a request a second"
	}
	return results.Count(rps) + " requests/s"
}

// magnitude is what a word says of clients, nil where that is no number.
func magnitude(word string) *look.Magnitude {
	m, known := look.MagnitudeOf(word)
	if !known {
		return nil
	}
	return &m
}

// capacityText is the number and its bound: "8450 · latency".
func capacityText(c *read.Capacity) string {
	bound := string(c.Bound)
	if c.Bound == read.BoundSearch {
		bound = "no bound found"
	}
	return fmt.Sprintf("%d · %s", c.Clients, bound)
}

func (d Drawer) idleSheet(c *read.ComparisonTable) *sheet {
	rows, values := d.profileRows(c, false, func(p *read.Profile) dotCell {
		if p.Idle == nil {
			return dotCell{}
		}
		kernel := 0.0
		if p.Idle.KernelBytes != nil {
			kernel = *p.Idle.KernelBytes
		}
		return dotCell{value: p.Idle.ResidentBytes, beside: kernel, text: memoryText(p.Idle.ResidentBytes, kernel)}
	})
	if len(rows) == 0 {
		return nil
	}
	return &sheet{
		name: "idle-memory", title: "Memory of an idle connection", subtitle: "of each row where it served the most clients",
		caption: "Resident memory of the server, and as small grey dots what the kernel takes for sockets and their buffers, where it says. " + idleNote + " " + d.where(),
		body:    &dotChart{rows, []dotColumn{{x: dotScale(idleMemory.axis, look.ByteTicks, values)}}},
	}
}

func (d Drawer) perCPUSheet(c *read.ComparisonTable) *sheet {
	rows, values := d.profileRows(c, true, func(p *read.Profile) dotCell { return medianCell(p.PerCore, results.Count) })
	if len(rows) == 0 {
		return nil
	}
	return &sheet{
		name: "cpu-throughput", title: "Requests a second of a CPU", subtitle: fmt.Sprintf("closed loop with %s, as fast as it goes", results.Plural(c.Saturating, "client")),
		caption: "Throughput over the server's CPU time, user and system together. " + mediansOfTrials + " " + d.where(),
		body:    &dotChart{rows, []dotColumn{{x: look.Linear("requests/s of a CPU", slices.Max(values))}}},
	}
}

const mediansOfTrials = "Medians of trials; bars are their 95 % intervals, where trials are enough for one."

// halfSheet falls back to upper bounds, of rows of which every trial was disturbed.
func (d Drawer) halfSheet(c *read.ComparisonTable) *sheet {
	disturbed := false
	rows, values := d.profileRows(c, false, func(p *read.Profile) dotCell {
		if p.HalfAtMost == nil {
			return medianCell(p.HalfP99, results.Nanoseconds.Text)
		}
		disturbed = true
		cell := medianCell(p.HalfAtMost, results.Nanoseconds.Text)
		cell.hollow, cell.text = true, "≤ "+cell.text
		return cell
	})
	if len(rows) == 0 {
		return nil
	}
	caption := mediansOfTrials + " Latency counts from the intended send."
	if disturbed {
		caption += " Hollow marks are upper bounds: in every trial the client or others on the machine were in the way."
	}
	return &sheet{
		name: "half-p99", title: "p99 latency at half of the highest throughput", subtitle: "open loop at a constant rate",
		caption: caption + " " + d.where(), body: &dotChart{rows, []dotColumn{{x: dotScale("p99 latency", look.DurationTicks, values)}}},
	}
}

// medianCell has no value where there is no median.
func medianCell(i *stats.Interval, text func(float64) string) dotCell {
	if i == nil {
		return dotCell{}
	}
	cell := dotCell{value: i.Estimate, text: text(i.Estimate)}
	if i.Bounded() {
		cell.low, cell.high, cell.thick = i.Low, i.High, true
	}
	return cell
}
