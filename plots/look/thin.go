package look

import (
	"math"
	"slices"
	"strconv"

	"connbench/results"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Thinned leaves out labels for which an axis of so many points has no room, so that those
// that stay are at regular steps: between decades none stays without all. Their ticks stay.
func (s Scale) Thinned(width vg.Length) Scale {
	keep := func(from []int, holds func(place int, v float64) bool) (kept []int) {
		for place, i := range from {
			if tick := s.Ticks[i]; holds(place, tick.Value) || tick.Label == results.Infinite.String() { // which always stays
				kept = append(kept, i)
			}
		}
		return kept
	}
	var labelled []int
	for i, tick := range s.Ticks {
		if !tick.IsMinor() {
			labelled = append(labelled, i)
		}
	}
	kept := labelled
	decades := keep(labelled, func(_ int, v float64) bool { return leading(v) == "1" })
	if !s.apart(kept, width) && !s.even(labelled) && len(decades) > 0 {
		kept, labelled = decades, decades
	}
	for step := 2; step <= len(labelled) && !s.apart(kept, width); step++ {
		kept = keep(labelled, func(place int, _ float64) bool { return place%step == 0 })
	}
	ticks := slices.Clone(s.Ticks)
	for i := range ticks {
		if !slices.Contains(kept, i) {
			ticks[i].Label = ""
		}
	}
	s.Ticks = ticks
	return s
}

// leading is the first digit of a value.
func leading(v float64) string { return strconv.FormatFloat(v, 'e', 0, 64)[:1] }

// even reports whether the ticks are at equal distances and none is rounder than others, as those
// of a linear scale and powers of two are.
func (s Scale) even(places []int) bool {
	if _, linear := s.Norm.(plot.LinearScale); linear {
		return true
	}
	return !slices.ContainsFunc(places, func(i int) bool {
		fraction, _ := math.Frexp(s.Ticks[i].Value)
		return fraction != 0.5 && s.Ticks[i].Label != results.Infinite.String()
	})
}

// apart reports whether no labels of the ticks touch on an axis of so many points.
func (s Scale) apart(places []int, width vg.Length) bool {
	style := Text(TickSize, Ink)
	free := vg.Length(math.Inf(-1)) // everything right of it is
	for _, i := range places {
		tick := s.Ticks[i]
		half, at := style.Width(tick.Label)/2+2, width*vg.Length(s.Share(tick.Value))
		if at-half < free {
			return false
		}
		free = at + half
	}
	return true
}
