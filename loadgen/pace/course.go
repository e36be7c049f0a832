package pace

import (
	"fmt"
	"time"

	"connbench/results"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Course is what came of a window, in parts of 100 ms that are longer in one over a minute. It
// travels as JSON, and those of several threads and processes merge. It is not safe for concurrent
// use.
type Course []Part

// Part is a part of a window.
type Part struct {
	Answers   int64     `json:"answers,omitempty"` // that came in it
	Failed    int64     `json:"failed,omitempty"`  // requests due in it that nobody will answer
	Latencies Histogram `json:"latencies"`         // of the requests due in it that were answered, from when they were
}

const (
	partLength = 100 * time.Millisecond
	// maxParts bounds what a thread takes for them, with courseDigits 3 MiB.
	maxParts = 600
	// courseDigits of a latency are exact: it is known to a sixteenth.
	courseDigits = 1
)

// NewCourse is that of a window of which nothing is known.
func NewCourse(window time.Duration) Course {
	c := make(Course, min(max(1, (window+partLength-1)/partLength), maxParts))
	for i := range c {
		c[i].Latencies = Histogram{hdrhistogram.New(1, int64(results.MaxLatency), courseDigits)}
	}
	return c
}

// at is the part of a time in a window of a length.
func (c Course) at(t, window time.Duration) *Part {
	return &c[t*time.Duration(len(c))/window]
}

// Answered counts a request of which the answer took so long, due at a time in a window.
func (c Course) Answered(due, window, latency time.Duration) {
	c.at(due, window).Latencies.RecordValue(int64(min(latency, results.MaxLatency)))
}

// Came counts an answer that came at a time in a window.
func (c Course) Came(at, window time.Duration) { c.at(at, window).Answers++ }

// Failed counts requests without an answer, due at a time in a window.
func (c Course) Failed(due, window time.Duration, n int64) { c.at(due, window).Failed += n }

// Edge is when part number i of a window begins.
func (c Course) Edge(i int, window time.Duration) time.Duration {
	return window * time.Duration(i) / time.Duration(len(c))
}

// Merge adds what another thread or process counted at the same time. It reports an error for one
// of another window.
func (c Course) Merge(o Course) error {
	if len(c) != len(o) {
		return fmt.Errorf("a course of %d parts, where it has %d", len(o), len(c))
	}
	for i := range c {
		c[i].Answers += o[i].Answers
		c[i].Failed += o[i].Failed
		if o[i].Latencies.Histogram != nil {
			c[i].Latencies.Merge(o[i].Latencies.Histogram)
		}
	}
	return nil
}

// Series is the course of a window as a record has it, beside the profile that was asked for. Of
// a window that was cut short it is the parts that are whole.
func (c Course) Series(asked Profile, window, measured time.Duration) *results.Series {
	curve := asked.Curve(0)
	s := &results.Series{PartNS: int64(c.Edge(1, window)), Parts: []results.SeriesPart{}}
	for i := range c {
		from, until := c.Edge(i, window), c.Edge(i+1, window)
		if until > measured {
			break
		}
		s.Parts = append(s.Parts, results.SeriesPart{
			AskedRPS:    curve.Mean(from, until),
			AnsweredRPS: float64(c[i].Answers) / (until - from).Seconds(),
			Latency:     c[i].latency(),
		})
	}
	for _, spike := range asked.Spikes {
		s.Spikes = append(s.Spikes, results.Spike{RateRPS: spike.Rate, AtNS: int64(spike.At), ForNS: int64(spike.For)})
	}
	s.Recover()
	return s
}

// latency is nil of a part in which no request was due that came to an end.
func (p *Part) latency() *results.PartLatency {
	h := p.Latencies.Histogram
	if h == nil || h.TotalCount()+p.Failed == 0 {
		return nil
	}
	return &results.PartLatency{P50: results.Percentile(h, p.Failed, 50), P99: results.Percentile(h, p.Failed, 99)}
}

// Histogram is a distribution of latencies in nanoseconds that travels in the V2 compressed form
// of HdrHistogram.
type Histogram struct{ *hdrhistogram.Histogram }

// MarshalText encodes h.
func (h Histogram) MarshalText() ([]byte, error) {
	return h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
}

// UnmarshalText decodes what MarshalText wrote.
func (h *Histogram) UnmarshalText(b []byte) error {
	decoded, err := hdrhistogram.Decode(b)
	if err != nil {
		return fmt.Errorf("histogram: %w", err)
	}
	h.Histogram = hdrhistogram.New(1, int64(results.MaxLatency), int(decoded.SignificantFigures()))
	return h.Add(decoded)
}

// Add adds another distribution, and reports an error where that has what there is no room for.
func (h Histogram) Add(o *hdrhistogram.Histogram) error {
	if dropped := h.Merge(o); dropped > 0 {
		return fmt.Errorf("histogram: %d latencies beyond %v", dropped, results.MaxLatency)
	}
	return nil
}
