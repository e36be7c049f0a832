package doctor

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// readings is a clock that says one after the other.
func readings(times ...time.Duration) func() time.Duration {
	return func() time.Duration {
		t := times[0]
		times = times[1:]
		return t
	}
}

func TestGaps(t *testing.T) {
	const µs = time.Microsecond
	for _, row := range []struct {
		name  string
		looks [][]time.Duration // of 100 µs each
		want  Interruption
	}{
		{"nothing", nil, Interruption{}},
		{"quiet", [][]time.Duration{{0, 9 * µs, 18 * µs, 27 * µs, 36 * µs, 45 * µs, 54 * µs, 63 * µs, 72 * µs, 81 * µs, 90 * µs, 99 * µs, 100 * µs}},
			Interruption{WatchedNS: 100_000, ClockReadNS: 100_000.0 / 12}},
		{"one", [][]time.Duration{{0, 5 * µs, 25 * µs, 34 * µs, 43 * µs, 52 * µs, 61 * µs, 70 * µs, 79 * µs, 88 * µs, 97 * µs, 100 * µs}},
			Interruption{WatchedNS: 100_000, PerSecond: 10_000, MedianNS: 20_000, LongestNS: 20_000, LostFraction: 0.2, ClockReadNS: 80_000.0 / 11}},
		{"the threshold counts", [][]time.Duration{{0, 10 * µs, 110 * µs}},
			Interruption{WatchedNS: 110_000, PerSecond: 2 / 110e-6, MedianNS: 10_000, LongestNS: 100_000, LostFraction: 1}},
		{"what is between two looks does not", [][]time.Duration{{0, 60 * µs, 100 * µs}, {5000 * µs, 5060 * µs, 5100 * µs}},
			Interruption{WatchedNS: 200_000, PerSecond: 20_000, MedianNS: 40_000, LongestNS: 60_000, LostFraction: 1}},
	} {
		g := newGaps()
		for _, times := range row.looks {
			g.look(readings(times...), 100*µs)
		}
		got := g.interruption(0)
		if got.MedianNS >= row.want.MedianNS && got.MedianNS-row.want.MedianNS <= row.want.MedianNS/100 {
			got.MedianNS = row.want.MedianNS // the histogram keeps three digits
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s: %s", row.name, diff)
		}
	}
}

// A gap beyond all bounds is counted, and in full.
func TestLongestGap(t *testing.T) {
	g := newGaps()
	g.look(readings(0, time.Hour), time.Second)
	if i := g.interruption(0); i.LongestNS != int64(time.Hour) || i.LostFraction != 1 || i.PerSecond == 0 {
		t.Errorf("%+v", i)
	}
}
