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
	"connbench/results/document"
	"connbench/results/stats"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Percentiles draws the response latency by percentile, on the axis that
// HdrHistogram's plots have: so far from the right that one more nine is one step. Each
// point has a panel, each model a line through the medians over its trials. Work, loop
// and arrivals apart have figures of their own, as in [Drawer.Points].
func (d Drawer) Percentiles(distributions []stats.Distribution) ([]look.Figure, error) {
	var order []results.Key
	groups := map[results.Key][]stats.Distribution{}
	for _, one := range distributions {
		key := groupOf(one.Key)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], one)
	}
	var sheets []*sheet
	for _, key := range order {
		s := d.percentileSheet(groups[key])
		if len(order) > 1 {
			s.name += "-" + suffix(key)
		}
		sheets = append(sheets, s)
	}
	return drawn(sheets)
}

func (d Drawer) percentileSheet(distributions []stats.Distribution) *sheet {
	var points []stats.Point
	var models []string
	for _, one := range distributions {
		points = append(points, one.Point)
		if !slices.Contains(models, one.Model) {
			models = append(models, one.Model)
		}
	}
	slices.SortStableFunc(models, d.Order.Compare)
	subtitle := stats.Workload(points) + " · " + points[0].LoopLabel()
	t := &tiling{each: panelHeight, common: true, direct: len(models) <= maxDirect}
	for _, f := range wholeFacets(points) {
		t.panels = append(t.panels, d.percentilePanel(f, models, distributions))
	}
	t.columns = columnsOf(len(t.panels), 2)
	if len(models) > maxDirect {
		if len(t.panels) == 1 {
			subtitle += " · " + t.panels[0].title
		}
		t.panels, t.columns = allApart(t.panels, models), apartColumns
		t.each, t.sparse = smallHeight, true
	}
	t.x = percentileScale(distributions, panelWidth(t.columns, t.labelWidth()))
	y := look.Log("response latency", look.DurationTicks, valuesOf(t.panels))
	for range t.panels {
		t.y = append(t.y, y)
	}
	return &sheet{
		name: "percentiles", title: "Response latency by percentile",
		subtitle: subtitle,
		caption:  d.percentileCaption(points, t.panels), body: t,
	}
}

// percentileScale ends at the last percentile that any of the distributions tells.
func percentileScale(distributions []stats.Distribution, width vg.Length) look.Scale {
	s := look.Scale{Min: 1, Max: 10, Norm: plot.LogScale{}, Label: "percentile of the requests"}
	for _, d := range distributions {
		s.Max = max(s.Max, d.Percentiles[len(d.Percentiles)-1].Beyond)
	}
	values := []float64{1, 2}
	for v := 10.0; v <= s.Max; v *= 10 {
		values = append(values, v)
	}
	s.Max *= 1.05
	s.Ticks = s.ValueTicks(values, percentileLabel, width)
	return s
}

// percentileLabel is that beyond which one in so many requests lies.
func percentileLabel(beyond float64) string {
	return strconv.FormatFloat(math.Round(1e9*(1-1/beyond))/1e7, 'f', -1, 64) + " %"
}

func (d Drawer) percentilePanel(f facet, models []string, distributions []stats.Distribution) *panel {
	p := &panel{title: f.title()}
	for _, model := range models {
		c := curve{model: model, Look: d.Order.Of(model)}
		for _, one := range distributions {
			if one.Model == model && wholeFacet(one.Key) == f {
				c.marks = append(c.marks, percentileMarks(&one)...)
			}
		}
		p.add([]curve{c})
	}
	return p
}

// percentileMarks have dots at the nines alone.
func percentileMarks(d *stats.Distribution) []mark {
	var marks []mark
	for _, at := range d.Percentiles {
		nines := math.Log10(at.Beyond)
		m := mark{
			x: at.Beyond, y: at.Estimate, least: at.Min, most: at.Max, hollow: d.Flagged(),
			plain: nines == 0 || math.Abs(nines-math.Round(nines)) > 1e-6,
		}
		if at.Bounded() {
			m.low, m.high, m.bounded = at.Low, at.High, true
		}
		marks = append(marks, m)
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(a.x, b.x) })
	return marks
}

func (d Drawer) percentileCaption(points []stats.Point, panels []*panel) string {
	sentences := []string{
		fmt.Sprintf("At each percentile the median of %s; %s.", restOn(points), aroundMedians(panels)),
		"One in ten of the requests that are left lies beyond each next mark; lines end where a trial had fewer than five requests beyond.",
	}
	if points[0].Loop == results.ClosedLoop {
		sentences = append(sentences, "Closed loop: saturated throughput, where the run had the most clients, so that latency follows from clients / throughput.")
	} else {
		sentences = append(sentences, "Open loop, "+points[0].Arrivals+" arrivals: latency counts from the intended send.")
	}
	if slices.Contains(valuesOf(panels), math.Inf(1)) {
		sentences = append(sentences, "A line that ends at the top edge has become infinite: requests that were never answered.")
	}
	var flagged []stats.Point
	for _, p := range points {
		if p.Flagged() {
			flagged = append(flagged, p)
		}
	}
	if len(flagged) > 0 {
		sentences = append(sentences, "Hollow marks are "+document.FlagMeaning+verdicts(flagged)+".")
	}
	return strings.Join(append(sentences, d.where()), " ")
}
