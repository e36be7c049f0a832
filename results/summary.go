package results

import (
	"cmp"
	"maps"
	"slices"
)

// Key names a point: what a trial measured, without when.
type Key struct {
	Model        string
	Network      string
	Framing      string
	Work         string
	Knobs        string
	Loop         Loop
	PayloadBytes int
	Clients      int
	RateRPS      float64 // asked for; 0 of a closed loop
	Arrivals     string  // of an open loop
}

// Key is the point the trial belongs to.
func (t *Trial) Key() Key {
	return Key{t.Model, t.Network, t.Framing, t.Work, t.Knobs, t.Loop, t.PayloadBytes, t.Clients, t.RateRPS, t.Arrivals}
}

// Spread is a figure over the trials of a point. With the handful of trials a
// point has, the extremes say more than a deviation would.
type Spread struct{ Median, Min, Max float64 }

// final drops the attempts at a trial that were repeated: what stands is the last.
func final(trials []Trial) []Trial {
	last := map[int]int{}
	for i := range trials {
		last[trials[i].Trial] = max(last[trials[i].Trial], trials[i].Attempt)
	}
	return slices.DeleteFunc(slices.Clone(trials), func(t Trial) bool { return t.Attempt < last[t.Trial] })
}

// Finished counts the trials that are there, however often each was tried.
func Finished(trials []Trial) int {
	numbers := map[int]bool{}
	for i := range trials {
		numbers[trials[i].Trial] = true
	}
	return len(numbers)
}

// Point is one key with the figures of its trials. Latencies are response
// latencies in nanoseconds and may be +Inf.
type Point struct {
	Key
	Trials int // that were tried
	Valid  int // that the figures rest on; see [Summarize]
	Noisy  int // attempts at them that were given up for noise and repeated

	Throughput Spread // requests/s
	P50, P99   Spread // ns; zero where HasLatency is false
	ServiceP99 Spread // ns, from the actual send; likewise
	SlipP99    Spread // ns, from the intended to the actual send; zero where HasSlip is false
	ServerCPU  Spread // ns a request; zero where HasServer is false
	ClientCPU  Spread // ns a request; zero where HasClientCPU is false
	ServerRSS  Spread // bytes
	Threads    Spread
	Active     Spread // clients that send at full speed
	Unserved   Spread // of them, those without an answer
	Fairness   Spread // Jain's index; zero where HasFairness is false
	Steal      Spread // 0 to 1; zero where HasSteal is false

	HasLatency, HasFairness, HasServer, HasClientCPU, HasSteal, HasSlip bool // whether it could be measured

	Fewest int64 // requests that a trial with latencies rests on, answered or failed

	Intervals map[string]Interval // of the medians of [Metrics], by name
	Resources map[string]Spread   // by the names of [Resources]; absent where no trial has it
	Shared    bool                // by server and client: the CPUs

	Errors   map[string]int64 // class to count, over all trials
	Verdicts []string         // of the trials, sorted, each once
	Failures []string         // of the trials, in order
}

// HasFigures reports whether any trial came to figures at all.
func (p *Point) HasFigures() bool { return len(p.Failures) < p.Trials }

// Flagged reports whether the point must not be ranked: nothing valid stands
// behind its figures, or not every client was served.
func (p *Point) Flagged() bool {
	return p.Valid == 0 || p.Unserved.Max > 0
}

// MostUnserved is how many clients were served, of how many, with the most left out that
// there were in a trial. How many are active may differ from trial to trial: chance says
// which of the clients of an open loop are asked to send.
func (p *Point) MostUnserved() (served, active float64) {
	return p.Active.Max - p.Unserved.Max, p.Active.Max
}

// Summarize groups trials by key; models come in the given order (the plan's),
// those it does not name after them as they first appear. A point's
// figures are medians over its valid trials, the trial being the unit; where none
// is valid, over those that have figures at all, and Valid is 0. Of a trial that was
// repeated for noise only the last attempt counts.
func Summarize(trials []Trial, models []string) []Point {
	attempts := map[Key]int{}
	for i := range trials {
		attempts[trials[i].Key()]++
	}
	trials = final(trials)
	rank := map[string]int{}
	for _, m := range models {
		rank[m] = len(rank)
	}
	groups := map[Key][]*Trial{}
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
		return cmp.Or(
			cmp.Compare(a.Work, b.Work),
			cmp.Compare(a.Knobs, b.Knobs),
			cmp.Compare(a.Loop, b.Loop),
			cmp.Compare(a.Arrivals, b.Arrivals),
			cmp.Compare(a.PayloadBytes, b.PayloadBytes),
			cmp.Compare(a.Clients, b.Clients),
			cmp.Compare(a.RateRPS, b.RateRPS),
			cmp.Compare(rank[a.Model], rank[b.Model]),
			cmp.Compare(a.Network, b.Network),
			cmp.Compare(a.Framing, b.Framing),
		)
	})
	return points
}

func summarize(key Key, group []*Trial) Point {
	p := Point{Key: key, Trials: len(group), Errors: map[string]int64{}}
	verdicts := map[string]bool{}
	var valid, measured []*Trial
	for _, t := range group {
		for class, n := range t.Errors {
			p.Errors[class] += n
		}
		for _, v := range t.Verdicts {
			verdicts[v] = true
		}
		if t.Failure != "" {
			p.Failures = append(p.Failures, t.Failure)
			continue
		}
		measured = append(measured, t)
		if t.Valid() {
			valid = append(valid, t)
		}
	}
	p.Verdicts = slices.Sorted(maps.Keys(verdicts))
	p.Valid = len(valid)
	if p.Valid > 0 {
		measured = valid
	}
	p.fill(measured)
	return p
}

func (p *Point) fill(trials []*Trial) {
	spread := func(value func(*Trial) float64) Spread { return spreadOf(trials, value) }
	p.Throughput = spread(func(t *Trial) float64 { return t.ThroughputRPS })
	p.P50, p.HasLatency = spreadKnown(trials, responseP50)
	p.P99, _ = spreadKnown(trials, responseP99)
	p.ServiceP99, _ = spreadKnown(trials, serviceP99)
	p.SlipP99, p.HasSlip = spreadKnown(trials, slipP99)
	p.Fewest = fewestRequests(trials)
	p.Active = spread(func(t *Trial) float64 { return float64(t.ClientsActive) })
	p.Unserved = spread(func(t *Trial) float64 { return float64(max(0, t.ClientsActive-t.ClientsServed)) })
	p.Fairness, p.HasFairness = spreadWhere(trials, func(t *Trial) *float64 { return t.FairnessJain })
	p.ClientCPU, p.HasClientCPU = spreadWhere(trials, func(t *Trial) *float64 { return t.ClientCPUPerRequest })
	p.Steal, p.HasSteal = spreadWhere(trials, func(t *Trial) *float64 { return t.StealFraction })

	p.Intervals, p.Resources = intervalsOf(trials), resourcesOf(trials)
	p.Shared = slices.ContainsFunc(trials, func(t *Trial) bool { return t.CPUsShared })
	p.HasServer = len(trials) > 0 && !slices.ContainsFunc(trials, func(t *Trial) bool { return t.ServerUsage == nil })
	if p.HasServer {
		p.ServerCPU = spread(func(t *Trial) float64 { return t.ServerCPUPerRequest })
		p.ServerRSS = spread(func(t *Trial) float64 { return float64(t.ServerRSSBytes) })
		p.Threads = spread(func(t *Trial) float64 { return float64(t.ServerThreads) })
	}
}

// intervalsOf are those of the metrics that all trials have.
func intervalsOf(trials []*Trial) map[string]Interval {
	intervals := map[string]Interval{}
	for i := range Metrics {
		m := &Metrics[i]
		var values []float64
		for _, t := range trials {
			if v, known := m.value(t); known {
				values = append(values, v)
			}
		}
		if len(values) > 0 && len(values) == len(trials) {
			intervals[m.Name] = medianInterval(values)
		}
	}
	return intervals
}

// fewestRequests is how many requests there were in the trial with the fewest of those
// that had any.
func fewestRequests(trials []*Trial) int64 {
	fewest := int64(0)
	for _, t := range trials {
		if n := t.asked(); n > 0 && (fewest == 0 || n < fewest) {
			fewest = n
		}
	}
	return fewest
}

// spreadWhere is over the trials that have the value, and whether any has.
func spreadWhere(trials []*Trial, value func(*Trial) *float64) (Spread, bool) {
	return spreadKnown(trials, func(t *Trial) (float64, bool) {
		if v := value(t); v != nil {
			return *v, true
		}
		return 0, false
	})
}

// spreadKnown is spreadWhere of a value that says whether it is known.
func spreadKnown(trials []*Trial, value func(*Trial) (float64, bool)) (Spread, bool) {
	known := slices.DeleteFunc(slices.Clone(trials), func(t *Trial) bool { _, known := value(t); return !known })
	return spreadOf(known, func(t *Trial) float64 { v, _ := value(t); return v }), len(known) > 0
}

func spreadOf(trials []*Trial, value func(*Trial) float64) Spread {
	if len(trials) == 0 {
		return Spread{}
	}
	values := make([]float64, len(trials))
	for i, t := range trials {
		values[i] = value(t)
	}
	slices.Sort(values)
	return Spread{Median: median(values), Min: values[0], Max: values[len(values)-1]}
}

// median of sorted values; the mean of the middle two where their number is even.
func median(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
