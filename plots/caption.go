package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"connbench/results"
)

// captionOf is what a reader of the figure alone has to know. The points are all
// of the figure's, drawn or not.
func (f *figure) captionOf(points []results.Point, env *results.Environment) string {
	var sentences []string
	if len(f.models) > 0 {
		sentences = append(sentences, fmt.Sprintf("Medians of %s a point, bars from minimum to maximum.", f.trials(points)))
	}
	sentences = append(sentences, f.loop(points[0].Key))
	if len(f.models) > 1 {
		sentences = append(sentences, fmt.Sprintf("Models are set side by side at each %s.", f.against.noun))
	}
	if !f.commonScale() {
		sentences = append(sentences, "Each panel has its own vertical scale.")
	}
	sentences = append(sentences, f.exceptions(points)...)
	return strings.Join(append(sentences, where(env)), " ")
}

func (f *figure) loop(k results.Key) string {
	open := "Open loop"
	if k.Arrivals != "" {
		open += ", " + k.Arrivals + " arrivals"
	}
	switch {
	case k.Loop == results.ClosedLoop && f.log:
		return "Closed loop: saturated throughput, so that latency follows from clients / throughput."
	case k.Loop == results.ClosedLoop:
		return "Closed loop: saturated throughput."
	case f.beside != nil:
		return open + ": solid lines are response latency, from the intended send; thin dashed lines are service latency, " +
			"from the actual send. Where they part, requests waited at the client before they could be sent."
	case f.log:
		return open + ": latency counts from the intended send."
	default:
		return open + "."
	}
}

// exceptions explains the marks that are not plain, and what has none.
func (f *figure) exceptions(points []results.Point) []string {
	var flagged []results.Point
	var infinite, absent []*results.Point
	for i := range points {
		p := &points[i]
		switch {
		case !f.drawable(p):
			absent = append(absent, p)
			continue
		case math.IsInf(f.spread(p).Median, 1):
			infinite = append(infinite, p)
		}
		if p.Flagged() {
			flagged = append(flagged, *p)
		}
	}
	var sentences []string
	if len(flagged) > 0 {
		sentences = append(sentences, "Hollow marks are "+results.FlagMeaning+verdicts(flagged)+".")
	}
	if len(infinite) > 0 {
		sentences = append(sentences, fmt.Sprintf("Triangles at the top edge are infinite: more than 1 %% of the requests were never answered, of %s.", f.list(infinite)))
	}
	if len(absent) > 0 {
		sentences = append(sentences, fmt.Sprintf("Tried, without figures to draw: %s.", f.list(absent)))
	}
	return sentences
}

// verdicts names the verdicts on points, if any: " (MISSED_RATE, NOISY)".
func verdicts(points []results.Point) string {
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
func (f *figure) list(points []*results.Point) string {
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
		return cmp.Or(byModelOrder(a.model, b.model), cmp.Compare(a.model, b.model), a.facet.compare(b.facet))
	})
	var entries []string
	for _, l := range order[:min(len(order), maxListed)] {
		name := l.model
		if len(f.panels) > 1 {
			name += fmt.Sprintf(" (%s)", l.facet)
		}
		entries = append(entries, fmt.Sprintf("%s at %s %s", name, strings.Join(values[l], ", "), f.against.unit))
	}
	if more := len(order) - maxListed; more > 0 {
		entries = append(entries, fmt.Sprintf("and %d more lines", more))
	}
	return strings.Join(entries, "; ")
}

// trials is how many trials the medians of the points drawn rest on.
func (f *figure) trials(points []results.Point) string {
	least, most := math.MaxInt, 0
	for i := range points {
		p := &points[i]
		if !f.drawable(p) {
			continue
		}
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

func where(env *results.Environment) string {
	if env == nil {
		return "Measured same-host."
	}
	parts := []string{"Measured same-host"}
	if machine := env.Machine(); machine != "" {
		parts = append(parts, "on "+machine)
	}
	return strings.Join(parts, " ") + "; " + env.Placement() + "."
}
