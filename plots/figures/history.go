package figures

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
	"connbench/results/stats"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// mostPasts is of how many points a figure of history has panels.
const mostPasts = 3

// History draws the course of figures over the runs of each series, with a rule at each change: those
// that have changed somewhere, and of a series without any the first. Of each point one panel has
// what is tested, as times the level that it began with, and one beside it the figure as measured.
func (d Drawer) History(h *read.History) ([]look.Figure, error) {
	var sheets []*sheet
	for i, s := range results.Each(h.Series) {
		any := len(s.Changed()) > 0
		for j, lines := range results.Grouped(s.Lines, func(l *read.Line) *results.Figure { return l.Figure }) {
			changed := slices.ContainsFunc(lines, func(l *read.Line) bool { return len(l.Changes) > 0 })
			if changed || !any && j == 0 {
				one := d.historySheet(h, s, lines)
				if one.name = "history-" + suffixOf(lines[0].Figure); len(h.Series) > 1 {
					one.name += fmt.Sprintf("-%d", i+1)
				}
				sheets = append(sheets, one)
			}
		}
	}
	return drawn(sheets)
}

// suffixOf names a figure in a file's name: "server-cpu-req".
func suffixOf(f *results.Figure) string {
	return strings.NewReplacer(" ", "-", "/", "-").Replace(strings.ToLower(f.Title))
}

func (d Drawer) historySheet(h *read.History, s *read.Series, lines []*read.Line) *sheet {
	f := lines[0].Figure
	points := results.Grouped(lines, func(l *read.Line) results.Key { return l.Key.Shared() })
	slices.SortStableFunc(points, func(a, b []*read.Line) int { return changesIn(b) - changesIn(a) })
	all := len(points)
	points = points[:min(all, mostPasts)]
	models := results.Distinct(slices.Concat(points...), func(l *read.Line) string { return l.Model })
	apart := len(models) > maxDirect // a panel of each, at one point
	if apart {
		points = points[:1]
	}
	first := &h.Runs[s.Runs[0]]
	one := &sheet{
		title:    "History of " + f.Title,
		subtitle: document.Dotted(results.Plural(len(s.Runs), "run"), first.Name+" to "+h.Runs[s.Runs[len(s.Runs)-1]].Name, first.Run.Environment.Machine()),
		caption:  historyCaption(points, all-len(points), apart),
	}
	place := map[int]float64{} // of runs, from left to right
	for i, run := range s.Runs {
		place[run] = float64(i)
	}
	var tested, measured []*panel
	var ratios, values []look.Scale
	for _, of := range points {
		a, b := d.pastPanels(h, of, place)
		tested, measured = append(tested, a), append(measured, b)
		ratios, values = append(ratios, ratioScale("times its first level", a.values())), append(values, measuredScale(f, b.values()))
	}
	if apart {
		t := tiled(tested, models, 1)
		t.x, t.y = pastScale(h, s, t.panelWidth()), ratios[:1]
		one.body = t
		return one
	}
	t := &tiling{columns: 2, each: courseHeight, direct: true}
	for i := range tested {
		t.panels, t.y = append(t.panels, tested[i], measured[i]), append(t.y, ratios[i], values[i])
	}
	t.x = pastScale(h, s, t.panelWidth())
	one.body = t
	return one
}

func changesIn(lines []*read.Line) (n int) {
	for _, l := range lines {
		n += len(l.Changes)
	}
	return n
}

// pastPanels are of a point: what is tested, and the same figure as measured.
func (d Drawer) pastPanels(h *read.History, lines []*read.Line, place map[int]float64) (tested, measured *panel) {
	at := document.At(lines[0].Key)
	tested, measured = &panel{title: at + ": against other rows"}, &panel{title: at + ": as measured"}
	if !slices.ContainsFunc(lines, func(l *read.Line) bool { return l.Tested && l.Beside != nil }) {
		tested.title = at
	}
	for _, l := range lines {
		look := d.Order.Of(l.Model)
		past := curve{model: l.Model, Look: look}
		for i, run := range l.Runs {
			v := l.Values[i]
			m := pastMark(h, l, run, place[run], v.Estimate).within(v)
			if m.said = append(m.said, l.Figure.Title+": "+l.Figure.Text(v.Estimate)); m.bounded {
				m.said = append(m.said, "95 %: "+v.Bounds(l.Figure.Text))
			}
			past.marks = append(past.marks, m)
		}
		measured.add(past)
		if !l.Tested {
			continue
		}
		levels, first := d.levels(l, place)
		course := curve{model: l.Model, Look: look, loose: true}
		for i, at := range l.At {
			m := pastMark(h, l, l.Runs[at], place[l.Runs[at]], l.Relative[i]/first)
			m.said = append(m.said, results.Ratio(m.y)+" times its first level")
			course.marks = append(course.marks, m)
		}
		tested.add(course)
		tested.under = append(tested.under, levels)
	}
	return tested, measured
}

// pastMark is of a run, with what is known of it.
func pastMark(h *read.History, l *read.Line, run int, x, y float64) mark {
	p := &h.Runs[run]
	return mark{x: x, y: y, least: y, most: y, key: l.Key, said: []string{l.Model, document.Dotted(p.Name, p.Commit())}}
}

// stretch is a level between two changes.
type stretch struct {
	from, to, level float64
	color           color.Color
}

// stretches are the levels of a line, joined by rules where they change.
type stretches []stretch

var _ plot.Plotter = stretches(nil)

// levels are those of a line over its first, which is what they are times.
func (d Drawer) levels(l *read.Line, place map[int]float64) (all stretches, first float64) {
	from := 0
	for _, to := range append(results.Map(l.Changes, func(c stats.Change) int { return c.At }), len(l.At)) {
		level := stat.GeometricMean(l.Relative[from:to], nil)
		if from == 0 {
			first = level
		}
		all = append(all, stretch{place[l.Runs[l.At[from]]] - 0.5, place[l.Runs[l.At[to-1]]] + 0.5, level / first, d.Order.Of(l.Model).Color})
		from = to
	}
	return all, first
}

func (all stretches) Plot(c draw.Canvas, p *plot.Plot) {
	at := func(x, y float64) (vg.Length, vg.Length) {
		return c.X(p.X.Norm(max(p.X.Min, min(x, p.X.Max)))), c.Y(p.Y.Norm(y))
	}
	for i, s := range all {
		x0, y := at(s.from, s.level)
		x1, _ := at(s.to, s.level)
		c.StrokeLine2(draw.LineStyle{Color: s.color, Width: look.ThinWidth}, x0, y, x1, y)
		if i > 0 {
			_, before := at(s.from, all[i-1].level)
			c.StrokeLine2(look.Thin(s.color), x0, c.Min.Y, x0, c.Max.Y)
			style := look.Text(noteSize, look.Ink)
			style.XAlign = draw.XLeft
			c.FillText(style, vg.Point{X: x0 + 3, Y: (y + before) / 2}, "× "+results.Ratio(s.level/all[i-1].level))
		}
	}
}

func historyCaption(points [][]*read.Line, left int, apart bool) string {
	said := "Each mark is a run: the median of its trials"
	switch beside := slices.ContainsFunc(slices.Concat(points...), func(l *read.Line) bool { return l.Beside != nil }); {
	case beside && apart:
		said += ", over the geometric mean of other rows in the same run, since the machine takes all along"
	case beside:
		said += "; on the left over the geometric mean of other rows in the same run, since the machine takes all along, on the right as measured, in its 95 % interval where trials are enough for one"
	}
	sentences := results.Sentences{said + ". Level lines are means between changes beyond chance, dashed rules where they change."}
	sentences.When(slices.ContainsFunc(slices.Concat(points...), func(l *read.Line) bool { return l.Either && l.Tested }), "Of two rows that are held against each other the one stands for both.")
	sentences.When(left > 0, results.Plural(left, "further point")+" without a panel.")
	return strings.Join(sentences, " ")
}

// pastScale has the runs side by side, whatever time lay between them, by their dates.
func pastScale(h *read.History, s *read.Series, width vg.Length) look.Scale {
	n := len(s.Runs)
	scale := look.Scale{Min: -0.5, Max: float64(n) - 0.5, Norm: plot.LinearScale{}, Label: "runs, the oldest first"}
	first, last := h.Runs[s.Runs[0]].Run.CreatedAt, h.Runs[s.Runs[n-1]].Run.CreatedAt
	layout := "2 Jan"
	if last.Sub(first).Hours() < 48 {
		layout = "2 Jan 15:04"
	}
	var values []float64
	for i := range n {
		values = append(values, float64(i))
	}
	scale.Ticks = scale.ValueTicks(values, func(v float64) string { return h.Runs[s.Runs[int(v)]].Run.CreatedAt.UTC().Format(layout) }, width)
	return scale
}

// ratioScale has room for values about 1, with a few labels.
func ratioScale(axis string, values []float64) look.Scale {
	low, high := 0.95, 1.05
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	step := look.RoundStep((high - low) / 6)
	from, to := math.Floor(low/step), math.Ceil(high/step)
	scale := look.Scale{Min: from * step, Max: to * step, Norm: plot.LinearScale{}, Label: axis}
	for i := from; i <= to; i++ {
		scale.Ticks = append(scale.Ticks, plot.Tick{Value: i * step, Label: results.Ratio(i * step)})
	}
	return scale
}

func measuredScale(f *results.Figure, values []float64) look.Scale {
	switch f.Unit {
	case results.Nanoseconds:
		return look.Log(f.Title, look.DurationTicks, values)
	case results.ByteCount:
		return look.Log(f.Title, look.ByteTicks, values)
	}
	return look.Linear(f.Title, highest(values))
}
