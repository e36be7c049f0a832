package results

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Nanos is a duration in nanoseconds that may be infinite: the latency of a
// request that was never answered. In JSON, infinity is null.
type Nanos float64

// Infinite is the latency of a request without an answer.
var Infinite = Nanos(math.Inf(1))

// IsInf reports whether n is the latency of a request without an answer.
func (n Nanos) IsInf() bool { return math.IsInf(float64(n), 1) }

// MarshalJSON writes whole nanoseconds, and null for infinity.
func (n Nanos) MarshalJSON() ([]byte, error) {
	if n.IsInf() {
		return []byte("null"), nil
	}
	return json.Marshal(math.Round(float64(n)))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (n *Nanos) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = Infinite
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}

// String is for people: three significant digits and a unit, "∞" for infinity, "–" for
// what is not a number because nothing was measured.
func (n Nanos) String() string {
	switch v := float64(n); {
	case n.IsInf():
		return "∞"
	case math.IsNaN(v):
		return Absent
	case v < 999.5:
		return fmt.Sprintf("%.0f ns", v)
	case v < 999.5e3:
		return fmt.Sprintf("%.3g µs", v/1e3)
	case v < 999.5e6:
		return fmt.Sprintf("%.3g ms", v/1e6)
	default:
		return fmt.Sprintf("%.3g s", v/1e9)
	}
}

// Latency is the summary of a distribution in nanoseconds that is not empty. Requests
// that were never answered count as infinite in the percentiles and in Max; Mean is over
// the answered ones, and infinite where there is none.
type Latency struct {
	P50  Nanos `json:"p50"`
	P90  Nanos `json:"p90"`
	P99  Nanos `json:"p99"`
	P999 Nanos `json:"p999"`
	Max  Nanos `json:"max"`
	Mean Nanos `json:"mean"`
}

// Histogram limits: what is recorded is exact to three digits from 1 ns up to
// the longest timeout a load may have. What took longer, in an open loop that waited,
// counts as that.
const (
	MaxLatency        = 10 * time.Minute
	significantDigits = 3
)

// NewHistogram returns the histogram that every recorder uses, so that all of
// them merge without loss. It is not safe for concurrent use.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, int64(MaxLatency), significantDigits)
}

// LatencyOf summarises the answered requests in h and the unanswered beside it, of which
// there is at least one together.
func LatencyOf(h *hdrhistogram.Histogram, unanswered int64) Latency {
	l := Latency{
		P50:  Percentile(h, unanswered, 50),
		P90:  Percentile(h, unanswered, 90),
		P99:  Percentile(h, unanswered, 99),
		P999: Percentile(h, unanswered, 99.9),
		Max:  Nanos(h.Max()),
		Mean: Nanos(h.Mean()),
	}
	if unanswered > 0 {
		l.Max = Infinite
	}
	if h.TotalCount() == 0 {
		l.Mean = Infinite
	}
	return l
}

// P99Text is the 99th percentile for people; nil is what was not measured.
func (l *Latency) P99Text() string {
	if l == nil {
		return Absent
	}
	return l.P99.String()
}

// Percentile is the value that p per cent of all requests stay at or under,
// the unanswered ones counting as infinite. Without any request it is not a number.
func Percentile(h *hdrhistogram.Histogram, unanswered int64, p float64) Nanos {
	answered := h.TotalCount()
	// The slack is for p / 100 not being exact: 99.9 per cent of 1000 is 999.
	rank := int64(math.Ceil(p/100*float64(answered+unanswered) - 1e-6))
	switch {
	case answered+unanswered == 0:
		return Nanos(math.NaN())
	case rank > answered:
		return Infinite
	}
	return Nanos(h.ValueAtQuantile(100 * float64(rank) / float64(answered)))
}
