package figures

import (
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

func bytesText(v float64) string { return results.Bytes(int64(v)) }

func resource(name string) func(*results.Point) results.Spread {
	return func(p *results.Point) results.Spread { return p.Resources[name] }
}

func hasIdle(p *results.Point) bool {
	_, has := p.Resources[idleResident]
	return has
}

// memoryFigure is of the points at counts of clients at which it can be told what a
// connection takes: against these, or where models are many with the most connections. It
// is nil where there are none.
func (d Drawer) memoryFigure(points []results.Point) *sheet {
	told := map[int]bool{}
	most := 0
	for i := range points {
		if p := &points[i]; p.HasFigures() && hasIdle(p) {
			told[p.Clients], most = true, max(most, p.Clients)
		}
	}
	if len(told) == 0 {
		return nil
	}
	// What an idle connection takes does not depend on what comes later.
	first := points[slices.IndexFunc(points, func(p results.Point) bool { return told[p.Clients] })].Key
	crowded := many(points)
	return d.newFigure(idleMemory, slices.DeleteFunc(slices.Clone(points), func(p results.Point) bool {
		return !told[p.Clients] || byClients.facet(p.Key) != byClients.facet(first) || crowded && p.Clients < most
	}))
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
