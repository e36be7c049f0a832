package live

import (
	"fmt"
	"math"
	"time"

	"connbench/loadgen/sweep"
	"connbench/results"
	"connbench/results/stats"

	"github.com/jedib0t/go-pretty/v6/text"
)

type view struct {
	course Course
	now    func() time.Time
	start  time.Time
	tally  tally

	what, place string // the trial under way
	last        string // the one before
	rps, p99    []float64
	span        string // of the newest of these: the last second or trial
	seconds     int    // of the trial under way, seen

	at      stats.At            // the point of the trial under way
	leaders map[stats.At]string // by point, where they are known
}

const (
	sparks    = 40 // seconds or trials that are kept
	barWidth  = 24
	labels    = 11 // columns
	minSparks = 8
	beside    = 38 // columns that a sparkline leaves to what stands behind it
)

func newView(c Course, now func() time.Time) view {
	return view{course: c, now: now, start: now(), tally: newTally(), leaders: map[stats.At]string{}}
}

func (v *view) begin(t sweep.Trial, attempt int) {
	v.what = load(t.Model, t.Clients, t.Payload.String(), t.Rate)
	v.place = v.course.begin(t, attempt)
	v.seconds, v.at = 0, stats.At{Clients: t.Clients, PayloadBytes: int(t.Payload.Size), RateRPS: t.Rate}
}

func (v *view) second(rps float64, p99 results.Nanos) {
	v.seconds++
	v.push("second", rps, float64(p99))
}

// passed takes up a trial that has ended. One of which no second was seen counts as one.
func (v *view) passed(at sweep.Progress) {
	t := at.Trial
	v.course.passed(at)
	v.tally.add(t)
	v.last = loadOf(t) + ": " + outcome(t)
	for _, verdict := range t.Verdicts {
		v.last += ", " + verdict
	}
	switch {
	case v.seconds > 0:
	case t.ResponseLatency == nil:
		v.push("trial", math.NaN(), math.NaN())
	default:
		v.push("trial", t.ThroughputRPS, float64(t.ResponseLatency.P99))
	}
}

func (v *view) push(span string, rps, p99 float64) {
	keep := func(values []float64, value float64) []float64 {
		values = append(values, value)
		return values[max(0, len(values)-sparks):]
	}
	v.span, v.rps, v.p99 = span, keep(v.rps, rps), keep(v.p99, p99)
}

func (v *view) lines(width int) []string {
	share, extent := v.course.extent()
	lines := results.Sentences{
		text.Bold.Sprint(v.what),
		v.place,
		v.series("throughput", v.rps, " req/s", width, results.Count),
		v.series("p99", v.p99, "", width, func(ns float64) string { return results.Nanos(ns).String() }),
		text.FgGreen.Sprint(bar(share, min(barWidth, width/4))) + " " + extent,
		label("so far") + v.tally.words(),
	}
	if first := v.leaders[v.at]; first != "" {
		lines = append(lines, label("ranking")+first)
	}
	lines.When(v.last != "", label("last")+v.last)
	return lines
}

func (v *view) series(name string, values []float64, unit string, width int, words func(float64) string) string {
	if len(values) == 0 {
		return label(name)
	}
	columns := min(sparks, max(minSparks, width-labels-beside))
	current := "-"
	if x := values[len(values)-1]; !math.IsNaN(x) {
		current = words(x) + unit
	}
	return fmt.Sprintf("%s%s %s, last %s; peak %s", label(name), text.FgCyan.Sprint(sparkline(values, columns)), current, v.span,
		words(peak(values[max(0, len(values)-columns):])))
}

func label(name string) string { return text.Faint.Sprint(text.Pad(name, labels, ' ')) }

func (v *view) summary() []string {
	if v.what == "" {
		return nil
	}
	took := v.now().Sub(v.start).Round(time.Second)
	title := ""
	if c, is := v.course.(*PlanCourse); is && c.title != "" {
		title = c.title + ": "
	}
	return []string{fmt.Sprintf("%s%s in %v: %s", title, results.Plural(len(v.tally.valid), "trial"), took, v.tally.words())}
}
