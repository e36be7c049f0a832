package read

import (
	"testing"

	"connbench/results"
	"connbench/results/stats"
)

func TestCourses(t *testing.T) {
	var trials []results.Trial
	add := func(model string, verdicts []string, p99s ...float64) *results.Trial {
		s := &results.Series{PartNS: 100e6, Spikes: []results.Spike{{RateRPS: 900, AtNS: 100e6, ForNS: 100e6}}}
		for _, p99 := range p99s {
			p := results.SeriesPart{AskedRPS: 100, AnsweredRPS: 10 * p99}
			if p99 > 0 {
				p.Latency = &results.PartLatency{P50: results.Nanos(p99), P99: results.Nanos(2 * p99)}
			}
			s.Parts = append(s.Parts, p)
		}
		trials = append(trials, results.Trial{Trial: len(trials), Model: model, RateProfile: "100,spike=900@100ms+100ms", Verdicts: verdicts, Series: s})
		return &trials[len(trials)-1]
	}
	add("pool", nil, 1, 50, 20, 1)
	add("pool", nil, 3, 70, 0, 3)
	add("pool", nil, 2, 60, 40, 2)
	add("pool", []string{"NOISY"}, 900, 900, 900, 900)
	add("uring", []string{"NOISY"}, 5, 5, 5, 5)
	add("pool", nil, 1, 2) // of another length, which none of ours is
	add("failed", nil, 1, 1).Failure = "gone"
	add("none", nil)
	trials = append(trials, results.Trial{Trial: 99, Model: "steady"})

	courses := Courses(stats.Summarize(trials, nil))
	if len(courses) != 2 || courses[0].Model != "pool" || courses[0].Trials != 3 || courses[1].Model != "uring" || courses[1].Trials != 1 {
		t.Fatalf("got %+v", courses)
	}
	c := courses[0]
	for i, want := range []float64{2, 60, 30, 2} {
		if l := c.Parts[i].Latency; l == nil || l.P50 != results.Nanos(want) || l.P99 != results.Nanos(2*want) {
			t.Errorf("part %d is %+v, want %v", i, l, want)
		}
	}
	if c.Parts[2].AnsweredRPS != 200 || c.Parts[2].AskedRPS != 100 {
		t.Errorf("part 2 is %+v", c.Parts[2])
	}
	if s := c.Spikes[0]; s.P99BeforeNS == nil || *s.P99BeforeNS != 4 || s.RecoveryNS == nil || *s.RecoveryNS != 100e6 {
		t.Errorf("the spike is %+v", s)
	}
	if trials[0].Series.Spikes[0].P99BeforeNS != nil {
		t.Error("the trial's own spike was changed")
	}
}
