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

// percentiles draws the response latency by percentile, on the axis that
// HdrHistogram's plots have: so far from the right that one more nine is one step. Each
// point has a panel, each model a line through the medians over its trials. Work, loop
// and arrivals apart have figures of their own, as of points.
func (d Drawer) percentiles(distributions []stats.Distribution) []*sheet {
	groups := results.Grouped(distributions, func(one stats.Distribution) results.Key { return groupOf(one.Key) })
	return eachOf(groups, func(one stats.Distribution) string { return suffix(one.Key) }, func(group []stats.Distribution) []*sheet {
		return []*sheet{d.percentileSheet(group)}
	})
}

func (d Drawer) percentileSheet(distributions []stats.Distribution) *sheet {
	points := results.Map(distributions, func(one stats.Distribution) stats.Point { return one.Point })
	models := results.Distinct(points, modelOf)
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
		m := mark{
			x: at.Beyond, y: at.Estimate, least: at.Min, most: at.Max, hollow: d.Flagged(), key: d.Key,
			plain: nines == 0 || math.Abs(nines-math.Round(nines)) > 1e-6,
		}.within(at.Interval)
		if !m.plain {
			m.said = saidOf(&d.Point, percentileLabel(at.Beyond)+" of the requests within", results.Nanoseconds.Text, m)
		}
		marks = append(marks, m)
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(a.x, b.x) })
	return marks
}

func (d Drawer) percentileCaption(points []stats.Point, panels []*panel) string {
	sentences := results.Sentences{
		fmt.Sprintf("At each percentile the median of %s; %s.", restOn(points), aroundMedians(panels)),
		"One in ten of the requests that are left lies beyond each next mark; lines end where a trial had fewer than five requests beyond.",
		loopSentence(points[0].Key, true, ", where the run had the most clients"),
	}
	sentences.When(slices.Contains(valuesOf(panels), math.Inf(1)), "A line that ends at the top edge has become infinite: requests that were never answered.")
	return strings.Join(append(append(sentences, hollowMarks(points)...), d.where()), " ")
}

const maxPercentilePanels = 6

// ForPercentiles are the points of which [Drawer.Run] is to draw the distributions:
// of a closed loop those with the most clients, of an open one those at all rates or,
// where these are too many, at rates from the lowest to the highest. Of more models than
// fit into one panel it is one point, of the smallest payload.
func ForPercentiles(points []stats.Point) []stats.Point {
	var chosen []stats.Point
	for _, group := range drawableGroups(points) {
		facets := percentileFacets(group)
		chosen = append(chosen, slices.DeleteFunc(group, func(p stats.Point) bool { return !slices.Contains(facets, wholeFacet(p.Key)) })...)
	}
	return chosen
}

// wholeFacet is all that is given of a point.
func wholeFacet(k results.Key) facet {
	return facet{k.PayloadBytes, k.Clients, k.RateRPS, k.PayloadMix}
}

func percentileFacets(group []stats.Point) []facet {
	all := wholeFacets(group)
	if many(group) {
		return typical(all, group[0].Loop)
	}
	if group[0].Loop == results.ClosedLoop {
		return mostClients(all)
	}
	sweeps := results.Grouped(all, func(f facet) facet { return facet{payload: f.payload, mix: f.mix, clients: f.clients} })
	sweeps = sweeps[:min(len(sweeps), maxPercentilePanels)]
	return slices.Concat(results.Map(sweeps, func(rates []facet) []facet { return evenly(rates, maxPercentilePanels/len(sweeps)) })...)
}

func payloadOf(f facet) int { return f.payload }

// typical is of the smallest payload that with the most clients in a closed loop, and in
// an open one that at the middle of the rates.
func typical(all []facet, loop results.Loop) []facet {
	own := results.Grouped(all, payloadOf)[0]
	i := len(own) - 1
	if loop == results.OpenLoop {
		i /= 2
	}
	return own[i : i+1]
}

func modelOf(p stats.Point) string { return p.Model }

func measured(points []stats.Point) []stats.Point {
	return slices.DeleteFunc(slices.Clone(points), func(p stats.Point) bool { return !p.HasFigures() })
}

// many reports whether each model needs a panel of its own.
func many(points []stats.Point) bool {
	return len(results.Distinct(measured(points), modelOf)) > maxDirect
}

// evenly is n of them from the first to the last, or the last if n is 1.
func evenly(all []facet, n int) []facet {
	if len(all) <= n {
		return all
	}
	if n == 1 {
		return all[len(all)-1:]
	}
	var some []facet
	for i := range n {
		some = append(some, all[i*(len(all)-1)/(n-1)])
	}
	return some
}

// wholeFacets are those of points that have figures, in order.
func wholeFacets(points []stats.Point) []facet {
	all := results.Distinct(measured(points), func(p stats.Point) facet { return wholeFacet(p.Key) })
	slices.SortFunc(all, facet.compare)
	return all
}

// mostClients are of each payload those with the most clients, and of one payload alone
// those with the next most too; they are in order.
func mostClients(all []facet) []facet {
	most := results.Map(results.Grouped(all, payloadOf), func(own []facet) facet { return own[len(own)-1] })
	if len(most) == 1 && len(all) > 1 {
		return all[len(all)-2:]
	}
	return most[:min(len(most), maxPercentilePanels)]
}
