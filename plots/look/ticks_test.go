package look

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
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

// Where there is no room for all labels those that stay are at regular steps, and a decade does not
// give way to what is between decades.
func TestThinned(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct {
		name  string
		scale Scale
		width vg.Length
		want  string
	}{
		{"all", Linear("", 250e3), 300, "0 50k 100k 150k 200k 250k"},
		{"every second", Linear("", 250e3), 70, "0 100k 200k"},
		{"every third", Linear("", 250e3), 40, "0 150k"},
		{"one", Linear("", 250e3), 10, "0"},
		{"decades and halves", Log("", DurationTicks, []float64{2e3, 90e3}), 300, "2 µs 5 µs 10 µs 20 µs 50 µs 100 µs"},
		{"decades", Log("", DurationTicks, []float64{2e3, 90e3}), 80, "10 µs 100 µs"},
		{"a decade alone", Log("", DurationTicks, []float64{4e3, 21e3}), 40, "10 µs"},
		{"infinity", Log("", DurationTicks, []float64{2e3, 90e3, inf}), 190, "10 µs 100 µs ∞"},
		{"powers of two", Log("", ByteTicks, []float64{700, 8e3}), 100, "512 B 2 KiB 8 KiB"},
	} {
		thin := test.scale.Thinned(test.width)
		if got := labels(thin.Ticks); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
		if len(thin.Ticks) != len(test.scale.Ticks) {
			t.Errorf("%s: of %d ticks %d stay", test.name, len(test.scale.Ticks), len(thin.Ticks))
		}
	}
}
