package look

import (
	"strings"
	"testing"

	"gonum.org/v1/plot"
)

func labels(ticks plot.ConstantTicks) string {
	var labelled []string
	for _, tick := range ticks {
		if !tick.IsMinor() {
			labelled = append(labelled, tick.Label)
		}
	}
	return strings.Join(labelled, " ")
}

func TestLinearTicks(t *testing.T) {
	for _, test := range []struct {
		top, end float64
		want     string
	}{
		{0, 1, "0 0.2 0.4 0.6 0.8 1"},
		{950, 1000, "0 200 400 600 800 1k"},
		{251e3, 300e3, "0 50k 100k 150k 200k 250k 300k"},
		{1.24e6, 1.25e6, "0 250k 500k 750k 1M 1.25M"},
	} {
		ticks, end := linearTicks(test.top)
		if got := labels(ticks); got != test.want || end != test.end {
			t.Errorf("to %v: %s ending at %v, want %s ending at %v", test.top, got, end, test.want, test.end)
		}
	}
}

func TestDurationTicks(t *testing.T) {
	for _, test := range []struct {
		lo, hi float64
		want   string
	}{
		{20e3, 30e6, "100 µs 1 ms 10 ms"},
		{90e3, 6e6, "100 µs 200 µs 500 µs 1 ms 2 ms 5 ms"},
		{25e3, 12e6, "50 µs 100 µs 200 µs 500 µs 1 ms 2 ms 5 ms 10 ms"},
		{30e3, 45e3, "30 µs 40 µs"},
		{31e3, 39e3, ""},
		{500, 2e10, "1 µs 10 µs 100 µs 1 ms 10 ms 100 ms 1 s 10 s"},
	} {
		if got := labels(DurationTicks(test.lo, test.hi)); got != test.want {
			t.Errorf("%v to %v: %s, want %s", test.lo, test.hi, got, test.want)
		}
	}
}

func TestByteTicks(t *testing.T) {
	for _, test := range []struct {
		lo, hi float64
		want   string
	}{
		{500, 9000, "512 B 1 KiB 2 KiB 4 KiB 8 KiB"},
		{100, 3e6, "256 B 1 KiB 4 KiB 16 KiB 64 KiB 256 KiB 1 MiB"},
		{1100, 1500, ""},
	} {
		if got := labels(ByteTicks(test.lo, test.hi)); got != test.want {
			t.Errorf("%v to %v: %s, want %s", test.lo, test.hi, got, test.want)
		}
	}
}
