// Package pace is when the requests of an open loop are due, and what came of them in the course
// of the window where their rate changes in it.
//
//   - [Profile] is the rate over time: constant, a ramp, spikes.
//   - [Schedule] is the requests that follow from it, fixed ahead: a pure sequence.
//   - [Course] counts answers and latencies in short parts of the window.
package pace

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Profile is the requests a second of an open loop over the measured window: a rate, which may
// change evenly to another one within a time from the window's beginning, and spikes, in which
// it is another one altogether. In the warm-up the first rate holds. The zero Profile is none.
type Profile struct {
	Rate   float64
	To     float64       // the last rate of a ramp; 0 for no ramp
	Within time.Duration // until the ramp is at its last rate
	Spikes []Spike       // in the order of time
}

// Spike is another rate for a while.
type Spike struct {
	Rate    float64
	At, For time.Duration // of the window
}

// End is when the spike is over.
func (s Spike) End() time.Duration { return s.At + s.For }

const (
	// MaxRate is beyond what any one machine sends.
	MaxRate = 1e8
	// MinRate is a request in 12 days, which is longer than any load.
	MinRate = 1e-6
	// maxSpikes bounds what is looked through for each request.
	maxSpikes = 20
	// longestTime is that of any load: a week.
	longestTime = 7 * 24 * time.Hour
)

// Allowed says how a profile is written.
const Allowed = "write 5000, a ramp as 1000..20000/10s, or either with spikes, as 5000,spike=50000@3s+1s"

// Constant reports whether the rate never changes.
func (p Profile) Constant() bool { return p.To == 0 && len(p.Spikes) == 0 }

// IsZero reports whether it is no profile.
func (p Profile) IsZero() bool { return p.Rate == 0 && p.Constant() }

// UnmarshalText reads a profile as [Allowed] says, and puts its spikes in the order of time.
// Whether there can be such rates and times is for [Profile.Validate] to say.
func (p *Profile) UnmarshalText(text []byte) error {
	parts := strings.Split(string(text), ",")
	read, ok := parseBase(parts[0])
	for _, part := range parts[1:] {
		spike, isSpike := parseSpike(part)
		ok = ok && isSpike
		read.Spikes = append(read.Spikes, spike)
	}
	if !ok {
		return fmt.Errorf("%.200q is not a rate (%s)", text, Allowed)
	}
	slices.SortStableFunc(read.Spikes, func(a, b Spike) int { return cmp.Compare(a.At, b.At) })
	*p = read
	return nil
}

func parseBase(text string) (p Profile, ok bool) {
	from, rest, ramp := strings.Cut(text, "..")
	p.Rate, ok = parseRate(from)
	if !ramp || !ok {
		return p, ok
	}
	to, within, timed := strings.Cut(rest, "/")
	p.To, ok = parseRate(to)
	if !timed || !ok || p.To == 0 { // which would be no ramp
		return p, false
	}
	p.Within, ok = parseTime(within)
	return p, ok
}

func parseSpike(text string) (s Spike, ok bool) {
	text, ok = strings.CutPrefix(text, "spike=")
	rate, times, placed := strings.Cut(text, "@")
	at, lasts, timed := strings.Cut(times, "+")
	if !ok || !placed || !timed {
		return s, false
	}
	var known [3]bool
	s.Rate, known[0] = parseRate(rate)
	s.At, known[1] = parseTime(at)
	s.For, known[2] = parseTime(lasts)
	return s, known == [3]bool{true, true, true}
}

// parseRate reads a number that is one: neither infinite nor more than a float has room for.
func parseRate(text string) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}

func parseTime(text string) (time.Duration, bool) {
	d, err := time.ParseDuration(text)
	return d, err == nil
}

// MarshalText writes what UnmarshalText reads.
func (p Profile) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

func (p Profile) String() string {
	text := number(p.Rate)
	if p.To != 0 {
		text += ".." + number(p.To) + "/" + p.Within.String()
	}
	for _, s := range p.Spikes {
		text += ",spike=" + number(s.Rate) + "@" + s.At.String() + "+" + s.For.String()
	}
	return text
}

// number is all digits of a rate that there can be.
func number(v float64) string {
	if v < MinRate || v > MaxRate {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// Validate says what of a profile there cannot be in a window, "" for nothing.
func (p Profile) Validate(window time.Duration) (allowed string) {
	rates := []float64{p.Rate}
	if p.To != 0 {
		rates = append(rates, p.To)
	}
	for _, s := range p.Spikes {
		rates = append(rates, s.Rate)
	}
	within := fmt.Sprintf("within the window of %v, which --duration sets", window)
	switch {
	case slices.ContainsFunc(rates, func(r float64) bool { return !(r >= MinRate && r <= MaxRate) }):
		return "from 1e-6 up to 1e8 requests/s; without one the loop is closed"
	case p.To != 0 && (p.Within <= 0 || p.Within > window):
		return "a ramp that takes more than 0s, and ends " + within
	case len(p.Spikes) > maxSpikes:
		return fmt.Sprintf("up to %d spikes", maxSpikes)
	}
	end := time.Duration(0)
	for _, s := range p.Spikes {
		switch {
		case s.At < 0 || s.For <= 0 || s.At > longestTime || s.For > longestTime || s.End() > window:
			return "spikes that begin at 0s or later, last more than 0s, and end " + within
		case s.At < end:
			return "spikes of which each begins when the one before is over"
		}
		end = s.End()
	}
	return ""
}
