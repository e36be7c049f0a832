package figures

import (
	"cmp"
	"fmt"
	"slices"

	"connbench/plots/look"
	"connbench/results"
)

const (
	idleResident = "server_idle_connection.resident_bytes"
	idleKernel   = "server_idle_connection.kernel_bytes"
)

var idleMemory = metric{
	name: "memory", title: "Memory of an idle connection against clients", axis: "bytes for each connection", against: &byClients,
	spread: resource(idleResident), interval: idleResident, beside: resource(idleKernel),
	lines: [2]string{"resident memory of the server", "the kernel's: sockets and their buffers"},
	ticks: look.ByteTicks, idle: true, has: hasIdle, note: idleNote, text: bytesText,
}

const idleNote = "Growth from no client to all of them, connected and silent, over their number; it can be told from 256 connections on."

const idleCaption = "Resident memory of the server, and as small grey dots what the kernel takes for sockets and their buffers, where it says. " + idleNote

func bytesText(v float64) string { return results.Bytes(int64(v)) }

func resource(name string) func(*results.Point) results.Spread {
	return func(p *results.Point) results.Spread { return p.Resources[name] }
}

func hasIdle(p *results.Point) bool {
	_, has := p.Resources[idleResident]
	return has
}

// memoryFigure is of the points at counts of clients at which it can be told what a
// connection takes: against these, or by model where there is one alone, or where models
// are many with the most connections. It is nil where there are none.
func (d Drawer) memoryFigure(points []results.Point) *sheet {
	told := map[int]bool{}
	for i := range points {
		told[points[i].Clients] = told[points[i].Clients] || points[i].HasFigures() && hasIdle(&points[i])
	}
	points = slices.DeleteFunc(slices.Clone(points), func(p results.Point) bool { return !told[p.Clients] })
	if len(points) == 0 {
		return nil
	}
	// What an idle connection takes does not depend on what comes later.
	first := byClients.facet(points[0].Key)
	points = slices.DeleteFunc(points, func(p results.Point) bool { return byClients.facet(p.Key) != first })
	most := slices.MaxFunc(points, func(a, b results.Point) int { return cmp.Compare(a.Clients, b.Clients) }).Clients
	last := slices.DeleteFunc(slices.Clone(points), func(p results.Point) bool { return p.Clients < most })
	if len(last) < len(points) && !many(points) {
		return d.newFigure(idleMemory, points)
	}
	return d.memoryByModel(last)
}

func (d Drawer) memoryByModel(points []results.Point) *sheet {
	points = slices.Clone(points)
	slices.SortStableFunc(points, func(a, b results.Point) int {
		if x, y := hasIdle(&a), hasIdle(&b); x != y {
			return map[bool]int{true: -1, false: 1}[x]
		}
		return cmp.Compare(a.Resources[idleResident].Median, b.Resources[idleResident].Median)
	})
	var rows []dotRow
	var values []float64
	hollow := false
	for i := range points {
		p := &points[i]
		cell := dotCell{text: "not known"}
		if hasIdle(p) {
			cell = memoryCell(p.Resources[idleResident].Median, p.Resources[idleKernel].Median)
			values = append(values, cell.value, cell.beside)
			hollow = hollow || p.Flagged()
		}
		cell.hollow = p.Flagged()
		rows = append(rows, dotRow{name: p.Model, Look: d.Order.Of(p.Model), cells: []dotCell{cell}})
	}
	caption := "Medians. " + idleCaption
	if hollow {
		caption += " Hollow marks are " + results.FlagMeaning + "."
	}
	return &sheet{
		name: "memory", title: "Memory of an idle connection",
		subtitle: fmt.Sprintf("%s · %d connections", results.Workload(points), points[0].Clients),
		caption:  caption + " " + d.where(), body: memoryChart(rows, values),
	}
}

func memoryChart(rows []dotRow, values []float64) *dotChart {
	return &dotChart{rows, []dotColumn{{x: dotScale("bytes for each connection", look.ByteTicks, values)}}}
}

// memoryCell has what a connection takes of the server's memory and, as a second dot, of
// the kernel's.
func memoryCell(resident, kernel float64) dotCell {
	return dotCell{value: resident, beside: kernel, text: memoryText(resident, kernel)}
}

// memoryText is what a connection takes of the server's memory and of the kernel's; 0 of
// the latter is not known.
func memoryText(resident, kernel float64) string {
	text := results.Bytes(int64(max(0, resident)))
	if kernel > 0 {
		text += " + " + results.Bytes(int64(kernel))
	}
	return text
}
