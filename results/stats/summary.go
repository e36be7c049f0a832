package stats

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"connbench/results"
)

// Spread is a figure over the trials of a point. With the handful of trials a
// point has, the extremes say more than a deviation would.
type Spread struct{ Median, Min, Max float64 }

// Point is one key with the figures of its trials. Latencies are response
// latencies in nanoseconds and may be +Inf.
type Point struct {
	results.Key
	All    []*results.Trial // the last attempts at its trials
	Trials int              // that were tried
	Valid  int              // that the figures rest on; see [Summarize]
	Noisy  int              // attempts at them that were given up for noise and repeated

	Figures   map[*results.Figure]Spread   // of the catalogue, over the trials that have them
	Intervals map[*results.Figure]Interval // of the medians of [results.Metrics] that all trials have

	Fewest int64 // requests that a trial with latencies rests on, answered or failed

	Shared bool // by server and client: the CPUs

	Errors   map[string]int64      // class to count, over all trials
	Verdicts []string              // of the trials, sorted, each once
	Limits   []results.ClientLimit // why trials are [results.ClientBound], merged
	Failures []string              // of the trials, in order
}

// Of is a figure of the point, if any of its trials has it.
func (p *Point) Of(f *results.Figure) (s Spread, known bool) {
	s, known = p.Figures[f]
	return s, known
}

// Median is that of a figure, 0 where it is not known.
func (p *Point) Median(f *results.Figure) float64 { return p.Figures[f].Median }

// HasFigures reports whether any trial came to figures at all.
func (p *Point) HasFigures() bool { return len(p.Failures) < p.Trials }

// Flagged reports whether the point must not be ranked: nothing valid stands
// behind its figures, or in half of its trials or more not every client was served. One that
// is left out once, for the length of a short trial, says nothing of the row.
func (p *Point) Flagged() bool {
	return p.Valid == 0 || p.Figures[results.Unserved].Median > 0
}

// ClientLimits is why trials of the points are [results.ClientBound].
func ClientLimits(points []Point) []results.ClientLimit {
	return slices.Concat(results.Map(points, func(p Point) []results.ClientLimit { return p.Limits })...)
}

// MostUnserved is how many clients were served, of how many, with the most left out that
// there were in a trial. How many are active may differ from trial to trial: chance says
// which of the clients of an open loop are asked to send.
func (p *Point) MostUnserved() (served, active float64) {
	active = p.Figures[results.Active].Max
	return active - p.Figures[results.Unserved].Max, active
}

// Summarize groups trials by key; models come in the given order (the plan's),
// those it does not name after them as they first appear. A point's
// figures are medians over its valid trials, the trial being the unit; where none
// is valid, over those that have figures at all, and Valid is 0. Of a trial that was
// repeated for noise only the last attempt counts.
func Summarize(trials []results.Trial, models []string) []Point {
	attempts := map[results.Key]int{}
	for i := range trials {
		attempts[trials[i].Key()]++
	}
	trials = results.Final(trials)
	rank := map[string]int{}
	for _, m := range models {
		rank[m] = len(rank)
	}
	groups := map[results.Key][]*results.Trial{}
	for i := range trials {
		t := &trials[i]
		if _, seen := rank[t.Model]; !seen {
			rank[t.Model] = len(rank)
		}
		groups[t.Key()] = append(groups[t.Key()], t)
	}
	points := make([]Point, 0, len(groups))
	for key, group := range groups {
		p := summarize(key, group)
		p.Noisy = attempts[key] - p.Trials
		points = append(points, p)
	}
	slices.SortFunc(points, func(a, b Point) int {
		return cmp.Or(a.CompareLoad(b.Key), cmp.Compare(rank[a.Model], rank[b.Model]), a.CompareRow(b.Key))
	})
	return points
}

func summarize(key results.Key, group []*results.Trial) Point {
	p := Point{Key: key, All: group, Trials: len(group), Errors: map[string]int64{}}
	verdicts := map[string]bool{}
	for _, t := range group {
		for class, n := range t.Errors {
			p.Errors[class] += n
		}
		for _, v := range t.Verdicts {
			verdicts[v] = true
		}
		if slices.Contains(t.Verdicts, results.ClientBound) {
			p.Limits = append(p.Limits, results.ClientLimits(t)...)
		}
		if t.Failure != "" {
			p.Failures = append(p.Failures, t.Failure)
		}
		if t.Valid() {
			p.Valid++
		}
	}
	p.Verdicts, p.Limits = slices.Sorted(maps.Keys(verdicts)), results.MergeLimits(p.Limits)
	p.fill(p.Rests())
	return p
}

// Rests are the trials that the figures rest on; see [Summarize].
func (p *Point) Rests() []*results.Trial {
	return slices.DeleteFunc(slices.Clone(p.All), func(t *results.Trial) bool { return t.Failure != "" || p.Valid > 0 && !t.Valid() })
}

// fill reads all figures of the trials.
func (p *Point) fill(trials []*results.Trial) {
	p.Figures, p.Intervals = map[*results.Figure]Spread{}, map[*results.Figure]Interval{}
	p.Fewest = fewestRequests(trials)
	p.Shared = slices.ContainsFunc(trials, func(t *results.Trial) bool { return t.CPUsShared })
	for _, f := range results.Figures {
		values := valuesOf(f, trials)
		if len(values) == 0 {
			continue
		}
		p.Figures[f] = spreadOf(f, values)
		if len(values) == len(trials) && slices.Contains(results.Metrics, f) {
			p.Intervals[f] = MedianInterval(values)
		}
	}
}

// valuesOf are a figure's in the trials that have it.
func valuesOf(f *results.Figure, trials []*results.Trial) []float64 {
	var values []float64
	for _, t := range trials {
		if v, known := f.Of(t); known {
			values = append(values, v)
		}
	}
	return values
}

// fewestRequests is how many requests there were in the trial with the fewest of those
// that had any.
func fewestRequests(trials []*results.Trial) int64 {
	fewest := int64(0)
	for _, t := range trials {
		if n := t.Asked(); n > 0 && (fewest == 0 || n < fewest) {
			fewest = n
		}
	}
	return fewest
}

// spreadOf is over at least one value of a figure.
func spreadOf(f *results.Figure, values []float64) Spread {
	slices.Sort(values)
	return Spread{Median: f.Median(values), Min: values[0], Max: values[len(values)-1]}
}

// TooFew says the same of the 99th percentile of a point, by its trial with the fewest
// requests.
func (p *Point) TooFew() string {
	if p.Fewest == 0 || p.Fewest >= results.P99Needs {
		return ""
	}
	return "p99 of " + results.Plural(int(p.Fewest), "request")
}

// Workload is what the clients of points of one work ask for, whatever the
// payload and the loop: "tcp, length framing; udp, datagrams · echo".
func Workload(points []Point) string {
	transports := results.Distinct(points, func(p Point) string { return p.Transport() })
	parts := []string{strings.Join(transports, "; ")}
	for _, part := range []string{points[0].Work, points[0].Knobs} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " · ")
}
