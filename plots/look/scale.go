package look

import (
	"math"

	"connbench/results"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Scale is the range, the ticks and the name of an axis.
type Scale struct {
	Min, Max float64
	Ticks    plot.ConstantTicks
	Norm     plot.Normalizer
	Label    string
}

// Linear is a scale from 0 to a round value at or past top.
func Linear(axis string, top float64) Scale {
	ticks, end := linearTicks(top)
	return Scale{Min: 0, Max: end, Norm: plot.LinearScale{}, Ticks: ticks, Label: axis}
}

// Log is a logarithmic scale that has room for all positive values. Infinity, where there
// is any, is on its far edge, clear of the last finite tick.
func Log(axis string, ticksOf Ticker, values []float64) Scale {
	lo, hi := math.Inf(1), 0.0
	infinite := false
	for _, v := range values {
		switch {
		case math.IsInf(v, 1):
			infinite = true
		case v > 0:
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if hi == 0 {
		lo, hi = 1e5, 1e6
	}
	lo, hi = lo/1.4, hi*1.4
	ticks := ticksOf(lo, hi)
	if infinite {
		hi *= math.Pow(hi/lo, 0.08)
		ticks = append(ticks, plot.Tick{Value: hi, Label: results.Infinite.String()})
	}
	return Scale{Min: lo, Max: hi, Norm: plot.LogScale{}, Ticks: ticks, Label: axis}
}

// Share is where on the axis v is, from 0 to 1.
func (s Scale) Share(v float64) float64 { return s.Norm.Normalize(s.Min, s.Max, v) }

// Closest is the least distance between two of ascending values, as a share of the axis.
func (s Scale) Closest(values []float64) float64 {
	least := 1.0
	for i := 1; i < len(values); i++ {
		least = min(least, s.Share(values[i])-s.Share(values[i-1]))
	}
	return least
}

// ValueTicks labels the measured values, in ascending order, on an axis of so many
// points. Where labels would touch, the smaller value's is left out and its tick stays.
func (s Scale) ValueTicks(values []float64, label func(float64) string, width vg.Length) plot.ConstantTicks {
	style := Text(TickSize, Ink)
	ticks := make(plot.ConstantTicks, len(values))
	free := vg.Length(math.Inf(1)) // everything left of it is
	for i := len(values) - 1; i >= 0; i-- {
		ticks[i].Value = values[i]
		half := style.Width(label(values[i]))/2 + 2
		at := width * vg.Length(s.Share(values[i]))
		if at+half <= free {
			ticks[i].Label = label(values[i])
			free = at - half
		}
	}
	return ticks
}

// Unlabelled keeps the ticks that have labels, for the grid, without these.
func (s Scale) Unlabelled() Scale {
	ticks := make(plot.ConstantTicks, len(s.Ticks))
	for i, tick := range s.Ticks {
		if !tick.IsMinor() {
			tick.Label = " "
		}
		ticks[i] = tick
	}
	s.Ticks = ticks
	return s
}

// Apply gives the scale to an axis of a plot.
func (s Scale) Apply(a *plot.Axis) {
	a.Min, a.Max, a.Scale = s.Min, s.Max, s.Norm
	a.Padding = 0
	a.Color = Faded
	a.Tick.Marker = s.Ticks
	a.Tick.Length = 4
	a.Tick.Color = Faded
	a.Tick.Label.Color = Ink
	a.Tick.Label.Font = Text(TickSize, Ink).Font
}

// linearTicks are four to seven round values from 0 to the first at or past top,
// and that last value.
func linearTicks(top float64) (plot.ConstantTicks, float64) {
	if top <= 0 {
		top = 1
	}
	step := RoundStep(top / 6)
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

// RoundStep is the first of 1, 2, 2.5 and 5 times a power of ten at or past v.
func RoundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range []float64{1, 2, 2.5, 5} {
		if factor*power >= v {
			return factor * power
		}
	}
	return 10 * power
}

// Ticker places ticks on a logarithmic axis.
type Ticker func(lowest, highest float64) plot.ConstantTicks

// DurationTicks are those of nanoseconds.
func DurationTicks(lo, hi float64) plot.ConstantTicks {
	return decadeTicks(lo, hi, func(v float64) string { return results.Nanos(v).String() })
}

// CountTicks are those of numbers.
func CountTicks(lo, hi float64) plot.ConstantTicks { return decadeTicks(lo, hi, results.Count) }

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

// ByteTicks are powers of two from lo to hi, in bytes: all are labelled where these are
// few, else every second or third of them.
func ByteTicks(lo, hi float64) plot.ConstantTicks {
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
