package read

import (
	"fmt"
	"math"
	"slices"

	"connbench/results"
	"connbench/results/stats"
)

// Recommendation is the value to set.
type Recommendation struct {
	Setting *Setting // nil if there is none
	Why     string   // there is none, or it is not the best everywhere; else empty
	// Idle is what it takes beyond the default, in bytes for each connection that has
	// sent nothing, and Loaded of the whole server's memory for each connection under
	// load. Nil is not known, or that it is the default.
	Idle, Loaded *stats.Interval
}

// recommend chooses a value that may be the best at every point, or if there is none
// the one that is least behind where it is most.
func (t *Tuning) recommend() {
	var telling []*TunedPoint
	ranked := 0
	for i := range t.Points {
		p := &t.Points[i]
		ranked += p.Ranked()
		if len(p.Alike) > 0 {
			telling = append(telling, p)
		}
	}
	switch {
	case ranked == 0:
		t.Advice.Why = "no value has a valid trial"
		return
	case len(telling) == 0:
		t.Advice.Why = "too few valid trials to tell values apart; 6 of each are the fewest, and --trials asks for more"
		return
	}
	i := t.best(telling)
	if i < 0 {
		i = t.leastBehind(telling)
	}
	if i < 0 {
		t.Advice.Why = "no value is valid everywhere"
		return
	}
	t.Advice.Setting = &t.Settings[i]
	t.doubt(telling)
	t.compareWithDefault()
}

// best is the place of the setting to recommend among those that may be the best at
// all points, or -1.
func (t *Tuning) best(points []*TunedPoint) int {
	everywhere := func(row string) bool {
		return !slices.ContainsFunc(points, func(p *TunedPoint) bool { return !slices.Contains(p.Alike, row) })
	}
	if !t.Frugal && everywhere(t.Default) {
		return t.setting(t.Default)
	}
	return slices.IndexFunc(t.Settings, func(s Setting) bool { return everywhere(s.Row) })
}

// leastBehind is the place of the setting whose largest distance from the first of a
// point is the smallest, or -1 if none is ranked at all points. It says so.
func (t *Tuning) leastBehind(points []*TunedPoint) int {
	place, least := -1, math.Inf(1)
	for i, s := range t.Settings {
		most := 1.0
		for _, p := range points {
			most = max(most, p.behind(s.Row))
		}
		if most < least {
			place, least = i, most
		}
	}
	if place >= 0 {
		t.Advice.Why = fmt.Sprintf("no value is among the best everywhere; this one is never more than %s times behind", results.Times(least))
	}
	return place
}

// doubt says where the recommended value may be far behind, if nothing else is said yet.
func (t *Tuning) doubt(points []*TunedPoint) {
	row := t.Advice.Setting.Row
	for _, p := range points {
		if most := p.mostBehind(row); most > doubtful && t.Advice.Why == "" && row != t.Default {
			t.Advice.Why = fmt.Sprintf("%sit may be up to %s times behind the best: more trials would tell", t.label(p), results.Times(most))
		}
	}
}

// doubtful is from how many times behind the best on a value is recommended with a
// word of doubt.
const doubtful = 1.25

// mostBehind is how many times worse than the first a row may be, with 95 %.
func (p *TunedPoint) mostBehind(row string) float64 {
	return p.times(row, func(i stats.Interval) float64 {
		if p.Metric.More {
			return 1 / i.Low
		}
		return i.High
	})
}

// behind is how many times worse than the first a row is.
func (p *TunedPoint) behind(row string) float64 {
	return p.times(row, func(i stats.Interval) float64 {
		if p.Metric.More {
			return 1 / i.Estimate
		}
		return i.Estimate
	})
}

// times reads a ratio to the first row: 1 of that itself, infinite of a row without a place.
func (p *TunedPoint) times(row string, read func(stats.Interval) float64) float64 {
	s := p.standing(row)
	switch {
	case s == nil:
		return math.Inf(1)
	case s.Best == nil:
		return 1
	}
	return read(s.Best.Ratio)
}

// compareWithDefault finds out what the recommended value gives and takes.
func (t *Tuning) compareWithDefault() {
	row := t.Advice.Setting.Row
	if row == t.Default || t.setting(t.Default) < 0 {
		return
	}
	var idle, loaded []float64
	for i := range t.Points {
		p := &t.Points[i]
		a, b := stats.InBlocks(stats.ByBlock(p.Metric, p.rows[t.Default]), stats.ByBlock(p.Metric, p.rows[row]))
		if len(a) > 0 {
			e := stats.BlockEffect(a, b)
			p.Gain = &e
		}
		idle = append(idle, p.more(t.Default, row, results.IdleRSS.Of)...)
		loaded = append(loaded, p.more(t.Default, row, func(t *results.Trial) (float64, bool) {
			rss, known := results.ServerRSS.Of(t)
			return rss / float64(t.Clients), known
		})...)
	}
	t.Advice.Idle, t.Advice.Loaded = anyMedian(idle), anyMedian(loaded)
}

// anyMedian is the median of values, nil of none.
func anyMedian(values []float64) *stats.Interval {
	if len(values) == 0 {
		return nil
	}
	m := stats.MedianInterval(values)
	return &m
}

// more is by how much a figure of row b is more than that of row a, in each block.
func (p *TunedPoint) more(a, b string, value func(*results.Trial) (float64, bool)) []float64 {
	of := func(row string) map[int]float64 {
		values := map[int]float64{}
		for _, t := range p.rows[row] {
			if v, known := value(t); known && t.Valid() {
				values[t.Block] = v
			}
		}
		return values
	}
	x, y := stats.InBlocks(of(a), of(b))
	for i := range y {
		y[i] -= x[i]
	}
	return y
}
