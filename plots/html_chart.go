package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"


	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"connbench/results"
	"connbench/results/stats"
)

// chapter is the charts of one work, loop and arrivals.
type chapter struct {
	Title  string  `json:"title"`
	Charts []chart `json:"charts"`
}

// chart is a figure of the points of one facet.
type chart struct {
	Title string `json:"title"`
	Unit  string `json:"unit"` // ns for durations
	Scale string `json:"scale"`
	// Where all dots are at the same value of the axis they are a list, of its own scale and
	// with the best first: that with more, or with less.
	ListScale string `json:"listScale"`
	More      bool   `json:"more"`
	Axis      string `json:"axis"` // from left to right
	LogX      bool   `json:"logX"`
	Ticks     []tick `json:"ticks"`
	Dots      []spot `json:"dots"`
	Note      string `json:"note,omitempty"` // below it
}

type tick struct {
	At   number `json:"at"`
	Text string `json:"text"`
}

// spot is a point in a chart.
type spot struct {
	Point    int    `json:"point"`
	X        number `json:"x"`
	Y        number `json:"y"`
	Low      number `json:"low"` // of the median's interval; -Infinity where there are too few trials for one
	High     number `json:"high"`
	Text     string `json:"text"`
	Interval string `json:"interval"`
	Range    string `json:"range"`

	Lines []string `json:"lines,omitempty"` // all that is said of it, instead of these three
	Said  []number `json:"said,omitempty"`  // from where to where somebody says that it is
}

// chaptersOf are those with anything to draw, in order of appearance.
func chaptersOf(points []stats.Point) []chapter {
	groupOf := func(k results.Key) results.Key {
		return results.Key{Work: k.Work, Knobs: k.Knobs, Loop: k.Loop, Arrivals: k.Arrivals}
	}
	var order []results.Key
	groups := map[results.Key][]int{}
	for i := range points {
		key := groupOf(points[i].Key)
		if _, seen := groups[key]; !seen {
			order = append(order, key)
		}
		groups[key] = append(groups[key], i)
	}
	var chapters []chapter
	for _, key := range order {
		group := at(points, groups[key])
		c := chapter{Title: stats.Workload(group) + " · " + group[0].LoopLabel()}
		c.Charts = chartsOf(points, groups[key])
		if len(c.Charts) > 0 {
			chapters = append(chapters, c)
		}
	}
	return chapters
}

func at(points []stats.Point, places []int) []stats.Point {
	var some []stats.Point
	for _, i := range places {
		some = append(some, points[i])
	}
	return some
}

// chartMetric is what charts show of points.
type chartMetric struct {
	column string // of pointColumns
	title  string
	unit   string
	scale  string // log, linear, or wide: logarithmic where values are far apart
	list   string // the scale of a list
	more   bool   // is better
}

var chartMetrics = []chartMetric{
	{"throughput_rps", "Throughput", "requests/s", "linear", "linear", true},
	{"server_cpu_ns_per_request", "Server CPU a request", "ns", "wide", "wide", false},
	{"response_latency_ns.p99", "p99 latency", "ns", "log", "wide", false},
}

// chartsOf are those of each facet of points, which are given by their places.
func chartsOf(points []stats.Point, places []int) []chart {
	group := at(points, places)
	if group[0].Loop == results.ClosedLoop {
		return chartsAgainst(&byClients, facetsOf(&byClients, group), points, places)
	}
	charts := chartsAgainst(&byRate, facetsOf(&byRate, group), points, places)
	return append(charts, chartsAgainst(&byClients, byClients.facets(group), points, places)...)
}

// facetsOf are all, also those with one value, which the page draws as a list.
func facetsOf(a *abscissa, points []stats.Point) []facet {
	var facets []facet
	for i := range points {
		if f := a.facet(points[i].Key); !slices.Contains(facets, f) {
			facets = append(facets, f)
		}
	}
	slices.SortFunc(facets, facet.compare)
	return facets
}

func chartsAgainst(a *abscissa, facets []facet, points []stats.Point, places []int) []chart {
	var charts []chart
	for _, f := range facets {
		for _, m := range chartMetrics {
			if c := m.chart(a, f, points, places); len(c.Dots) > 0 {
				charts = append(charts, c)
			}
		}
	}
	return charts
}

func (m chartMetric) chart(a *abscissa, f facet, points []stats.Point, places []int) chart {
	c := chart{Title: m.title + " · " + f.title(), Unit: m.unit, Scale: m.scale, ListScale: m.list, More: m.more, Ticks: []tick{}}
	var values []float64
	for _, i := range places {
		p := &points[i]
		s, known := m.of(p)
		// A latency of 0 is that of no request at all.
		if a.facet(p.Key) != f || !known || m.unit == "ns" && s.Median <= 0 {
			continue
		}
		values = append(values, a.value(p))
		c.Dots = append(c.Dots, m.spot(a, p, i))
	}
	if len(values) > 0 {
		slices.Sort(values)
		c.across(a, slices.Compact(values))
	}
	return c
}

// across gives the chart its axis from left to right, as the figures have it.
func (c *chart) across(a *abscissa, values []float64) {
	s := a.scale(values, 15*vg.Centimeter)
	_, c.LogX = s.norm.(plot.LogScale)
	c.Axis = a.axis
	for _, v := range values {
		c.Ticks = append(c.Ticks, tick{number(v), a.label(v)})
	}
}

func (m chartMetric) of(p *stats.Point) (stats.Spread, bool) {
	i := slices.IndexFunc(pointColumns, func(c column) bool { return c.Name == m.column })
	return pointColumns[i].of(p)
}

func (m chartMetric) spot(a *abscissa, p *stats.Point, i int) spot {
	v, _ := m.of(p)
	s := spot{
		Point: i, X: number(a.value(p)), Y: number(v.Median), Low: number(math.Inf(-1)), High: number(math.Inf(1)),
		Text:     textOf(m.column, v.Median),
		Range:    fmt.Sprintf("from %s to %s", textOf(m.column, v.Min), textOf(m.column, v.Max)),
		Interval: tooFew,
	}
	if m.unit != "ns" {
		s.Text += " " + m.unit
	}
	if between, has := p.Intervals[m.column]; has && !math.IsInf(between.Low, -1) {
		s.Low, s.High = number(between.Low), number(between.High)
		s.Interval = bounds(m.column, between)
	}
	return s
}

const tooFew = "too few trials for one"

// bounds is an interval without its estimate, whose unit is said once where it is the same.
func bounds(name string, i stats.Interval) string {
	low, high := textOf(name, i.Low), textOf(name, i.High)
	if _, unit, found := strings.Cut(high, " "); found {
		low = strings.TrimSuffix(low, " "+unit)
	}
	return low + " to " + high
}
