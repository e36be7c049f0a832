package plots

import (
	"cmp"
	"fmt"
	"slices"


	"connbench/results"
	"connbench/results/stats"
)

// facet is what all points of a panel share: the payload, and the clients or the
// rate where the figure is not against it. What is not shared, or not given, is 0.
type facet struct {
	payload, clients int
	rate             float64
}

// String is short, for lists: "64 B, 16 clients".
func (f facet) String() string { return results.Bytes(int64(f.payload)) + f.load() }

func (f facet) title() string { return results.Bytes(int64(f.payload)) + " payload" + f.load() }

func (f facet) load() string {
	load := ""
	switch {
	case f.clients == 1:
		load = ", 1 client"
	case f.clients > 1:
		load = fmt.Sprintf(", %d clients", f.clients)
	}
	if f.rate > 0 {
		load += " at " + results.Count(f.rate) + " requests/s"
	}
	return load
}

func (f facet) compare(o facet) int {
	return cmp.Or(f.payload-o.payload, f.clients-o.clients, cmp.Compare(f.rate, o.rate))
}

// facets are those of points that have enough values for a panel, in order.
func (a *abscissa) facets(points []stats.Point) []facet {
	values := map[facet]map[float64]bool{}
	for i := range points {
		f := a.facet(points[i].Key)
		if values[f] == nil {
			values[f] = map[float64]bool{}
		}
		values[f][a.value(&points[i])] = true
	}
	var facets []facet
	for f, v := range values {
		if len(v) >= a.fewest(points[0].Loop) {
			facets = append(facets, f)
		}
	}
	slices.SortFunc(facets, facet.compare)
	return facets
}
