package figures

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/document"
	"connbench/results/stats"
)

// captionOf is what a reader of the figure alone has to know. The points are all
// of the figure's, drawn or not.
func (f *figure) captionOf(points []stats.Point) string {
	sentences := f.spreads(points)
	if f.note != "" {
		sentences = append(sentences, f.note)
	}
	if loop := f.loop(points[0].Key); loop != "" {
		sentences = append(sentences, loop)
	}
	switch {
	case f.rows != nil:
		if f.beside != nil {
			sentences = append(sentences, "Small grey dots are "+f.lines[1]+".")
		}
		sentences = append(sentences, "The best of the last column come first, after them what must not be ranked.")
	case f.apart:
		sentences = append(sentences, "Thin grey lines are the other models.")
	case len(f.models) > 1:
		sentences = append(sentences, fmt.Sprintf("Models are set side by side at each %s.", f.against.noun))
	}
	if f.rows == nil && !f.commonScale() {
		sentences = append(sentences, f.ownScale())
	}
	sentences = append(sentences, f.exceptions(points)...)
	return strings.Join(append(sentences, f.where()), " ")
}

// spreads says on what the medians rest, and what is drawn around them.
func (f *figure) spreads(points []stats.Point) []string {
	if len(f.models) == 0 {
		return nil
	}
	var drawn []stats.Point
	for i := range points {
		if f.drawable(&points[i]) {
			drawn = append(drawn, points[i])
		}
	}
	return []string{fmt.Sprintf("Medians of %s a point, %s.", restOn(drawn), f.around())}
}

func (f *figure) ownScale() string {
	if f.apart {
		return "Each payload has its own vertical scale."
	}
	return "Each panel has its own vertical scale."
}

// around says what is drawn around the medians.
func (f *figure) around() string {
	if f.rows == nil {
		return aroundMedians(f.panels)
	}
	var thick, thin bool
	for _, row := range f.rows.rows {
		for _, cell := range row.cells {
			thick = thick || cell.thick
			thin = thin || !cell.thick && cell.value > 0
		}
	}
	switch {
	case thick && thin:
		return "thick bars are their 95 % intervals, thin ones, where trials are too few for one, from minimum to maximum"
	case thick:
		return "bars are their 95 % intervals"
	default:
		return "bars from minimum to maximum"
	}
}

// aroundMedians says what is drawn around them: bands, of which those alone are thick
// bars, or thin bars.
func aroundMedians(panels []*panel) string {
	var bands, alone, bars bool
	for _, p := range panels {
		for _, c := range p.curves {
			runs := c.bounded()
			bands = bands || len(runs) > 0
			alone = alone || slices.ContainsFunc(runs, func(run []mark) bool { return len(run) == 1 })
			bars = bars || !c.thin && slices.ContainsFunc(c.marks, func(m mark) bool { return !m.bounded && !m.plain })
		}
	}
	interval := "bands are their 95 % intervals"
	if alone {
		interval = "bands and thick bars are their 95 % intervals"
	}
	switch {
	case bands && bars:
		return interval + ", thin bars, where trials are too few for one, from minimum to maximum"
	case bands:
		return interval
	default:
		return "bars from minimum to maximum"
	}
}

// loop says what a reader must know of it, which is nothing of idle connections.
func (f *figure) loop(k results.Key) string {
	open := "Open loop"
	if k.Arrivals != "" {
		open += ", " + k.Arrivals + " arrivals"
	}
	switch {
	case f.idle():
		return ""
	case k.Loop == results.ClosedLoop && f.latency():
		return "Closed loop: saturated throughput, so that latency follows from clients / throughput."
	case k.Loop == results.ClosedLoop:
		return "Closed loop: saturated throughput."
	case f.beside != nil && f.latency() && f.rows == nil:
		return open + ": solid lines are response latency, from the intended send; thin dashed lines are service latency, " +
			"from the actual send. Where they part, requests waited at the client before they could be sent."
	case f.latency():
		return open + ": latency counts from the intended send."
	default:
		return open + "."
	}
}

// exceptions explains the marks that are not plain, and what has none.
func (f *figure) exceptions(points []stats.Point) []string {
	var flagged []stats.Point
	var infinite, absent []*stats.Point
	for i := range points {
		p := &points[i]
		switch {
		case !f.drawable(p):
			absent = append(absent, p)
			continue
		case math.IsInf(p.Median(f.Figure), 1):
			infinite = append(infinite, p)
		}
		if p.Flagged() {
			flagged = append(flagged, *p)
		}
	}
	var sentences []string
	if len(flagged) > 0 {
		sentences = append(sentences, "Hollow marks are "+document.FlagMeaning+verdicts(flagged)+".")
	}
	if len(infinite) > 0 {
		sentences = append(sentences, fmt.Sprintf("Triangles at the edge are infinite: more than 1 %% of the requests were never answered, of %s.", f.list(infinite)))
	}
	if len(absent) > 0 {
		sentences = append(sentences, fmt.Sprintf("Tried, without figures to draw: %s.", f.list(absent)))
	}
	return sentences
}

// verdicts names the verdicts on points, if any: " (MISSED_RATE, NOISY)".
func verdicts(points []stats.Point) string {
	var all []string
	for _, p := range points {
		all = append(all, p.Verdicts...)
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	return " (" + strings.Join(slices.Compact(all), ", ") + ")"
}

// maxListed is how many entries a caption names of a list.
const maxListed = 10

// list names points sorted by value: "pool (64 B) at 1, 16 clients; udp (4 KiB)
// at 256 clients". A single panel's facet goes without saying.
func (f *figure) list(points []*stats.Point) string {
	type line struct {
		model string
		facet facet
	}
	values := map[line][]string{}
	var order []line
	for _, p := range points {
		l := line{p.Model, f.against.facet(p.Key)}
		if _, seen := values[l]; !seen {
			order = append(order, l)
		}
		values[l] = append(values[l], f.against.label(f.against.value(p)))
	}
	slices.SortStableFunc(order, func(a, b line) int {
		return cmp.Or(f.Order.Compare(a.model, b.model), cmp.Compare(a.model, b.model), a.facet.compare(b.facet))
	})
	var entries []string
	for _, l := range order[:min(len(order), maxListed)] {
		name := l.model
		if len(f.facets) > 1 {
			name += fmt.Sprintf(" (%s)", l.facet)
		}
		entries = append(entries, fmt.Sprintf("%s at %s %s", name, strings.Join(values[l], ", "), f.against.unit))
	}
	if more := len(order) - maxListed; more > 0 {
		entries = append(entries, fmt.Sprintf("and %d more lines", more))
	}
	return strings.Join(entries, "; ")
}

// restOn is how many trials the medians of points rest on.
func restOn(points []stats.Point) string {
	least, most := math.MaxInt, 0
	for i := range points {
		p := &points[i]
		n := p.Valid
		if n == 0 {
			n = p.Trials - len(p.Failures)
		}
		least, most = min(least, n), max(most, n)
	}
	switch {
	case least < most:
		return fmt.Sprintf("%d to %d trials", least, most)
	case most == 1:
		return "1 trial"
	default:
		return fmt.Sprintf("%d trials", most)
	}
}

// where says on which machine and on which of its CPUs was measured.
func (d Drawer) where() string {
	env := d.Env
	if env == nil {
		return "Measured same-host."
	}
	parts := []string{"Measured same-host"}
	if machine := env.Machine(); machine != "" {
		parts = append(parts, "on "+machine)
	}
	return strings.Join(parts, " ") + "; " + env.Placement() + "."
}
