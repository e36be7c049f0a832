package figures

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// tunedMaps has a map for each number of clients with columns of payloads, or of storms
// a map for each payload with columns of clients.
func tunedMaps(t *read.Tuning) *heatMaps {
	shared := func(p read.TunedPoint) int { return p.Clients + p.PayloadBytes - columnOf(t, &p) } // the one that is no column
	groups := results.Grouped(t.Points, shared)
	slices.SortFunc(groups, func(a, b []read.TunedPoint) int { return cmp.Compare(shared(a[0]), shared(b[0])) })
	shade := tunedShades(t)
	return &heatMaps{best: shade.best, worst: shade.worst, maps: results.Map(groups, func(points []read.TunedPoint) heatMap {
		return tunedMap(t, points, shade.of)
	})}
}

// tunedMap has the points, in order, as its columns.
func tunedMap(t *read.Tuning, points []read.TunedPoint, shade func(*read.TunedPoint, *stats.Standing) float64) heatMap {
	m := heatMap{rowAxis: t.Knob, columnAxis: "payload", title: results.Plural(points[0].Clients, "client"), marked: recommended(t)}
	name := func(p read.TunedPoint) string { return results.Bytes(int64(p.PayloadBytes)) }
	if t.Storm() {
		m.columnAxis, m.title = "clients that connect at once", ""
		name = func(p read.TunedPoint) string { return strconv.Itoa(p.Clients) }
	}
	m.columns = results.Map(points, name)
	for _, setting := range t.Settings {
		m.rows = append(m.rows, settingLabel(t, setting))
		m.cells = append(m.cells, results.Map(points, func(p read.TunedPoint) heatCell {
			cell := tunedCell(t, &p, standingOf(&p, setting.Row), shade)
			cell.key = tunedKey(t, &p, setting.Row)
			return cell
		}))
	}
	return m
}

// tunedKey is what the page filters a value at a point by.
func tunedKey(t *read.Tuning, p *read.TunedPoint, row string) results.Key {
	return results.Key{Model: row, Knobs: t.Knob, Clients: p.Clients, PayloadBytes: p.PayloadBytes}
}

func tunedCell(t *read.Tuning, p *read.TunedPoint, s *stats.Standing, shade func(*read.TunedPoint, *stats.Standing) float64) heatCell {
	if s == nil {
		return heatCell{text: "not tried", hatched: true}
	}
	if !known(*s) {
		return heatCell{text: cmp.Or(shortly(s.Why), "not measured"), hatched: true}
	}
	cell := heatCell{text: p.Metric.Text(s.Value.Estimate)}
	if s.First == 0 {
		cell.hatched, cell.below = true, shortly(s.Why)
		return cell
	}
	cell.shade = shade(p, s)
	switch {
	case s.First == 1 && len(p.Alike) > 1:
		cell.below = tiedText(p.MostBehind(s.Model))
	case s.First == 1 && p.Ranked() == 1:
		cell.below = "alone"
	case s.First == 1:
		cell.below = "best"
	case !t.Endless(s):
		cell.below = timesText(s.Best.Estimate)
	}
	return cell
}

// shortly is the first part of a reason, for which a cell has room.
func shortly(why string) string {
	first, _, _ := strings.Cut(why, ",")
	first, _, _ = strings.Cut(first, ";")
	return first
}

// tiedText is on one of several values that cannot be told apart, which may be so many times behind
// the best: a tie only where that is not far.
func tiedText(most float64) string {
	switch {
	case most <= read.Doubtful:
		return "best, tied"
	case math.IsInf(most, 1):
		return "open"
	}
	return "open: ≤ " + timesText(most)
}

func timesText(ratio float64) string {
	if ratio < 10 {
		return fmt.Sprintf("%.2f×", ratio)
	}
	return results.Count(ratio) + "×"
}

// shading is a scale of colours with the names of its ends.
type shading struct {
	of          func(*read.TunedPoint, *stats.Standing) float64
	best, worst string
}

// muchWorse is from how many times behind the best on a cell is as dark as any.
const muchWorse = 3

// tunedShades shades storms by their times, as it takes long where the storm is large,
// and all else by how many times it is behind the best of its column.
func tunedShades(t *read.Tuning) shading {
	if !t.Storm() {
		return shading{
			of: func(p *read.TunedPoint, s *stats.Standing) float64 {
				return math.Log(p.Behind(s.Model)) / math.Log(muchWorse)
			},
			best: "the best of the column", worst: fmt.Sprintf("%d times behind it, or more", muchWorse),
		}
	}
	lo, hi := math.Inf(1), 0.0
	for i := range t.Points {
		for _, s := range t.Points[i].Standings {
			if s.First > 0 && known(s) && !t.Endless(&s) {
				lo, hi = min(lo, s.Value.Estimate), max(hi, s.Value.Estimate)
			}
		}
	}
	if hi == 0 {
		lo, hi = 1e6, 1e9 // all are endless
	}
	hi = max(hi, 2*lo)
	return shading{
		of: func(_ *read.TunedPoint, s *stats.Standing) float64 {
			if t.Endless(s) {
				return 1
			}
			return 0.95 * math.Log(s.Value.Estimate/lo) / math.Log(hi/lo)
		},
		best: results.Nanos(lo).String(), worst: results.Nanos(hi).String() + " or never",
	}
}

// tunedDots has a row for each of the knob's values, in their order, and a column for each point.
func tunedDots(t *read.Tuning) *dotChart {
	m := t.Points[0].Metric
	d := &dotChart{rows: results.Map(t.Settings, func(s read.Setting) dotRow {
		return dotRow{
			name: settingLabel(t, s), key: results.Key{Model: s.Row, Knobs: t.Knob}, Look: look.Nth(0), marked: recommended(t) == t.Place(s.Row),
			cells: results.Map(t.Points, func(p read.TunedPoint) dotCell { return tunedDot(t, &p, standingOf(&p, s.Row)) }),
		}
	})}
	for i := range t.Points {
		d.columns = append(d.columns, dotColumn{title: results.Plural(t.Points[i].Clients, "client"), x: tunedScale(m, d.rows, i, len(t.Points))})
	}
	return d
}

// tunedDot is empty but for its text where there is nothing to draw.
func tunedDot(t *read.Tuning, p *read.TunedPoint, s *stats.Standing) dotCell {
	switch {
	case s == nil:
		return dotCell{text: "not tried"}
	case !known(*s):
		return dotCell{text: cmp.Or(s.Why, "not measured")}
	}
	c := dotCell{value: s.Value.Estimate, text: p.Metric.Text(s.Value.Estimate), hollow: s.First == 0, key: tunedKey(t, p, s.Model)}
	if t.Endless(s) {
		c.value = math.Inf(1)
		return c
	}
	return c.within(s.Value, p.Metric.Text)
}

// tunedScale is of a column, one of so many; times differ by factors.
func tunedScale(m *results.Figure, rows []dotRow, column, of int) look.Scale {
	values := columnValues(rows, column)
	scale := look.Linear(m.Title, highest(values))
	if m.Unit == results.Nanoseconds {
		scale = dotScale(m.Title, look.DurationTicks)(values)
	}
	return scale.Thinned(columnWidth(of))
}
