package live

import (
	"cmp"
	"math"
	"strings"
)

var heights = []rune("▁▂▃▄▅▆▇█")

// sparkline draws the last of the values, at most width of them, from 0 to the
// highest. An infinite one is ∞, and one that is not a number a gap.
func sparkline(values []float64, width int) string {
	values = values[max(0, len(values)-width):]
	top := cmp.Or(peak(values), 1)
	var b strings.Builder
	for _, v := range values {
		switch {
		case math.IsNaN(v):
			b.WriteByte(' ')
		case math.IsInf(v, 0):
			b.WriteRune('∞')
		default:
			step := math.Ceil(max(0, v) / top * float64(len(heights)))
			b.WriteRune(heights[max(1, int(step))-1])
		}
	}
	return b.String()
}

// peak is the highest of the values that are finite, 0 if none is above that.
func peak(values []float64) float64 {
	top := 0.0
	for _, v := range values {
		if v > top && !math.IsInf(v, 0) {
			top = v
		}
	}
	return top
}

func bar(share float64, width int) string {
	full := int(share * float64(width))
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}
