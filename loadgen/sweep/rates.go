package sweep

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/pace"
	"connbench/results"

	"go.yaml.in/yaml/v3"
)

// Rate is the requests a second of open loops, which may change over the window; see
// [pace.Profile].
type Rate struct {
	RPS     float64 // where it does not change
	Profile string  // how it does; empty where it does not
}

// Rates are rates that do not change.
func Rates(rps ...float64) []Rate {
	return results.Map(rps, func(v float64) Rate { return Rate{RPS: v} })
}

// UnmarshalText reads a rate, a ramp or spikes.
func (r *Rate) UnmarshalText(text []byte) error {
	var p pace.Profile
	if err := p.UnmarshalText(text); err != nil {
		return err
	}
	if *r = (Rate{RPS: p.Rate}); !p.Constant() {
		*r = Rate{Profile: p.String()}
	}
	return nil
}

// UnmarshalYAML is UnmarshalText with the line in the error.
func (r *Rate) UnmarshalYAML(n *yaml.Node) error {
	return placedError(n, r.UnmarshalText([]byte(n.Value)))
}

// UnmarshalJSON reads what MarshalJSON wrote: a number, or a text where the rate changes.
func (r *Rate) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		return r.UnmarshalText([]byte(text))
	}
	*r = Rate{}
	return json.Unmarshal(b, &r.RPS)
}

// MarshalJSON writes a number, or a text where the rate changes.
func (r Rate) MarshalJSON() ([]byte, error) {
	if r.Profile != "" {
		return json.Marshal(r.Profile)
	}
	return json.Marshal(r.RPS)
}

func (r Rate) String() string {
	if r.Profile != "" {
		return r.Profile
	}
	return strconv.FormatFloat(r.RPS, 'g', -1, 64)
}

func (r Rate) profile() (p pace.Profile) {
	_ = p.UnmarshalText([]byte(r.Profile)) // which it was written from
	return p
}

// mean is the rate on average over a window.
func (r Rate) mean(window time.Duration) float64 {
	if r.Profile == "" || window <= 0 {
		return r.RPS
	}
	curve := r.profile().Curve(0)
	return curve.Mean(0, window)
}

// put makes it the rate of a load, which is a closed loop without one.
func (r Rate) put(s *loadgen.Spec) {
	if s.Rate, s.Profile = r.RPS, (pace.Profile{}); r.Profile != "" {
		s.Rate, s.Profile = 0, r.profile()
	}
}

// RateList is rates on a command line, with commas between them: a spike belongs to the rate
// before it.
type RateList []Rate

// UnmarshalText reads a list.
func (l *RateList) UnmarshalText(text []byte) error {
	var parts []string
	for part := range strings.SplitSeq(string(text), ",") {
		if last := len(parts) - 1; last >= 0 && strings.HasPrefix(part, "spike=") {
			parts[last] += "," + part
		} else {
			parts = append(parts, part)
		}
	}
	*l = nil
	if len(text) == 0 {
		return nil
	}
	for _, part := range parts {
		var r Rate
		if err := r.UnmarshalText([]byte(part)); err != nil {
			return err
		}
		*l = append(*l, r)
	}
	return nil
}

// validateRates reports a rate that is none, and two that come to the same on average: points are
// told apart by that.
func (p *Plan) validateRates() error {
	window := time.Duration(p.Duration)
	for i, rate := range p.Rates {
		if rate == (Rate{}) {
			return &loadgen.SpecError{Field: "rates", Value: rate, Allowed: "more than 0; without --rates the loop is closed"}
		}
		for _, other := range p.Rates[:i] {
			if mean := rate.mean(window); rate != other && mean == other.mean(window) {
				return &loadgen.SpecError{Field: "rates", Value: fmt.Sprintf("%s beside %s", rate, other), Allowed: fmt.Sprintf("rates that differ on average, which here are %s/s", results.Count(mean))}
			}
		}
	}
	return repeats("rates", p.Rates)
}
