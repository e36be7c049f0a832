package sweep

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/message"
	"connbench/results"
)

// Size is a number of bytes, written as 64B, 4KiB or 1MiB.
type Size int

var sizeUnits = []struct {
	suffix string
	bytes  int
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"B", 1}, {"", 1}}

// UnmarshalText reads a size; a bare number is bytes.
func (s *Size) UnmarshalText(text []byte) error {
	for _, u := range sizeUnits {
		digits, ok := strings.CutSuffix(string(text), u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 32)
		if err != nil || n < 0 || n*int64(u.bytes) > 1<<30 {
			break
		}
		*s = Size(n * int64(u.bytes))
		return nil
	}
	return fmt.Errorf("%q is not a size (write 64B, 4KiB, 1MiB; up to 1GiB)", text)
}

// MarshalText writes what UnmarshalText reads.
func (s Size) MarshalText() ([]byte, error) { return []byte(results.ExactBytes(int(s))), nil }

func (s Size) String() string { return results.Bytes(int64(s)) }

// Payload is how long requests' payloads are: one size, or a mix of several, written as
// 64B*9+64KiB*1.
type Payload struct {
	Size Size   // of a mix the mean
	Mix  string // as it is written; empty for one size
}

// Sizes are payloads of one size each.
func Sizes(sizes ...Size) []Payload {
	return results.Map(sizes, func(s Size) Payload { return Payload{Size: s} })
}

// UnmarshalText reads a size or a mix of sizes, each with how many requests of so many have it.
func (p *Payload) UnmarshalText(text []byte) error {
	if !strings.ContainsAny(string(text), "*+") {
		var s Size
		if err := s.UnmarshalText(text); err != nil {
			return err
		}
		*p = Payload{Size: s}
		return nil
	}
	mix, err := parseMix(string(text))
	if err != nil {
		return err
	}
	*p = Payload{Size(mix.Mean()), mix.String()}
	return nil
}

func parseMix(text string) (message.Mix, error) {
	var mix message.Mix
	for part := range strings.SplitSeq(text, "+") {
		size, weight, weighed := strings.Cut(part, "*")
		var s Size
		n, err := strconv.ParseUint(weight, 10, 31)
		if !weighed || err != nil || s.UnmarshalText([]byte(size)) != nil {
			return nil, fmt.Errorf("%.200q is not a payload (write 64B, or a mix like 64B*9+64KiB*1)", text)
		}
		mix = append(mix, message.Share{PayloadBytes: int(s), Weight: int(n)})
	}
	if why := mix.Validate(); why != "" {
		return nil, fmt.Errorf("%.200q is not a payload (%s)", text, why)
	}
	return mix, nil
}

// MarshalText writes what UnmarshalText reads.
func (p Payload) MarshalText() ([]byte, error) {
	if p.Mix != "" {
		return []byte(p.Mix), nil
	}
	return p.Size.MarshalText()
}

func (p Payload) String() string {
	if p.Mix != "" {
		return p.Mix
	}
	return p.Size.String()
}

// Put makes it the payload of a load.
func (p Payload) Put(s *loadgen.Spec) {
	s.PayloadBytes, s.Mix = int(p.Size), nil
	if p.Mix != "" {
		s.Mix, _ = parseMix(p.Mix) // which it has been before
	}
}

// Duration is a time.Duration that files write as Go does: 1.5s, 200ms.
type Duration time.Duration

// UnmarshalText reads what [time.ParseDuration] does.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration (write 1.5s, 200ms)", text)
	}
	*d = Duration(v)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d Duration) String() string { return time.Duration(d).String() }

// Percent is a share in per cent, written as 5% or 2.5%.
type Percent float64

// UnmarshalText reads a percentage; a bare number is one too.
func (p *Percent) UnmarshalText(text []byte) error {
	v, err := strconv.ParseFloat(strings.TrimSuffix(string(text), "%"), 64)
	if err != nil || !(v >= 0 && v <= 1000) {
		return fmt.Errorf("%q is not a percentage (write 5%%, 2.5%%)", text)
	}
	*p = Percent(v)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'g', -1, 64) + "%" }
