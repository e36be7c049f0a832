package plots

import (
	"cmp"
	"fmt"
	"slices"


	"connbench/results"
	"connbench/results/stats"
)

const (
	idleResident = "server_idle_connection.resident_bytes"
	idleKernel   = "server_idle_connection.kernel_bytes"
)

var idleMemory = metric{
	name: "memory", title: "Memory of an idle connection against clients", axis: "bytes for each connection", against: &byClients,
	spread: resource(idleResident), interval: idleResident, beside: resource(idleKernel),
	lines: [2]string{"resident memory of the server", "the kernel's: sockets and their buffers"},
	ticks: byteTicks, idle: true, has: hasIdle, note: idleNote, text: bytesText,
}

const idleNote = "Growth from no client to all of them, connected and silent, over their number; it can be told from 256 connections on."

const idleCaption = "Resident memory of the server, and as small grey dots what the kernel takes for sockets and their buffers, where it says. " + idleNote

func bytesText(v float64) string { return results.Bytes(int64(v)) }

func resource(name string) func(*stats.Point) stats.Spread {
	return func(p *stats.Point) stats.Spread { return p.Resources[name] }
}

func hasIdle(p *stats.Point) bool {
	_, has := p.Resources[idleResident]
	return has
}

// memoryFigure is of the points at counts of clients at which it can be told what a
// connection takes: against these, or by model where there is one alone, or where models
// are many with the most connections. It is nil where there are none.
func memoryFigure(points []stats.Point, env *results.Environment) *sheet {
	told := map[int]bool{}
	for i := range points {
		told[points[i].Clients] = told[points[i].Clients] || points[i].HasFigures() && hasIdle(&points[i])
	}
	points = slices.DeleteFunc(slices.Clone(points), func(p stats.Point) bool { return !told[p.Clients] })
	if len(points) == 0 {
		return nil
	}
	// What an idle connection takes does not depend on what comes later.
	first := byClients.facet(points[0].Key)
	points = slices.DeleteFunc(points, func(p stats.Point) bool { return byClients.facet(p.Key) != first })
	most := slices.MaxFunc(points, func(a, b stats.Point) int { return cmp.Compare(a.Clients, b.Clients) }).Clients
	last := slices.DeleteFunc(slices.Clone(points), func(p stats.Point) bool { return p.Clients < most })
	if len(last) < len(points) && !many(points) {
		return newFigure(idleMemory, points, env)
	}
	return memoryByModel(last, env)
}

func memoryByModel(points []stats.Point, env *results.Environment) *sheet {
	points = slices.Clone(points)
	slices.SortStableFunc(points, func(a, b stats.Point) int {
		if x, y := hasIdle(&a), hasIdle(&b); x != y {
			return map[bool]int{true: -1, false: 1}[x]
		}
		return cmp.Compare(a.Resources[idleResident].Median, b.Resources[idleResident].Median)
	})
	d := &dotChart{}
	var values []float64
	hollow := false
	for i := range points {
		p := &points[i]
		cell := dotCell{hollow: p.Flagged(), text: "not known"}
		if hasIdle(p) {
			cell.value, cell.beside = p.Resources[idleResident].Median, p.Resources[idleKernel].Median
			cell.text = memoryText(cell.value, cell.beside)
			values = append(values, cell.value, cell.beside)
			hollow = hollow || cell.hollow
		}
		d.rows = append(d.rows, dotRow{name: p.Model, look: lookOf(p.Model), cells: []dotCell{cell}})
	}
	d.columns = []dotColumn{{x: dotScale("bytes for each connection", byteTicks, values)}}
	caption := "Medians. " + idleCaption
	if hollow {
		caption += " Hollow marks are " + results.FlagMeaning + "."
	}
	return &sheet{
		name: "memory", title: "Memory of an idle connection",
		subtitle: fmt.Sprintf("%s · %d connections", stats.Workload(points), points[0].Clients),
		caption:  balance(caption + " " + where(env)), body: d,
	}
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
