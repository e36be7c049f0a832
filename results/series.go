package results

import (
	"slices"
	"time"
)

// Series is what became of a window in which the rate changes, part by part.
type Series struct {
	PartNS int64        `json:"part_ns"` // length of a part
	Parts  []SeriesPart `json:"parts"`   // the whole ones, from the window's beginning on
	Spikes []Spike      `json:"spikes,omitempty"`
}

// SeriesPart is a part of the window.
type SeriesPart struct {
	AskedRPS    float64      `json:"asked_rps"`                     // requests due a second
	AnsweredRPS float64      `json:"answered_rps"`                  // answers that came a second, whenever their requests were due
	Latency     *PartLatency `json:"response_latency_ns,omitempty"` // of the requests due in the part, answered or failed, to a sixteenth; absent of none
}

// PartLatency is the summary of few requests: of a tenth of a second's.
type PartLatency struct {
	P50 Nanos `json:"p50"`
	P99 Nanos `json:"p99"`
}

// Spike is a time with another rate, and how long the server felt it.
type Spike struct {
	RateRPS float64 `json:"rate_rps"`
	AtNS    int64   `json:"at_ns"` // of the window
	ForNS   int64   `json:"for_ns"`

	P99BeforeNS *Nanos `json:"p99_before_ns,omitempty"` // the median of the p99 of parts before it; absent where there is none, or it is infinite
	RecoveryNS  *int64 `json:"recovery_ns,omitempty"`   // from its end to the first part whose p99 is back there, up to a factor; absent where there was none before the window's end or the next spike
}

// EndNS is when the spike is over.
func (s *Spike) EndNS() int64 { return s.AtNS + s.ForNS }

// RecoveredFactor is how many times the p99 of before a part's may be to be back there. A part
// rests on some hundred requests, and so its p99 is off by a tenth to a third by chance, and on a
// shared machine by more; half of the parts of a steady load are below the median, so that twice
// that is met at once. What a queue adds that a spike has left is many times as much.
const RecoveredFactor = 2

// Recover finds out how long after each spike p99 is back where it was. Before is what is neither
// in an earlier spike nor between that and its recovery.
func (s *Series) Recover() {
	var calm []float64
	since := int64(0)
	for i := range s.Spikes {
		spike, until := &s.Spikes[i], s.EndNS()
		if i+1 < len(s.Spikes) {
			until = s.Spikes[i+1].AtNS
		}
		calm = append(calm, s.p99s(since, spike.AtNS)...)
		spike.P99BeforeNS, spike.RecoveryNS = before(calm), nil
		since = until
		if back, known := s.back(spike, until); known {
			since = back
			after := back - spike.EndNS()
			spike.RecoveryNS = &after
		}
	}
}

// EndNS is when the last part ends.
func (s *Series) EndNS() int64 { return s.PartNS * int64(len(s.Parts)) }

// back is when the first part begins, of those between the spike and a time, whose p99 is no more
// than it was before.
func (s *Series) back(spike *Spike, until int64) (at int64, known bool) {
	if spike.P99BeforeNS == nil {
		return 0, false
	}
	for i, p := range s.Parts {
		at := int64(i) * s.PartNS
		if at >= spike.EndNS() && at+s.PartNS <= until && p.Latency != nil && p.Latency.P99 <= RecoveredFactor**spike.P99BeforeNS {
			return at, true
		}
	}
	return 0, false
}

// p99s are those of the whole parts between two times that have one.
func (s *Series) p99s(from, until int64) (all []float64) {
	for i, p := range s.Parts {
		if at := int64(i) * s.PartNS; at >= from && at+s.PartNS <= until && p.Latency != nil {
			all = append(all, float64(p.Latency.P99))
		}
	}
	return all
}

// before is the median, if that is known and finite.
func before(p99s []float64) *Nanos {
	if len(p99s) == 0 {
		return nil
	}
	median := Nanos(Median(slices.Sorted(slices.Values(p99s))))
	if median.IsInf() {
		return nil
	}
	return &median
}

// Together is what several parts come to: the means of their rates, and of those that have a
// latency, if any has, the median of p50 and the highest p99.
func (s *Series) Together(from, until int) (asked, answered float64, latency *PartLatency) {
	var p50s []float64
	highest := Nanos(0)
	for _, p := range s.Parts[from:until] {
		asked += p.AskedRPS / float64(until-from)
		answered += p.AnsweredRPS / float64(until-from)
		if p.Latency != nil {
			p50s, highest = append(p50s, float64(p.Latency.P50)), max(highest, p.Latency.P99)
		}
	}
	if p50s == nil {
		return asked, answered, nil
	}
	slices.Sort(p50s)
	return asked, answered, &PartLatency{Nanos(Median(p50s)), highest}
}

// HighestP99 is the part with the highest p99 and when it begins; nil where no part has one.
func (s *Series) HighestP99() (highest *SeriesPart, at time.Duration) {
	for i := range s.Parts {
		if p := &s.Parts[i]; p.Latency != nil && (highest == nil || p.Latency.P99 > highest.Latency.P99) {
			highest, at = p, time.Duration(int64(i)*s.PartNS)
		}
	}
	return highest, at
}
