package calibrate

import (
	"connbench/results"
	"fmt"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Repetition is one measurement of one point, with a server and a client process of
// its own.
type Repetition struct {
	results.Trial
	// Path is what the calibration server's response times should have been
	// beyond the floor.
	Path *Path `json:"sample_path,omitempty"`
	// ServerLost is the share of its time that the calibration server was not
	// run, though it never sleeps, and ServerDelayNS what that did to a request in
	// the mean.
	ServerLost    *float64 `json:"server_lost_fraction,omitempty"`
	ServerDelayNS *float64 `json:"server_delay_ns,omitempty"`
	// ClientLate is the share of the requests that an open loop looked at more than
	// 100 µs after they were due.
	ClientLate *float64 `json:"client_late_fraction,omitempty"`
	// Noise is why the repetition does not count; empty if it was quiet.
	Noise []string `json:"noise"`

	response, pacing *hdrhistogram.Histogram
}

// Quiet reports whether the repetition counts.
func (r *Repetition) Quiet() bool { return len(r.Noise) == 0 }

func (r *Repetition) counter(name string) int64 {
	if r.ServerUsage == nil {
		return 0
	}
	return r.ServerCounters[name]
}

// Repetitions are those of a point, and how many were quiet.
type Repetitions struct {
	Quiet       int          `json:"quiet"`
	Repetitions []Repetition `json:"repetitions"`
}

func repetitionsOf(all []Repetition) Repetitions { return Repetitions{len(quiet(all)), all} }

// String is how many count.
func (r *Repetitions) String() string { return fmt.Sprintf("%d of %d", r.Quiet, len(r.Repetitions)) }

func quiet(all []Repetition) []Repetition {
	return slices.DeleteFunc(slices.Clone(all), func(r Repetition) bool { return !r.Quiet() })
}

// usable are the quiet repetitions, or all where there is none: what is better
// shown, with a note, than nothing.
func usable(all []Repetition) []Repetition {
	if some := quiet(all); len(some) > 0 {
		return some
	}
	return all
}

func each(all []Repetition, figure func(*Repetition) float64) []float64 {
	values := make([]float64, len(all))
	for i := range all {
		values[i] = figure(&all[i])
	}
	return values
}

func mean(r *Repetition) float64 { return float64(r.latency().Mean) }
func p99(r *Repetition) float64  { return float64(r.latency().P99) }

// latency is the response latency of the requests, zeroes where there was none: such a repetition
// is not quiet, and nothing rests on it where any is.
func (r *Repetition) latency() *results.Latency {
	if r.ResponseLatency == nil {
		return &results.Latency{}
	}
	return r.ResponseLatency
}
