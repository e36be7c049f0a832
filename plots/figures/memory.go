package figures

import (
	"slices"

	"connbench/results"
	"connbench/results/stats"
)

func hasIdle(p *stats.Point) bool {
	_, has := p.Of(results.IdleRSS)
	return has
}

// memoryFigure is of the points at counts of clients at which it can be told what a
// connection takes: against these, or where models are many with the most connections. It
// is nil where there are none.
func (d Drawer) memoryFigure(points []stats.Point) *sheet {
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
	first := points[slices.IndexFunc(points, func(p stats.Point) bool { return told[p.Clients] })].Key
	crowded := many(points)
	return d.newFigure(idleMemory, slices.DeleteFunc(slices.Clone(points), func(p stats.Point) bool {
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
