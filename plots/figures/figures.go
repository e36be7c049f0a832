package figures

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Drawer draws the figures of a run.
type Drawer struct {
	Env   *results.Environment // where it was measured, for the captions; nil is left out
	Order look.Order           // of the models
}

// Run draws all figures of a run: of its points, of latency by percentile, of the scalability law, and
// of rates that change.
func (d Drawer) Run(r *read.Reading, distributions []stats.Distribution) ([]look.Figure, error) {
	for i := range r.Points {
		if err := check(&r.Points[i]); err != nil {
			return nil, fmt.Errorf("draw figures: %w", err)
		}
	}
	return drawn(slices.Concat(d.sheets(r.Points), d.percentiles(distributions), d.scaling(r.Scalings), d.courses(read.Courses(r.Points))))
}

// check refuses what an axis cannot show.
func check(p *stats.Point) error {
	switch {
	case p.Clients < 1 || p.PayloadBytes < 0:
		return fmt.Errorf("%s has %d clients and a payload of %d bytes", p.Model, p.Clients, p.PayloadBytes)
	case p.Loop != results.ClosedLoop && !(p.RateRPS > 0):
		return fmt.Errorf("%s has an open loop of %v requests/s", p.Model, p.RateRPS)
	}
	return nil
}

// sheets are every figure that points allow: throughput, p99, server CPU per request, the memory
// of an idle connection and fairness against clients, and of an open loop p99 and server
// CPU per request against the offered rate. Open points have those against clients only
// where there are two client counts at the same rate, and those against the rate only
// where there are two rates for the same clients. What no point has, or where all points
// are alike as in fairness, has no figure. Where points are of more
// than one work, loop or arrivals, each of these groups has its own figures and its
// name is part of theirs.
//
// In a figure each payload, with the rate or the clients that the figure is not
// against, has a panel, and each model a line through its medians, in a band that is
// their interval, or where trials are too few for one with bars from
// minimum to maximum. More models than fit into one panel have a panel each, with the
// others in grey behind, or where points are few a row each, the best first. Flagged points are hollow and an infinite p99 is a triangle at
// the top edge; the caption, which also says where and how env and the points were
// measured, names what could not be drawn.
func (d Drawer) sheets(points []stats.Point) []*sheet {
	return eachOf(drawableGroups(points), func(p stats.Point) string { return suffix(p.Key) }, func(group []stats.Point) (figures []*sheet) {
		for _, m := range metrics {
			figures = append(figures, d.newFigure(m, group))
		}
		figures = append(figures, d.memoryFigure(group))
		return slices.DeleteFunc(figures, func(s *sheet) bool { return s == nil })
	})
}

// eachOf are the sheets of groups, with what tells the groups apart in the names where there are several.
func eachOf[T any](groups [][]T, suffix func(T) string, sheets func([]T) []*sheet) (all []*sheet) {
	for _, group := range groups {
		for _, s := range sheets(group) {
			if len(groups) > 1 {
				s.name += "-" + suffix(group[0])
			}
			all = append(all, s)
		}
	}
	return all
}

// groupOf is the key of a group of figures.
func groupOf(k results.Key) results.Key {
	return results.Key{Work: k.Work, Loop: k.Loop, Arrivals: k.Arrivals}
}

// drawableGroups splits points by work, loop and arrivals, in order of
// appearance, and leaves out groups without any figures. Points whose rate changes are in none:
// they have courses.
func drawableGroups(points []stats.Point) [][]stats.Point {
	points = slices.DeleteFunc(slices.Clone(points), func(p stats.Point) bool { return p.RateProfile != "" })
	return slices.DeleteFunc(results.Grouped(points, func(p stats.Point) results.Key { return groupOf(p.Key) }), func(group []stats.Point) bool {
		return !slices.ContainsFunc(group, func(p stats.Point) bool { return p.HasFigures() })
	})
}

// suffix names a group in a file's name: "cpu-50us-open-poisson".
func suffix(k results.Key) string {
	name := k.Work + "-" + string(k.Loop) + "-" + k.Arrivals
	name = strings.ReplaceAll(name, "µ", "u")
	words := strings.FieldsFunc(name, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.'
	})
	return strings.Join(words, "-")
}

// newFigure is nil where points have no two values to draw the metric against.
func (d Drawer) newFigure(m metric, points []stats.Point) *sheet {
	facets := m.against.facets(points)
	points = slices.DeleteFunc(slices.Clone(points), func(p stats.Point) bool {
		return !slices.Contains(facets, m.against.facet(p.Key))
	})
	if len(points) == 0 || m.worth != nil && !slices.ContainsFunc(points, m.worth) {
		return nil
	}
	slices.SortStableFunc(points, func(a, b stats.Point) int {
		return cmp.Compare(m.against.value(&a), m.against.value(&b))
	})
	f := &figure{Drawer: d, metric: m, facets: facets}
	f.values = results.Distinct(points, func(p stats.Point) float64 { return m.against.value(&p) })
	f.models = results.Distinct(f.drawn(points), modelOf)
	slices.SortStableFunc(f.models, d.Order.Compare)
	if f.rows = f.ranked(points); f.rows != nil {
		return f.sheet(points)
	}
	f.tiles = tiled(results.Map(facets, func(facet facet) *panel { return f.newPanel(facet, points) }), f.models, 3)
	f.tiles.y = f.valueScales(f.tiles.panels)
	if !f.tiles.apart {
		f.spreadModels()
		if f.beside != nil {
			f.tiles.each = tallHeight
		}
	}
	return f.sheet(points)
}
