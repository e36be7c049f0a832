package pace

import (
	"encoding/json"
	"testing"
	"time"

	"connbench/results"
)

func TestPartsOfACourse(t *testing.T) {
	for window, want := range map[time.Duration]int{
		time.Millisecond: 1, 100 * time.Millisecond: 1, 101 * time.Millisecond: 2, 5 * time.Second: 50, time.Minute: 600, longestTime: 600,
	} {
		c := NewCourse(window)
		if len(c) != want || c.Edge(0, window) != 0 || c.Edge(want, window) != window {
			t.Errorf("%v: %d parts up to %v, want %d", window, len(c), c.Edge(len(c), window), want)
		}
		c.Came(0, window)
		c.Came(window-1, window)
		if n := c[0].Answers + c[len(c)-1].Answers; n != 2 && n != 4 {
			t.Errorf("%v: the first and the last part have %d answers", window, n)
		}
	}
}

// Two processes' courses come to one, through JSON, and to a series of whole parts.
func TestCourseMerges(t *testing.T) {
	const window = 300 * time.Millisecond
	of := func(latency time.Duration) Course {
		c := NewCourse(window)
		for range 50 {
			c.Answered(0, window, latency)
			c.Came(latency, window)
		}
		c.Failed(150*time.Millisecond, window, 1)
		return c
	}
	b, err := json.Marshal(of(time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	var c Course
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	if err := c.Merge(of(120 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if c.Merge(NewCourse(time.Second)) == nil {
		t.Error("a course of another window was merged")
	}
	s := c.Series(parsed(t, "1000,spike=3000@100ms+100ms"), window, 250*time.Millisecond)
	if len(s.Parts) != 2 || s.PartNS != 100e6 || len(s.Spikes) != 1 || s.Spikes[0] != (results.Spike{RateRPS: 3000, AtNS: 100e6, ForNS: 100e6, P99BeforeNS: s.Spikes[0].P99BeforeNS}) {
		t.Fatalf("got %+v", s)
	}
	first, second := s.Parts[0], s.Parts[1]
	if first.AskedRPS != 1000 || first.AnsweredRPS != 500 || first.Latency == nil || !within(first.Latency.P50, 1e6) || !within(first.Latency.P99, 120e6) {
		t.Errorf("the first part is %+v, %+v", first, first.Latency)
	}
	if second.AskedRPS != 3000 || second.AnsweredRPS != 500 || second.Latency == nil || !second.Latency.P50.IsInf() {
		t.Errorf("the second part is %+v, %+v", second, second.Latency)
	}
}

// within reports whether a latency is known to a sixteenth.
func within(got results.Nanos, want float64) bool {
	return float64(got) >= want*15/16 && float64(got) <= want*17/16
}

func TestCourseRefusesGarbage(t *testing.T) {
	for _, text := range []string{`[{"latencies":"x"}]`, `[{"latencies":"HISTFAAAAB"}]`, `[{"answers":"x"}]`, `{}`} {
		var c Course
		if err := json.Unmarshal([]byte(text), &c); err == nil {
			t.Errorf("%s was taken", text)
		}
	}
}

// A record of every request does not allocate.
func TestCourseAllocatesNothing(t *testing.T) {
	c := NewCourse(time.Second)
	if n := testing.AllocsPerRun(100, func() {
		c.Answered(time.Millisecond, time.Second, time.Hour)
		c.Came(time.Millisecond, time.Second)
		c.Failed(time.Millisecond, time.Second, 1)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
