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
	sentences := results.Sentences(f.spreads(points))
	sentences.Some(f.note)
	sentences.Some(f.loop(points[0].Key))
	switch {
	case f.rows != nil:
		sentences.When(f.beside != nil, "Small grey dots are "+f.lines[1]+".")
		sentences = append(sentences, "The best of the last column come first, after them what must not be ranked.")
	case f.tiles.apart:
		sentences = append(sentences, "Thin grey lines are the other models.")
	case len(f.models) > 1:
		sentences = append(sentences, fmt.Sprintf("Models are set side by side at each %s.", f.against.noun))
	}
	if f.rows == nil && len(f.tiles.y) > 1 {
		sentences = append(sentences, map[bool]string{true: "Each payload", false: "Each panel"}[f.tiles.apart]+" has its own vertical scale.")
	}
	sentences = append(sentences, f.exceptions(points)...)
	return strings.Join(append(sentences, f.where()), " ")
}

// spreads says on what the medians rest, and what is drawn around them.
func (f *figure) spreads(points []stats.Point) []string {
	if len(f.models) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Medians of %s a point, %s.", restOn(f.drawn(points)), f.around())}
}

func (f *figure) around() string {
	if f.rows == nil {
		return aroundMedians(f.tiles.panels)
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
	switch said := loopSentence(k, f.latency(), ""); {
	case f.idle():
		return ""
	case k.Loop == results.OpenLoop && f.beside != nil && f.latency() && f.rows == nil:
		open, _, _ := strings.Cut(said, ":")
		return open + ": solid lines are response latency, from the intended send; thin dashed lines are service latency, " +
			"from the actual send. Where they part, requests waited at the client before they could be sent."
	default:
		return said
	}
}

// loopSentence is on the loop of a figure, of latency or not, of which points were chosen.
func loopSentence(k results.Key, latency bool, chosen string) string {
	loop, from := "Closed loop: saturated throughput"+chosen, ", so that latency follows from clients / throughput"
	switch {
	case k.Paced():
		loop, from = "Closed loop, "+k.Manner.String()+chosen, ""
	case k.Manner != results.Manner{}: // with which latency does not follow from clients alone
		loop, from = "Closed loop, "+k.Manner.String()+": saturated throughput"+chosen, ""
	}
	if k.Loop != results.ClosedLoop {
		loop, from = "Open loop", ": latency counts from the intended send"
		if k.Arrivals != "" {
			loop += ", " + k.Arrivals + " arrivals"
		}
	}
	if latency {
		loop += from
	}
	return loop + "."
}

// exceptions explains the marks that are not plain, and what has none.
func (f *figure) exceptions(points []stats.Point) []string {
	var infinite, absent, untold []*stats.Point
	for _, p := range results.Each(points) {
		_, known := f.spread(p)
		switch {
		case !f.drawable(p) && known:
			untold = append(untold, p)
		case !f.drawable(p):
			absent = append(absent, p)
		case math.IsInf(p.Median(f.Figure), 1):
			infinite = append(infinite, p)
		}
	}
	sentences := results.Sentences(hollowMarks(f.drawn(points)))
	sentences.When(len(infinite) > 0, fmt.Sprintf("Triangles at the edge are infinite: more than 1 %% of the requests were never answered, of %s.", f.list(infinite)))
	sentences.When(len(untold) > 0, fmt.Sprintf("Not drawn, since it is below what can be told: %s.", f.list(untold)))
	sentences.When(len(absent) > 0, fmt.Sprintf("Tried, without figures to draw: %s.", f.list(absent)))
	return sentences
}

// hollowMarks says what they are where any of the points has one, with the verdicts on these.
func hollowMarks(points []stats.Point) []string {
	var verdicts []string
	any := false
	for _, p := range results.Each(points) {
		if p.Flagged() {
			any, verdicts = true, append(verdicts, p.Verdicts...)
		}
	}
	if !any {
		return nil
	}
	said := "Hollow marks are " + document.FlagMeaning
	if len(verdicts) > 0 {
		slices.Sort(verdicts)
		said += " (" + strings.Join(slices.Compact(verdicts), ", ") + ")"
	}
	return []string{said + "."}
}

// listed names the first entries of a list, and how many more of what there are.
func listed(entries []string, what string) string {
	const most = 10
	if more := len(entries) - most; more > 0 {
		entries = append(entries[:most], fmt.Sprintf("and %d more%s", more, what))
	}
	return strings.Join(entries, "; ")
}

// list names points sorted by value: "pool (64 B) at 1, 16 clients; udp (4 KiB)
// at 256 clients". A single panel's facet goes without saying.
func (f *figure) list(points []*stats.Point) string {
	type line struct {
		model string
		facet facet
	}
	lineOf := func(p *stats.Point) line { return line{p.Model, f.against.facet(p.Key)} }
	lines := results.Grouped(points, lineOf)
	slices.SortStableFunc(lines, func(x, y []*stats.Point) int {
		a, b := lineOf(x[0]), lineOf(y[0])
		return cmp.Or(f.Order.Compare(a.model, b.model), cmp.Compare(a.model, b.model), a.facet.compare(b.facet))
	})
	return listed(results.Map(lines, func(points []*stats.Point) string {
		l, name := lineOf(points[0]), points[0].Model
		if len(f.facets) > 1 {
			name += fmt.Sprintf(" (%s)", l.facet)
		}
		values := results.Map(points, func(p *stats.Point) string { return f.against.label(f.against.value(p)) })
		return fmt.Sprintf("%s at %s %s", name, strings.Join(values, ", "), f.against.unit)
	}), " lines")
}

func restOn(points []stats.Point) string {
	return trialsOf(results.Map(points, func(p stats.Point) int { return cmp.Or(p.Valid, p.Trials-len(p.Failures)) }))
}

// trialsOf is how many trials each of several things rests on.
func trialsOf(counts []int) string {
	least, most := slices.Min(counts), slices.Max(counts)
	if least < most {
		return fmt.Sprintf("%d to %d trials", least, most)
	}
	return results.Plural(most, "trial")
}

func (d Drawer) where() string {
	env := d.Env
	if env == nil {
		return "Measured same-host."
	}
	machine := env.Machine()
	if machine != "" {
		machine = " on " + machine
	}
	where := "same-host"
	if n := len(env.Hosts); n > 0 {
		where = "between " + results.Plural(n, "host") + ", the server"
	}
	return "Measured " + where + machine + "; " + env.Placement() + "."
}
