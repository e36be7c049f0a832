package figures

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// tunedMaps has a map for each number of clients with columns of payloads, or of storms
// a map for each payload with columns of clients.
func tunedMaps(t *read.Tuning) *heatMaps {
	groups := map[int][]*read.TunedPoint{}
	var order []int
	for i := range t.Points {
		p := &t.Points[i]
		key := p.Clients + p.PayloadBytes - tunedColumn(t, p) // the one that is no column
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], p)
	}
	slices.Sort(order)
	shade := tunedShades(t)
	h := &heatMaps{best: shade.best, worst: shade.worst}
	for _, key := range order {
		h.maps = append(h.maps, tunedMap(t, groups[key], shade.of))
	}
	return h
}

// tunedMap has the points, in order, as its columns.
func tunedMap(t *read.Tuning, points []*read.TunedPoint, shade func(*read.TunedPoint, *stats.Standing) float64) heatMap {
	m := heatMap{rowAxis: t.Knob, columnAxis: "payload", title: results.Plural(points[0].Clients, "client"), marked: recommended(t)}
	if t.Storm() {
		m.columnAxis, m.title = "clients that connect at once", ""
	}
	for _, p := range points {
		name := results.Bytes(int64(p.PayloadBytes))
		if t.Storm() {
			name = fmt.Sprint(p.Clients)
		}
		m.columns = append(m.columns, name)
	}
	for _, setting := range t.Settings {
		var cells []heatCell
		for _, p := range points {
			cells = append(cells, tunedCell(t, p, standingOf(p, setting.Row), shade))
		}
		m.rows, m.cells = append(m.rows, settingLabel(t, setting)), append(m.cells, cells)
	}
	return m
}

func tunedCell(t *read.Tuning, p *read.TunedPoint, s *stats.Standing, shade func(*read.TunedPoint, *stats.Standing) float64) heatCell {
	if s == nil {
		return heatCell{text: "not tried", hatched: true}
	}
	if !tunedKnown(s) {
		return heatCell{text: cmp.Or(s.Why, "not measured"), hatched: true}
	}
	cell := heatCell{text: tunedText(t, s)}
	if s.First == 0 {
		cell.hatched, cell.below = true, s.Why
		return cell
	}
	cell.shade = shade(p, s)
	switch {
	case s.First == 1 && len(p.Alike) > 1:
		cell.below = "best, tied"
	case s.First == 1:
		cell.below = "best"
	case !tunedEndless(s):
		cell.below = timesText(s.Best.Estimate)
	}
	return cell
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
				return math.Log(timesBehind(p, s)) / math.Log(muchWorse)
			},
			best: "the best of the column", worst: fmt.Sprintf("%d times behind it, or more", muchWorse),
		}
	}
	lo, hi := math.Inf(1), 0.0
	for i := range t.Points {
		for _, s := range t.Points[i].Standings {
			if s.First > 0 && tunedKnown(&s) && !tunedEndless(&s) {
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
			if tunedEndless(s) {
				return 1
			}
			return 0.95 * math.Log(s.Value.Estimate/lo) / math.Log(hi/lo)
		},
		best: results.Nanos(lo).String(), worst: results.Nanos(hi).String() + " or never",
	}
}

// timesBehind is how many times worse than the first of its point a row is.
func timesBehind(p *read.TunedPoint, s *stats.Standing) float64 {
	if p.Metric.More {
		return 1 / s.Best.Estimate
	}
	return s.Best.Estimate
}
