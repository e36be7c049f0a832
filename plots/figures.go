package plots

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"

	"connbench/results"

	"gonum.org/v1/plot/vg"
)

// ErrNoFigures is returned where there is nothing to draw.
var ErrNoFigures = errors.New("no point has figures to draw")

// Figures writes into dir, which it makes where it is missing, every figure that
// points allow, each as SVG and PNG: throughput and p99 against clients, and of an
// open loop rate-p99, which is p99 against the offered rate. Open points have the
// first two only where there are two client counts at the same rate, and rate-p99
// only where there are two rates for the same clients. Where points are of more
// than one work, loop or arrivals, each of these groups has its own figures and its
// name is part of theirs. The paths written are returned, also with an error, which
// is [ErrNoFigures] where there are none to write.
//
// In a figure each payload, with the rate or the clients that the figure is not
// against, has a panel, and each model a line through its medians with bars from
// minimum to maximum. Flagged points are hollow and an infinite p99 is a triangle at
// the top edge; the caption, which also says where and how env and the points were
// measured, names what could not be drawn. A nil env is left out.
func Figures(dir string, points []results.Point, env *results.Environment) (paths []string, err error) {
	for i := range points {
		if err := check(&points[i]); err != nil {
			return nil, fmt.Errorf("draw figures: %w", err)
		}
	}
	figures := figuresOf(points, env)
	if len(figures) == 0 {
		return nil, fmt.Errorf("draw figures of %d points: %w", len(points), ErrNoFigures)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of figures: %w", err)
	}
	for _, f := range figures {
		written, err := f.save(dir)
		paths = append(paths, written...)
		if err != nil {
			return paths, err
		}
	}
	return paths, nil
}

// check refuses what an axis cannot show.
func check(p *results.Point) error {
	switch {
	case p.Clients < 1 || p.PayloadBytes < 0:
		return fmt.Errorf("%s has %d clients and a payload of %d bytes", p.Model, p.Clients, p.PayloadBytes)
	case p.Loop != results.ClosedLoop && !(p.RateRPS > 0):
		return fmt.Errorf("%s has an open loop of %v requests/s", p.Model, p.RateRPS)
	}
	return nil
}

// figuresOf are all figures of points, named.
func figuresOf(points []results.Point, env *results.Environment) []*figure {
	var figures []*figure
	groups := drawableGroups(points)
	for _, group := range groups {
		for _, m := range metrics {
			f := newFigure(m, group, env)
			if f == nil {
				continue
			}
			if len(groups) > 1 {
				f.name += "-" + suffix(group[0].Key)
			}
			figures = append(figures, f)
		}
	}
	return figures
}

// groupOf is the key of a group of figures.
func groupOf(k results.Key) results.Key {
	return results.Key{Work: k.Work, Loop: k.Loop, Arrivals: k.Arrivals}
}

// drawableGroups splits points by work, loop and arrivals, in order of
// appearance, and leaves out groups without any figures.
func drawableGroups(points []results.Point) [][]results.Point {
	var order []results.Key
	groups := map[results.Key][]results.Point{}
	for _, p := range points {
		key := groupOf(p.Key)
		if _, seen := groups[key]; !seen {
			order = append(order, key)
		}
		groups[key] = append(groups[key], p)
	}
	var drawable [][]results.Point
	for _, key := range order {
		if slices.ContainsFunc(groups[key], func(p results.Point) bool { return p.HasFigures() }) {
			drawable = append(drawable, groups[key])
		}
	}
	return drawable
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
func newFigure(m metric, points []results.Point, env *results.Environment) *figure {
	facets := m.against.facets(points)
	points = slices.DeleteFunc(slices.Clone(points), func(p results.Point) bool {
		return !slices.Contains(facets, m.against.facet(p.Key))
	})
	if len(points) == 0 {
		return nil
	}
	slices.SortStableFunc(points, func(a, b results.Point) int {
		return cmp.Compare(m.against.value(&a), m.against.value(&b))
	})
	f := &figure{metric: m, subtitle: results.Workload(points) + " · " + points[0].LoopLabel()}
	for i := range points {
		p := &points[i]
		f.values = append(f.values, m.against.value(p))
		if f.drawable(p) && !slices.Contains(f.models, p.Model) {
			f.models = append(f.models, p.Model)
		}
	}
	f.values = slices.Compact(f.values)
	slices.SortStableFunc(f.models, byModelOrder)
	for _, facet := range facets {
		f.panels = append(f.panels, f.newPanel(facet, points))
	}
	f.spreadModels()
	f.caption = balance(f.captionOf(points, env))
	return f
}

// spreadModels shifts each model's curves, the same in all panels, by as much as
// keeps the models of one value together.
func (f *figure) spreadModels() {
	width := f.panelWidth()
	closest := f.against.scale(f.values, width).closest(f.values)
	limit := vg.Length(3.2)
	if len(f.values) == 1 {
		limit = 24
	}
	step := min(limit, 0.6*width*vg.Length(closest)/vg.Length(len(f.models)))
	for _, p := range f.panels {
		for i := range p.curves {
			place := slices.Index(f.models, p.curves[i].model)
			p.curves[i].shift = step * (vg.Length(place) - vg.Length(len(f.models)-1)/2)
		}
	}
}

// newPanel draws facet's points, sorted by value; the thin curves come first, to be
// covered by the others.
func (f *figure) newPanel(facet facet, points []results.Point) *panel {
	points = slices.DeleteFunc(slices.Clone(points), func(p results.Point) bool {
		return f.against.facet(p.Key) != facet || !f.drawable(&p)
	})
	p := &panel{facet: facet}
	if f.beside != nil {
		p.add(f.thinCurves(points))
	}
	p.add(f.curves(points))
	return p
}

func (f *figure) curves(points []results.Point) []curve {
	return f.perModel(points, func(p *results.Point) mark {
		s := f.spread(p)
		return mark{f.against.value(p), s.Median, s.Min, s.Max, p.Flagged()}
	})
}

// thinCurves have no bars: their marks are medians alone.
func (f *figure) thinCurves(points []results.Point) []curve {
	curves := f.perModel(points, func(p *results.Point) mark {
		v := f.beside(p).Median
		return mark{f.against.value(p), v, v, v, p.Flagged()}
	})
	for i := range curves {
		curves[i].thin = true
	}
	return curves
}

// perModel makes a curve of each model; marks of 0 are of nothing that was measured.
func (f *figure) perModel(points []results.Point, markOf func(*results.Point) mark) []curve {
	curves := make([]curve, len(f.models))
	for i, model := range f.models {
		curves[i] = curve{model: model, look: f.lookOf(model)}
		for j := range points {
			if points[j].Model != model {
				continue
			}
			if m := markOf(&points[j]); m.y > 0 || !f.log {
				curves[i].marks = append(curves[i].marks, m)
			}
		}
	}
	return curves
}

// lookOf is the model's look; beside thin lines, which are dashed, it is solid.
func (f *figure) lookOf(model string) look {
	l := lookOf(model)
	if f.beside != nil {
		l.dashes = nil
	}
	return l
}
