package live

import (
	"math"
	"testing"
)

func TestSparkline(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, tt := range []struct {
		name   string
		values []float64
		width  int
		want   string
	}{
		{"none", nil, 8, ""},
		{"one", []float64{5}, 8, "█"},
		{"each height", []float64{1, 2, 3, 4, 5, 6, 7, 8}, 8, "▁▂▃▄▅▆▇█"},
		{"from zero", []float64{90, 100}, 8, "██"},
		{"just above a step", []float64{1.01, 8}, 8, "▂█"},
		{"all zero", []float64{0, 0}, 8, "▁▁"},
		{"tiny beside huge", []float64{1e-300, 1e300}, 8, "▁█"},
		{"only the last", []float64{100, 1, 2, 4}, 3, "▂▄█"},
		{"infinite", []float64{1, inf, 2}, 8, "▄∞█"},
		{"nothing but infinite", []float64{inf, inf}, 8, "∞∞"},
		{"a gap", []float64{1, nan, 1}, 8, "█ █"},
		{"less than nothing", []float64{-1, 1}, 8, "▁█"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := sparkline(tt.values, tt.width); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestBar(t *testing.T) {
	for share, want := range map[float64]string{0: "░░░░", 0.49: "█░░░", 0.5: "██░░", 0.99: "███░", 1: "████"} {
		if got := bar(share, 4); got != want {
			t.Errorf("%v: got %q, want %q", share, got, want)
		}
	}
}
