package calibrate

import "slices"

// Verdict is how far a finding lets the harness be trusted.
type Verdict string

const (
	Trusted     Verdict = "trusted"
	Undecidable Verdict = "not decidable here" // too noisy, or too few CPUs
	WithCare    Verdict = "with care"          // it deviates by more than it should
)

var severity = []Verdict{Trusted, Undecidable, WithCare}

func worst(verdicts ...Verdict) Verdict {
	return slices.MaxFunc(verdicts, func(a, b Verdict) int {
		return slices.Index(severity, a) - slices.Index(severity, b)
	})
}

// within compares an interval over so many quiet repetitions with the values from
// low to high: it lies among them, beside them, or neither can be said (D. J.
// Schuirmann's two one-sided tests, 1987, and their opposite).
func (i *Interval) within(low, high float64, quiet int) Verdict {
	switch {
	case i == nil || quiet < minQuiet:
		return Undecidable
	case i.Low >= low && i.High <= high:
		return Trusted
	case i.Low > high || i.High < low:
		return WithCare
	}
	return Undecidable
}
