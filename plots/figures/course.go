package figures

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
	"connbench/results/stats"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// courseHeight is that of the panels of a course, which stand below each other.
const courseHeight = vg.Length(200)

// courses draws what became of windows in which the rate changes: the rate that was asked for with
// the answers, and the latency of the requests by when they were due. Each load has a figure. Of
// more models than fit into one panel it is p99 alone, a panel each.
func (d Drawer) courses(courses []read.Course) (sheets []*sheet) {
	loads := results.Grouped(courses, func(c read.Course) results.Key { return c.Key.Shared() })
	for i, load := range loads {
		s := d.courseSheet(load)
		if i > 0 {
			s.name += fmt.Sprintf("-%d", i+1)
		}
		sheets = append(sheets, s)
	}
	return sheets
}

func (d Drawer) courseSheet(load []read.Course) *sheet {
	slices.SortStableFunc(load, func(a, b read.Course) int { return d.Order.Compare(a.Model, b.Model) })
	k := load[0].Key
	s := &sheet{
		name: "course", title: "The course of a rate that changes",
		subtitle: document.Dotted(stats.Workload([]stats.Point{{Key: k}}), k.Payload(), results.Plural(k.Clients, "client"), k.RateProfile+" requests/s"),
		caption:  d.courseCaption(load),
	}
	rates, p50, p99 := d.coursePanels(load)
	models := results.Map(load, func(c read.Course) string { return c.Model })
	if len(models) > maxDirect {
		t := tiled([]*panel{p99}, models, 1)
		t.x, t.y = courseTime(load), []look.Scale{look.Log("p99", look.DurationTicks, p99.values())}
		s.body = t
		return s
	}
	s.legend = [][]entry{{{"asked", look.Thin(look.Faded), nil}}}
	s.body = &tiling{
		panels: []*panel{rates, p50, p99}, columns: 1, each: courseHeight, direct: true, x: courseTime(load),
		y: []look.Scale{
			look.Linear("requests/s", rates.top()), look.Log("p50", look.DurationTicks, p50.values()), look.Log("p99", look.DurationTicks, p99.values()),
		},
	}
	return s
}

func courseTime(load []read.Course) look.Scale {
	longest := 0.0
	for i := range load {
		longest = max(longest, float64(load[i].EndNS())/1e9)
	}
	return look.Linear("seconds of the window", longest)
}

// coursePanels have the rate, and p50 and p99 of the requests due at a time, over spikes.
func (d Drawer) coursePanels(load []read.Course) (rates, p50, p99 *panel) {
	rates, p50, p99 = &panel{title: "asked and answered"}, &panel{title: "p50 response latency"}, &panel{title: "p99 response latency"}
	for _, p := range []*panel{rates, p50, p99} {
		p.under = append(p.under, spikes(load[0].Spikes))
	}
	rates.add(curve{model: "asked", Look: look.Look{Color: look.Faded}, thin: true, marks: askedMarks(&load[0])})
	for _, c := range results.Each(load) {
		add := func(to *panel, f *results.Figure, of func(*results.SeriesPart) (float64, bool)) {
			to.add(curve{model: c.Model, Look: d.Order.Of(c.Model), marks: courseMarks(c, f, of)})
		}
		add(rates, results.Throughput, func(p *results.SeriesPart) (float64, bool) { return p.AnsweredRPS, true })
		add(p50, results.P50, func(p *results.SeriesPart) (float64, bool) {
			return latencyOf(p, func(l *results.PartLatency) results.Nanos { return l.P50 })
		})
		add(p99, results.P99, func(p *results.SeriesPart) (float64, bool) {
			return latencyOf(p, func(l *results.PartLatency) results.Nanos { return l.P99 })
		})
	}
	return rates, p50, p99
}

// latencyOf is a latency that an axis has a place for.
func latencyOf(p *results.SeriesPart, of func(*results.PartLatency) results.Nanos) (float64, bool) {
	if p.Latency == nil || of(p.Latency) < 1 {
		return 0, false
	}
	return float64(of(p.Latency)), true
}

// courseMarks are in the middle of the parts that have a value of a figure.
func courseMarks(c *read.Course, figure *results.Figure, of func(*results.SeriesPart) (float64, bool)) (marks []mark) {
	for i := range c.Parts {
		if v, known := of(&c.Parts[i]); known {
			m := plainMark((float64(i)+0.5)*float64(c.PartNS)/1e9, v)
			m.key, m.said = c.Key, []string{c.Model, fmt.Sprintf("at %v of the window", time.Duration(m.x*1e9).Round(time.Millisecond)), figure.Title + ": " + figure.Text(v)}
			marks = append(marks, m)
		}
	}
	return marks
}

// askedMarks are at both ends of each part.
func askedMarks(c *read.Course) (marks []mark) {
	for i, p := range c.Parts {
		for _, edge := range []int{i, i + 1} {
			marks = append(marks, plainMark(float64(edge)*float64(c.PartNS)/1e9, p.AskedRPS))
		}
	}
	return marks
}

func plainMark(x, y float64) mark { return mark{x: x, y: y, least: y, most: y, plain: true} }

func (d Drawer) courseCaption(load []read.Course) string {
	trials := trialsOf(results.Map(load, func(c read.Course) int { return c.Trials }))
	sentences := results.Sentences{
		fmt.Sprintf("Medians of %s in each %v of the window: answers by when they came, latency of the requests due then, known to a sixteenth.", trials, time.Duration(load[0].PartNS).Round(time.Millisecond)),
		loopSentence(load[0].Key, true, ""),
	}
	sentences.When(len(load[0].Spikes) > 0, "Spikes have a grey ground.")
	return strings.Join(append(sentences, d.where()), " ")
}

// spikes shades the times of another rate.
type spikes []results.Spike

var _ plot.Plotter = spikes(nil)

func (all spikes) Plot(c draw.Canvas, p *plot.Plot) {
	for i := range all {
		from := c.X(p.X.Norm(min(float64(all[i].AtNS)/1e9, p.X.Max)))
		to := c.X(p.X.Norm(min(float64(all[i].EndNS())/1e9, p.X.Max)))
		fillRect(c, look.Shade, from, c.Min.Y, to, c.Max.Y)
	}
}
