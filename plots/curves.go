package plots

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"unicode"

	"connbench/results"

	"gonum.org/v1/plot/vg"
)

// ErrNoFigures is returned where there is nothing to draw.
var ErrNoFigures = errors.New("no point has figures to draw")

// Curves writes throughput and p99 against clients into dir, which it makes
// where it is missing: throughput.svg, throughput.png, p99.svg and p99.png. Where
// points are of more than one work or loop, each of these
// groups has its own figures and its name is part of theirs. The paths written
// are returned, also with an error.
//
// In a figure each payload has a panel and each model a line through its medians
// with bars from minimum to maximum. Flagged points are hollow and an infinite p99
// is a triangle at the top edge; the caption, which also says where and how env
// and the points were measured, names what could not be drawn. A nil env is left out.
func Curves(dir string, points []results.Point, env *results.Environment) (paths []string, err error) {
	for _, p := range points {
		if p.Clients < 1 || p.PayloadBytes < 0 {
			return nil, fmt.Errorf("draw curves: %s has %d clients and a payload of %d bytes", p.Model, p.Clients, p.PayloadBytes)
		}
	}
	groups := drawableGroups(points)
	if len(groups) == 0 {
		return nil, fmt.Errorf("draw curves of %d points: %w", len(points), ErrNoFigures)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of figures: %w", err)
	}
	for _, group := range groups {
		for _, m := range metrics {
			name := m.name
			if len(groups) > 1 {
				name += "-" + suffix(group[0].Key)
			}
			written, err := newFigure(m, group, env).save(dir, name)
			paths = append(paths, written...)
			if err != nil {
				return paths, err
			}
		}
	}
	return paths, nil
}

// groupOf is the key of a group of figures.
func groupOf(k results.Key) results.Key {
	return results.Key{Work: k.Work, Loop: k.Loop}
}

// drawableGroups splits points by work and loop, in order of
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

// suffix names a group in a file's name: "cpu-50us-open".
func suffix(k results.Key) string {
	name := k.Work + "-" + string(k.Loop)
	name = strings.ReplaceAll(name, "µ", "u")
	words := strings.FieldsFunc(name, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.'
	})
	return strings.Join(words, "-")
}

func newFigure(m metric, points []results.Point, env *results.Environment) *figure {
	points = slices.Clone(points)
	slices.SortStableFunc(points, func(a, b results.Point) int { return a.Clients - b.Clients })
	f := &figure{metric: m, subtitle: results.Workload(points) + " · " + points[0].Loop.Label()}
	for i := range points {
		p := &points[i]
		f.clients = append(f.clients, p.Clients)
		if f.drawable(p) && !slices.Contains(f.models, p.Model) {
			f.models = append(f.models, p.Model)
		}
	}
	f.clients = slices.Compact(f.clients)
	slices.SortStableFunc(f.models, byModelOrder)
	f.addPanels(points)
	f.caption = balance(f.captionOf(points, env))
	return f
}

// addPanels makes a panel of each payload from points sorted by clients.
func (f *figure) addPanels(points []results.Point) {
	var payloads []int
	for _, p := range points {
		payloads = append(payloads, p.PayloadBytes)
	}
	slices.Sort(payloads)
	for _, payload := range slices.Compact(payloads) {
		f.panels = append(f.panels, f.newPanel(payload, points))
	}
	f.spreadModels()
}

// spreadModels shifts each model's curves, the same in all panels, by as much as
// keeps the models of one client count together.
func (f *figure) spreadModels() {
	lo, hi := clientRange(f.clients)
	room := f.panelWidth()
	for i := 1; i < len(f.clients); i++ {
		apart := math.Log(float64(f.clients[i])/float64(f.clients[i-1])) / math.Log(hi/lo)
		room = min(room, f.panelWidth()*vg.Length(apart))
	}
	limit := vg.Length(3.2)
	if len(f.clients) == 1 {
		limit = 24
	}
	step := min(limit, 0.6*room/vg.Length(len(f.models)))
	for _, p := range f.panels {
		for i := range p.curves {
			place := slices.Index(f.models, p.curves[i].model)
			p.curves[i].shift = step * (vg.Length(place) - vg.Length(len(f.models)-1)/2)
		}
	}
}

func (f *figure) newPanel(payload int, points []results.Point) *panel {
	p := &panel{payload: payload}
	for _, model := range f.models {
		c := curve{model: model, look: lookOf(model)}
		for i := range points {
			point := &points[i]
			if point.Model != model || point.PayloadBytes != payload || !f.drawable(point) {
				continue
			}
			s := f.spread(point)
			c.marks = append(c.marks, mark{float64(point.Clients), s.Median, s.Min, s.Max, point.Flagged()})
		}
		if len(c.marks) > 0 {
			p.curves = append(p.curves, c)
		}
	}
	return p
}
