package stats

import (
	"slices"

	"connbench/results"
)

// RatioIn is how many times as large a figure is for one row
// as for another over the valid trials of both within the same blocks. Trials are those
// that it rests on.
func RatioIn(trials []results.Trial, m *results.Figure, row, over string) (e Effect, rests []*results.Trial) {
	final := results.Final(trials)
	values := map[string]map[int]float64{row: {}, over: {}}
	for i := range final {
		t := &final[i]
		v, known := m.Positive(t)
		if of := values[t.Model]; of != nil && known && t.Valid() {
			of[t.Block] = v
		}
	}
	for i := range final {
		t := &final[i]
		_, one := values[row][t.Block]
		_, other := values[over][t.Block]
		if one && other && (t.Model == row || t.Model == over) {
			rests = append(rests, t)
		}
	}
	a, b := InBlocks(values[over], values[row])
	return BlockEffect(a, b), rests
}

// RatioOf is how many times as large figures are as others that were measured in turn
// with them, the i-th beside the i-th.
func RatioOf(figures, over []float64) Effect { return BlockEffect(over, figures) }

// MedianIn is the median of a metric of a row over its valid trials, false where there
// is none, and these.
func MedianIn(trials []results.Trial, m *results.Figure, row string) (i Interval, rests []*results.Trial, known bool) {
	final := results.Final(trials)
	var values []float64
	for j := range final {
		t := &final[j]
		if v, has := m.Positive(t); has && t.Model == row && t.Valid() {
			values, rests = append(values, v), append(rests, t)
		}
	}
	return MedianInterval(values), rests, len(values) > 0
}

// MedianOf is the median of figures with its interval, which is bounded from six on.
func MedianOf(figures []float64) Interval { return MedianInterval(slices.Clone(figures)) }
