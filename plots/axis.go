package plots

import (
	"math"
	"strconv"

	"connbench/results"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// clientTicks labels the measured client counts, in ascending order, on a
// logarithmic axis of the given width. Where labels would touch, the smaller
// count's is left out and its tick stays.
func clientTicks(clients []int, lo, hi float64, width vg.Length, style text.Style) plot.ConstantTicks {
	ticks := make(plot.ConstantTicks, len(clients))
	free := vg.Length(math.Inf(1)) // everything left of it is
	for i := len(clients) - 1; i >= 0; i-- {
		v := float64(clients[i])
		ticks[i].Value = v
		label := strconv.Itoa(clients[i])
		half := style.Width(label)/2 + 2
		at := width * vg.Length(math.Log(v/lo)/math.Log(hi/lo))
		if at+half <= free {
			ticks[i].Label = label
			free = at - half
		}
	}
	return ticks
}

// clientRange leaves room for markers beside the first and the last count.
func clientRange(clients []int) (lo, hi float64) {
	lo, hi = float64(clients[0]), float64(clients[len(clients)-1])
	margin := math.Pow(hi/lo, 0.06)
	if lo == hi {
		margin = 2
	}
	return lo / margin, hi * margin
}

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

// durationTicks are the decades in nanoseconds from lo to hi, with 2 and 5 labelled
// between them where the decades alone would be too few to read values off.
func durationTicks(lo, hi float64) plot.ConstantTicks {
	few := hi/lo < 500
	var ticks plot.ConstantTicks
	for decade := math.Pow(10, math.Floor(math.Log10(lo))); decade <= hi; decade *= 10 {
		for factor := 1.0; factor < 10; factor++ {
			v := factor * decade
			if v < lo || v > hi {
				continue
			}
			tick := plot.Tick{Value: v}
			if factor == 1 || few && (factor == 2 || factor == 5) {
				tick.Label = results.Nanos(v).String()
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}
