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
	type sweep struct{ payload, clients int }
	var sweeps []sweep
	for _, f := range all {
		if s := (sweep{f.payload, f.clients}); !slices.Contains(sweeps, s) {
			sweeps = append(sweeps, s)
		}
	}
	var some []facet
	for _, s := range sweeps[:min(len(sweeps), maxPercentilePanels)] {
		own := slices.DeleteFunc(slices.Clone(all), func(f facet) bool { return s != sweep{f.payload, f.clients} })
		some = append(some, evenly(own, maxPercentilePanels/min(len(sweeps), maxPercentilePanels))...)
	}
	return some
}

// typical is of the smallest payload that with the most clients in a closed loop, and in
// an open one that at the middle of the rates.
func typical(all []facet, loop results.Loop) []facet {
	own := slices.DeleteFunc(slices.Clone(all), func(f facet) bool { return f.payload != all[0].payload })
	i := len(own) - 1
	if loop == results.OpenLoop {
		i /= 2
	}
	return own[i : i+1]
}

// many reports whether each model needs a panel of its own.
func many(points []stats.Point) bool {
	models := map[string]bool{}
	for i := range points {
		if points[i].HasFigures() {
			models[points[i].Model] = true
		}
	}
	return len(models) > maxDirect
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
	var most []facet
	for i, f := range all {
		if i == len(all)-1 || all[i+1].payload != f.payload {
			most = append(most, f)
		}
	}
	if len(most) == 1 && len(all) > 1 {
		return all[len(all)-2:]
	}
	return most[:min(len(most), maxPercentilePanels)]
}
