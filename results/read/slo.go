package read

import (
	"fmt"
	"strings"
	"time"

	"connbench/results"
)

// SLO is a limit of a percentile of the response latency, written as p99<10ms.
type SLO struct {
	Percentile string // p50, p90, p99 or p999
	Limit      results.Nanos
}

var percentiles = map[string]func(*results.Latency) results.Nanos{
	"p50":  func(l *results.Latency) results.Nanos { return l.P50 },
	"p90":  func(l *results.Latency) results.Nanos { return l.P90 },
	"p99":  func(l *results.Latency) results.Nanos { return l.P99 },
	"p999": func(l *results.Latency) results.Nanos { return l.P999 },
}

// UnmarshalText reads p99<10ms, or 10ms for the 99th percentile.
func (s *SLO) UnmarshalText(b []byte) error {
	text := string(b)
	percentile, limit, found := strings.Cut(text, "<")
	if !found {
		percentile, limit = "p99", text
	}
	percentile = strings.TrimSpace(strings.ReplaceAll(percentile, ".", ""))
	d, err := time.ParseDuration(strings.TrimSpace(limit))
	if err != nil || d <= 0 || percentiles[percentile] == nil {
		return fmt.Errorf("%q is not a limit of latency (write p99<10ms, of p50, p90, p99 or p999)", text)
	}
	*s = SLO{percentile, results.Nanos(d)}
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (s SLO) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s SLO) String() string { return s.Percentile + "<" + time.Duration(s.Limit).String() }

// of is the percentile of a trial's response latency, if it has any.
func (s SLO) of(t *results.Trial) (float64, bool) {
	if t.ResponseLatency == nil {
		return 0, false
	}
	return float64(percentiles[s.Percentile](t.ResponseLatency)), true
}
