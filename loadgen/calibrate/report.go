package calibrate

import (
	"slices"
	"time"

	"connbench/results"
)

// Report is all that was measured, and what it means. Every repetition is in it,
// noisy ones included; figures are medians over the quiet ones, or, where none was
// quiet, over all.
type Report struct {
	Environment  results.Environment `json:"environment"`
	StartedAt    time.Time           `json:"started_at"`
	ServiceNS    int64               `json:"service_ns"`
	DurationNS   int64               `json:"duration_ns"` // of a repetition
	Wanted       int                 `json:"repetitions"` // quiet ones of each point
	Clients      int                 `json:"clients"`
	PayloadBytes int                 `json:"payload_bytes"`

	Floors    []Floor   `json:"floors"` // none, as of the ground truth, where server and client share CPUs
	Truths    []Truth   `json:"ground_truth"`
	Pacing    Pacing    `json:"pacing"`
	RoundTrip RoundTrip `json:"round_trip"`
	Capacity  Capacity  `json:"capacity"`

	Findings []Finding `json:"findings"`
	Verdict  Verdict   `json:"verdict"` // the worst of theirs
}

func (m *points) report(b *Bench, started time.Time) *Report {
	o := &b.Options
	r := &Report{
		Environment:  b.Environment,
		StartedAt:    started,
		ServiceNS:    int64(o.Service),
		DurationNS:   int64(o.Duration),
		Wanted:       o.Repetitions,
		Clients:      clients,
		PayloadBytes: payloadBytes,
		Floors:       []Floor{},
		Truths:       []Truth{},
		Pacing:       pacingOf(m.pacing.repetitions),
		RoundTrip:    RoundTrip{responseTail(usable(m.roundTrip.repetitions)), repetitionsOf(m.roundTrip.repetitions)},
		Capacity:     capacityOf(m.capacity.repetitions),
	}
	for i, p := range m.floors {
		r.Floors = append(r.Floors, floorOf(o.rate(rhos[i]), p.repetitions))
	}
	for i, t := range m.truths {
		t.Repetitions = repetitionsOf(m.truth[i].repetitions)
		t.compare(r.Floors[slices.Index(rhos, t.Rho)])
		r.Truths = append(r.Truths, t)
	}
	r.conclude()
	return r
}
