package stats

import "connbench/results"

// RatioIn is how many times as large a figure is for one row as for another over the valid
// trials of both within the same blocks. Trials are those that it rests on.
func RatioIn(trials []results.Trial, m *results.Figure, row, over string) (e Effect, rests []*results.Trial) {
	final := results.Final(trials)
	in, of := map[int]int{}, map[string][]*results.Trial{}
	usable := func(t *results.Trial) bool {
		_, known := m.Positive(t)
		return known && t.Valid() && (t.Model == row || t.Model == over)
	}
	for i := range final {
		if usable(&final[i]) {
			in[final[i].Block]++
		}
	}
	for i := range final {
		if t := &final[i]; usable(t) && in[t.Block] == 2 {
			of[t.Model], rests = append(of[t.Model], t), append(rests, t)
		}
	}
	return between(readings(m, of[over]), readings(m, of[row])), rests
}

// RatioOf is how many times as large figures are as others that were measured in turn
// with them, the i-th beside the i-th.
func RatioOf(figures, over []float64) Effect {
	inTurn := func(values []float64) []reading {
		row := make([]reading, len(values))
		for i, v := range values {
			row[i] = reading{i, float64(i), v}
		}
		return row
	}
	return between(inTurn(over), inTurn(figures))
}

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
