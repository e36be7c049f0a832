package read

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

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

// recommend chooses a value that is among the best at every point, or if there is none the
// one that is least behind where it is most. A value that is not known everywhere, or that
// is a loss against the default anywhere, is not recommended: the default stays.
func (t *Tuning) recommend() {
	tells := func(p TunedPoint) bool { return p.Alike != nil }
	switch {
	case !slices.ContainsFunc(t.Points, TunedPoint.anyValid):
		t.Advice.Why = "no value has a valid trial"
		return
	case !slices.ContainsFunc(t.Points, tells):
		t.Advice.Why = "too few valid trials to tell values apart (--trials asks for more)"
		return
	}
	place := -1
	if !t.disturbed(t.Default) {
		if place = t.best(); place < 0 {
			place = t.leastBehind()
		}
	}
	kept := place < 0
	if kept {
		place = t.Place(t.Default)
	}
	if place < 0 {
		t.Advice.Why = "no value is known everywhere: " + t.missing()
		return
	}
	t.Advice.Setting = &t.Settings[place]
	if kept {
		t.Advice.Why = "no other value is known to be as good everywhere: " + t.missing()
	}
	t.doubt()
	t.compareWithDefault()
}

// sound reports whether a row has a place at all points, each of which tells values apart, and
// is worse than the default at none.
func (t *Tuning) sound(row string) bool {
	return !slices.ContainsFunc(t.Points, func(p TunedPoint) bool {
		e, known := p.Effect(row, t.Default)
		return p.standing(row) == nil || p.Alike == nil || row != t.Default && known && e.Outcome(p.Metric) == stats.Worse
	})
}

// disturbed reports whether what a row would come to is not known at some point.
func (t *Tuning) disturbed(row string) bool {
	return slices.ContainsFunc(t.Points, func(p TunedPoint) bool { return p.disturbed(row) })
}

// missing is of which values at which points the trials leave it open.
func (t *Tuning) missing() string {
	var lacking []string
	for _, p := range results.Each(t.Points) {
		for _, s := range t.Settings {
			if p.standing(s.Row) == nil || p.Alike == nil {
				why := "has " + results.Plural(p.valid(s.Row), "valid trial")
				if out := results.Find(p.Standings, func(x *stats.Standing) bool { return x.Model == s.Row && x.First == 0 }); out != nil && !strings.Contains(out.Why, "valid trial") {
					why = "has " + out.Why
				}
				lacking = append(lacking, fmt.Sprintf("%s%s %s", t.label(p), s.Value, why))
			}
		}
	}
	if len(lacking) == 0 {
		return "each is a loss somewhere"
	}
	return strings.Join(lacking, "; ")
}

// best is the place of the setting to recommend among those in the first group of all
// points, or -1: of a frugal knob the first, else the default, or the one that is least behind.
func (t *Tuning) best() int {
	everywhere := func(row string) bool {
		return t.sound(row) && !slices.ContainsFunc(t.Points, func(p TunedPoint) bool { return !slices.Contains(p.Alike, row) })
	}
	if t.Frugal {
		return slices.IndexFunc(t.Settings, func(s Setting) bool { return everywhere(s.Row) })
	}
	if everywhere(t.Default) {
		return t.Place(t.Default)
	}
	place, _ := t.least(everywhere)
	return place
}

// leastBehind is the place of the sound setting whose largest distance from the first of a
// point is the smallest, or -1. It says so.
func (t *Tuning) leastBehind() int {
	place, least := t.least(t.sound)
	if place >= 0 {
		t.Advice.Why = fmt.Sprintf("no value is among the best everywhere; this one is never more than %s times behind", results.Times(least))
	}
	return place
}

// least is which of some settings is least behind where it is most, and how far; -1 of none.
func (t *Tuning) least(some func(row string) bool) (place int, behind float64) {
	place, behind = -1, math.Inf(1)
	for i, s := range t.Settings {
		if !some(s.Row) {
			continue
		}
		most := 1.0
		for j := range t.Points {
			most = max(most, t.Points[j].Behind(s.Row))
		}
		if most < behind {
			place, behind = i, most
		}
	}
	return place, behind
}

// doubt says where the recommended value may be far behind, if nothing else is said yet.
func (t *Tuning) doubt() {
	row := t.Advice.Setting.Row
	for _, p := range results.Each(t.Points) {
		if most := p.MostBehind(row); most > Doubtful && t.Advice.Why == "" {
			t.Advice.Why = fmt.Sprintf("%sit may be up to %s times behind the best: more trials would tell", t.label(p), results.Times(most))
		}
	}
}

// Doubtful is from how many times behind the best on that a value may be it is recommended with
// a word of doubt, and its place among the best is open.
const Doubtful = 1.25

// MostBehind is how many times worse than the first a row may be, with 95 %.
func (p *TunedPoint) MostBehind(row string) float64 {
	return p.times(row, func(i stats.Interval) float64 {
		if p.Metric.More {
			return 1 / i.Low
		}
		return i.High
	})
}

// Behind is how many times worse than the first a row is, infinite of one without a place.
func (p *TunedPoint) Behind(row string) float64 {
	return p.times(row, func(i stats.Interval) float64 {
		if p.Metric.More {
			return 1 / i.Estimate
		}
		return i.Estimate
	})
}

// times reads a ratio to the first row: 1 of that itself, infinite of a row without a place.
func (p *TunedPoint) times(row string, read func(stats.Interval) float64) float64 {
	if s := p.standing(row); s != nil {
		return read(*s.Best)
	}
	return math.Inf(1)
}

func (t *Tuning) compareWithDefault() {
	row := t.Advice.Setting.Row
	if row == t.Default || t.Place(t.Default) < 0 {
		return
	}
	var idle, loaded []float64
	for _, p := range results.Each(t.Points) {
		if e, known := p.Effect(row, t.Default); known {
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

func anyMedian(values []float64) *stats.Interval {
	if len(values) == 0 {
		return nil
	}
	return new(stats.MedianInterval(values))
}

// more is by how much a figure of row b is more than that of row a, in each block.
func (p *TunedPoint) more(a, b string, value func(*results.Trial) (float64, bool)) []float64 {
	of := func(row string) map[int]float64 {
		values := map[int]float64{}
		if o := p.Of(row); o != nil {
			for _, t := range o.All {
				if v, known := value(t); known && t.Valid() {
					values[t.Block] = v
				}
			}
		}
		return values
	}
	x, y := of(a), of(b)
	var all []float64
	for _, block := range slices.Sorted(maps.Keys(y)) {
		if v, both := x[block]; both {
			all = append(all, y[block]-v)
		}
	}
	return all
}
