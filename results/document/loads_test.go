package document

import (
	"math"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/resultstest"
	"connbench/results/stats"
)

// course is a series of parts of 100 ms in which a spike of a second leaves a queue that takes two
// more to go; then comes another from which nothing comes back.
func course(parts int) *results.Series {
	s := &results.Series{PartNS: 100e6, Spikes: []results.Spike{
		{RateRPS: 50_000, AtNS: 1000e6, ForNS: 1000e6}, {RateRPS: 60_000, AtNS: 4500e6, ForNS: 200e6},
	}}
	for i := range parts {
		p := results.SeriesPart{AskedRPS: 5000, AnsweredRPS: 5000, Latency: &results.PartLatency{P50: 80e3, P99: 200e3}}
		switch {
		case i >= 10 && i < 20:
			p.AskedRPS, p.AnsweredRPS, p.Latency = 50e3, 20e3, &results.PartLatency{P50: results.Nanos(i-9) * 10e6, P99: results.Nanos(i-9) * 20e6}
		case i >= 20 && i < 40:
			p.AnsweredRPS, p.Latency = 20e3, &results.PartLatency{P50: results.Nanos(40-i) * 5e6, P99: results.Nanos(40-i) * 10e6}
		case i == 42:
			p.AnsweredRPS, p.Latency = 0, nil
		case i >= 45:
			p.Latency = &results.PartLatency{P50: results.Infinite, P99: results.Infinite}
		}
		s.Parts = append(s.Parts, p)
	}
	s.Recover()
	return s
}

// What the table of a course has no column of is not explained.
func TestCourseLegend(t *testing.T) {
	c := read.Course{Series: results.Series{PartNS: 1e8}}
	if got, want := courseLegend(&c), "of the medians of trials in each 100ms"; got != want {
		t.Errorf("without a spike: %q, want %q", got, want)
	}
	c.Spikes = []results.Spike{{}}
	if got := courseLegend(&c); !strings.Contains(got, "recovery: ") {
		t.Errorf("with one: %q", got)
	}
}

func TestSeries(t *testing.T) {
	resultstest.Golden(t, "series.txt", said(t, Series(course(50)), ""))
	short := said(t, Series(course(15)), "")
	if n := strings.Count(short, "\n"); n > 25 || strings.Contains(short, "rows are of") || !strings.Contains(short, "not known, since the window ended before") {
		t.Errorf("of 15 parts:\n%s", short)
	}
	if d := Series(&results.Series{PartNS: 1}); d.Blocks != nil {
		t.Errorf("of no part: %+v", d)
	}
}

// However many parts there are, the table stays a small one.
func TestSeriesOfManyParts(t *testing.T) {
	for _, n := range []int{1, 20, 21, 600, 10_000} {
		if rows := len(seriesTable(course(n)).Rows); rows > seriesRows || rows < min(n, seriesRows/2) {
			t.Errorf("%d parts have %d rows", n, rows)
		}
	}
	one := course(1)
	one.Parts[0].Latency = &results.PartLatency{P50: results.Nanos(math.Inf(1)), P99: results.Infinite}
	if text := said(t, Series(one), ""); !strings.Contains(text, "∞") {
		t.Errorf("an infinite latency:\n%s", text)
	}
}

func TestCourses(t *testing.T) {
	var trials []results.Trial
	for i, model := range []string{"goroutine", "reactor", "pool", "goroutine"} {
		s := course(50)
		trials = append(trials, results.Trial{
			Trial: i, Model: model, Work: "echo", Loop: results.OpenLoop, Clients: 16, PayloadBytes: 64, RateRPS: 14_000,
			RateProfile: "5000,spike=50000@1s+1s,spike=60000@4.5s+200ms", Arrivals: "poisson", Series: s, Verdicts: []string{},
		})
	}
	trials[2].Clients = 4
	for i := range trials[1].Series.Parts {
		trials[1].Series.Parts[i].Latency = nil
	}
	resultstest.Golden(t, "courses.txt", said(t, Courses(read.Courses(stats.Summarize(trials, nil)), []string{"reactor", "goroutine"}), ""))
	if d := Courses(nil, nil); d.Blocks != nil {
		t.Errorf("of nothing: %+v", d)
	}
}

func TestSizes(t *testing.T) {
	var trials []results.Trial
	of := func(model string, clients int, p99 float64, verdicts ...string) {
		l := func(p99 float64) *results.Latency {
			return &results.Latency{P50: results.Nanos(p99 / 4), P99: results.Nanos(p99)}
		}
		trials = append(trials, results.Trial{
			Trial: len(trials), Model: model, Work: "echo", Loop: results.ClosedLoop, Clients: clients, PayloadBytes: 6611, PayloadMix: "64B*9+64KiB*1", Verdicts: verdicts,
			Sizes: []results.OfSize{{PayloadBytes: 64, Requests: 9000, ResponseLatency: l(p99)}, {PayloadBytes: 64 << 10, Requests: 900, Unanswered: 100, ResponseLatency: l(10 * p99)}},
		})
	}
	of("goroutine", 16, 2e5)
	of("goroutine", 16, 4e5)
	of("goroutine", 16, 9e9, "NOISY")
	of("reactor", 16, 1e5)
	of("reactor", 4, 1e4, "NOISY")
	trials[3].Sizes[1].ResponseLatency = nil
	trials = append(trials, results.Trial{Trial: 9, Model: "pool", PayloadBytes: 64})
	resultstest.Golden(t, "sizes.txt", said(t, Sizes(trials, []string{"reactor", "goroutine"}), ""))
	if d := Sizes(trials[5:], nil); d.Blocks != nil {
		t.Errorf("of no mix: %+v", d)
	}
	trials[1].Sizes = trials[1].Sizes[:1] // which nobody writes
	said(t, Sizes(trials, []string{"reactor", "goroutine"}), "")
}
