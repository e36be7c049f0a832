package sweep

import (
	"fmt"
	"strconv"
	"strings"
	"time"

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
func (s Size) MarshalText() ([]byte, error) {
	for _, u := range []int{2, 1, 0} { // GiB, MiB, KiB
		if unit := sizeUnits[u]; s > 0 && int(s)%unit.bytes == 0 {
			return fmt.Appendf(nil, "%d%s", int(s)/unit.bytes, unit.suffix), nil
		}
	}
	return fmt.Appendf(nil, "%dB", int(s)), nil
}

func (s Size) String() string { return results.Bytes(int64(s)) }

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
