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
	"connbench/results/stats"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Percentiles draws the response latency by percentile, on the axis that
// HdrHistogram's plots have: so far from the right that one more nine is one step. Each
// point has a panel, each model a line through the medians over its trials. Work, loop
// and arrivals apart have figures of their own, as in [Drawer.Points].
func (d Drawer) Percentiles(distributions []stats.Distribution) ([]look.Figure, error) {
	groups := results.Grouped(distributions, func(one stats.Distribution) results.Key { return groupOf(one.Key) })
	return drawn(results.Map(groups, func(group []stats.Distribution) *sheet {
		s := d.percentileSheet(group)
		if len(groups) > 1 {
			s.name += "-" + suffix(group[0].Key)
		}
		return s
	}))
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
	panels := results.Map(wholeFacets(points), func(f facet) *panel { return d.percentilePanel(f, models, distributions) })
	t := tiled(panels, models, 2)
	if t.apart && len(panels) == 1 {
		subtitle += " · " + panels[0].title
	}
	t.x = percentileScale(distributions, t.panelWidth())
	t.y = []look.Scale{look.Log("response latency", look.DurationTicks, valuesOf(t.panels))}
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
		p.add(c)
	}
	return p
}

// percentileMarks have dots at the nines alone.
func percentileMarks(d *stats.Distribution) []mark {
	var marks []mark
	for _, at := range d.Percentiles {
		nines := math.Log10(at.Beyond)
		marks = append(marks, mark{
			x: at.Beyond, y: at.Estimate, least: at.Min, most: at.Max, hollow: d.Flagged(),
			plain: nines == 0 || math.Abs(nines-math.Round(nines)) > 1e-6,
		}.within(at.Interval))
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(a.x, b.x) })
	return marks
}

func (d Drawer) percentileCaption(points []stats.Point, panels []*panel) string {
	sentences := []string{
		fmt.Sprintf("At each percentile the median of %s; %s.", restOn(points), aroundMedians(panels)),
		"One in ten of the requests that are left lies beyond each next mark; lines end where a trial had fewer than five requests beyond.",
		loopSentence(points[0].Key, true, ", where the run had the most clients"),
	}
	if slices.Contains(valuesOf(panels), math.Inf(1)) {
		sentences = append(sentences, "A line that ends at the top edge has become infinite: requests that were never answered.")
	}
	return strings.Join(append(append(sentences, hollowMarks(points)...), d.where()), " ")
}
