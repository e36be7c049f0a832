package loadgen

import (
	"testing"
	"time"

	"connbench/results"
)

// A window is cut into parts of about a second, of which there are never many.
func TestParts(t *testing.T) {
	for window, want := range map[time.Duration]int{
		time.Millisecond: 10, 5 * time.Second: 10, 19 * time.Second: 10, 20 * time.Second: 20, 65 * time.Second: 60,
		10 * time.Minute: 600, 8 * time.Hour: 600, longestLoad: 600,
	} {
		if got := parts(window); got != want {
			t.Errorf("%v: %d parts, want %d", window, got, want)
		}
	}
}

// Over a week the parts are where they belong, and what took longer than distributions
// hold is counted as the longest and not forgotten.
func TestRecorderOfAWeek(t *testing.T) {
	s := DefaultSpec()
	s.Duration, s.Rate = longestLoad, 1
	r := newRecorder(&s)
	r.from, r.to, r.planned = time.Hour, time.Hour+longestLoad, longestLoad
	requests := []struct {
		due, latency time.Duration
		part         int
	}{{r.from, time.Second, 0}, {r.from + longestLoad/2, 2 * time.Hour, 300}, {r.to - 1, time.Millisecond, 599}}
	for _, q := range requests {
		r.answered(active, &stamp{due: q.due, sent: q.due}, q.due+q.latency)
	}
	for _, q := range requests {
		if p := r.parts[q.part]; p.Answered != 1 || p.Sum != q.latency || p.Max != q.latency {
			t.Errorf("part %d is %+v, want one request of %v", q.part, p, q.latency)
		}
	}
	if n := r.response.TotalCount(); n != 3 || results.Percentile(r.response, 0, 100) < results.Nanos(results.MaxLatency) {
		t.Errorf("%d latencies, the longest %v", n, results.Percentile(r.response, 0, 100))
	}
}

// Each part has its requests, mean and longest, and results of several processes add up.
func TestPartsOfATrial(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Warmup, s.Duration = 0, 200*time.Millisecond
	r := mustRun(t, s)
	requests := r.Requests
	if err := r.Merge(mustRun(t, s)); err != nil {
		t.Fatal(err)
	}
	c := r.Trial(&s).Client
	if len(c.WindowRPS) != 10 || len(c.WindowMeanNS) != 10 || len(c.WindowMaxNS) != 10 {
		t.Fatalf("%d, %d and %d parts", len(c.WindowRPS), len(c.WindowMeanNS), len(c.WindowMaxNS))
	}
	var sum float64
	for i := range c.WindowRPS {
		sum += c.WindowRPS[i] * s.Duration.Seconds() / 10
		if c.WindowMaxNS[i] < c.WindowMeanNS[i] {
			t.Errorf("part %d: longest %v, mean %v", i, c.WindowMaxNS[i], c.WindowMeanNS[i])
		}
	}
	if int64(sum+0.5) != r.Requests || r.Requests <= requests {
		t.Errorf("the parts have %v requests of %d, %d of them of the first", sum, r.Requests, requests)
	}
}
