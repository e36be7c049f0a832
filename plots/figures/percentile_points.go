package figures

import (
	"slices"

	"connbench/results"
	"connbench/results/stats"
)

// maxPercentilePanels is how many panels a figure of percentiles has at most.
const maxPercentilePanels = 6

// ForPercentiles are the points of which [Drawer.Percentiles] is to draw the distributions:
// of a closed loop those with the most clients, of an open one those at all rates or,
// where these are too many, at rates from the lowest to the highest. Of more models than
// fit into one panel it is one point, of the smallest payload.
func ForPercentiles(points []stats.Point) []stats.Point {
	var chosen []stats.Point
	for _, group := range drawableGroups(points) {
		facets := percentileFacets(group)
		for _, p := range group {
			if slices.Contains(facets, wholeFacet(p.Key)) {
				chosen = append(chosen, p)
			}
		}
	}
	return chosen
}

// wholeFacet is all that is given of a point.
func wholeFacet(k results.Key) facet { return facet{k.PayloadBytes, k.Clients, k.RateRPS} }

func percentileFacets(group []stats.Point) []facet {
	all := wholeFacets(group)
	if many(group) {
		return typical(all, group[0].Loop)
	}
	if group[0].Loop == results.ClosedLoop {
		return mostClients(all)
	}
	sweeps := results.Grouped(all, func(f facet) facet { return facet{payload: f.payload, clients: f.clients} })
	sweeps = sweeps[:min(len(sweeps), maxPercentilePanels)]
	var some []facet
	for _, rates := range sweeps {
		some = append(some, evenly(rates, maxPercentilePanels/len(sweeps))...)
	}
	return some
}

func payloadOf(f facet) int { return f.payload }

// typical is of the smallest payload that with the most clients in a closed loop, and in
// an open one that at the middle of the rates.
func typical(all []facet, loop results.Loop) []facet {
	own := results.Grouped(all, payloadOf)[0]
	i := len(own) - 1
	if loop == results.OpenLoop {
		i /= 2
	}
	return own[i : i+1]
}

// many reports whether each model needs a panel of its own.
func many(points []stats.Point) bool {
	measured := slices.DeleteFunc(slices.Clone(points), func(p stats.Point) bool { return !p.HasFigures() })
	return len(results.Grouped(measured, func(p stats.Point) string { return p.Model })) > maxDirect
}

// evenly is n of them from the first to the last, or the last if n is 1.
func evenly(all []facet, n int) []facet {
	if len(all) <= n {
		return all
	}
	if n == 1 {
		return all[len(all)-1:]
	}
	var some []facet
	for i := range n {
		some = append(some, all[i*(len(all)-1)/(n-1)])
	}
	return some
}

// wholeFacets are those of points that have figures, in order.
func wholeFacets(points []stats.Point) []facet {
	var all []facet
	for i := range points {
		if f := wholeFacet(points[i].Key); points[i].HasFigures() && !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, facet.compare)
	return all
}

// mostClients are of each payload those with the most clients, and of one payload alone
// those with the next most too; they are in order.
func mostClients(all []facet) []facet {
	most := results.Map(results.Grouped(all, payloadOf), func(own []facet) facet { return own[len(own)-1] })
	if len(most) == 1 && len(all) > 1 {
		return all[len(all)-2:]
	}
	return most[:min(len(most), maxPercentilePanels)]
}
