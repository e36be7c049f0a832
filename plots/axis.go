package plots

import (
	"math"


	"gonum.org/v1/plot"

	"connbench/results"
)

// linearTicks are four to seven round values from 0 to the first at or past top,
// and that last value.
func linearTicks(top float64) (plot.ConstantTicks, float64) {
	if top <= 0 {
		top = 1
	}
	step := roundStep(top / 6)
	var ticks plot.ConstantTicks
	var v float64
	for i := 0; ; i++ {
		v = float64(i) * step
		ticks = append(ticks, plot.Tick{Value: v, Label: results.Count(v)})
		if v >= top {
			return ticks, v
		}
	}
}

// roundStep is the first of 1, 2, 2.5 and 5 times a power of ten at or past v.
func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range []float64{1, 2, 2.5, 5} {
		if factor*power >= v {
			return factor * power
		}
	}
	return 10 * power
}

// ticker places ticks on a logarithmic axis.
type ticker func(lowest, highest float64) plot.ConstantTicks

var logNorm = plot.LogScale{}

// durationTicks are those of nanoseconds.
func durationTicks(lo, hi float64) plot.ConstantTicks {
	return decadeTicks(lo, hi, func(v float64) string { return results.Nanos(v).String() })
}

// countTicks are those of numbers.
func countTicks(lo, hi float64) plot.ConstantTicks { return decadeTicks(lo, hi, results.Count) }

// decadeTicks are the decades from lo to hi, with 2 and 5 labelled between them where
// the decades alone would be too few to read values off, or all.
func decadeTicks(lo, hi float64, label func(float64) string) plot.ConstantTicks {
	few, fewest := hi/lo < 500, hi/lo < 4
	var ticks plot.ConstantTicks
	for decade := math.Pow(10, math.Floor(math.Log10(lo))); decade <= hi; decade *= 10 {
		for factor := 1.0; factor < 10; factor++ {
			v := factor * decade
			if v < lo || v > hi {
				continue
			}
			tick := plot.Tick{Value: v}
			if factor == 1 || fewest || few && (factor == 2 || factor == 5) {
				tick.Label = label(v)
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// byteTicks are powers of two from lo to hi, in bytes: all are labelled where these are
// few, else every second or third of them.
func byteTicks(lo, hi float64) plot.ConstantTicks {
	first, last := int(math.Ceil(math.Log2(lo))), int(math.Floor(math.Log2(hi)))
	every := max(1, (last-first+7)/8)
	var ticks plot.ConstantTicks
	for power := first; power <= last; power++ {
		v := math.Exp2(float64(power))
		tick := plot.Tick{Value: v}
		if power%every == 0 {
			tick.Label = results.Bytes(int64(v))
		}
		ticks = append(ticks, tick)
	}
	return ticks
}
