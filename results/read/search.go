package read

import (
	"math"
	"slices"
	"time"

	"connbench/results"
	"connbench/results/stats"
)

// Question is what the probes of a table ask of a row: of how many clients, each with so many
// requests a second, or of how many requests a second, from so many clients, it keeps the goal.
type Question struct {
	ClientRate float64 // 0 where the question is of a rate
	Clients    int
}

// Questions are those of a table: of clients with a rate, the first, with ten times that and with a
// tenth, and of rates from as many clients as saturate a server and from a thousand.
func Questions(clientRate float64, saturating int) []Question {
	return []Question{{ClientRate: clientRate}, {ClientRate: 10 * clientRate}, {ClientRate: clientRate / 10}, {Clients: saturating}, {Clients: manyAtOnce}}
}

// The places of questions among those of a table.
const (
	Plain = iota
	Busy
	Quiet
	RateOfFew
	RateOfMany
)

// manyAtOnce is how many clients many are, of whom a rate is asked.
const manyAtOnce = 1000

// Of are the probes of trials that ask it.
func (q Question) Of(trials []*results.Trial) []*results.Trial {
	return slices.DeleteFunc(slices.Clone(trials), func(t *results.Trial) bool {
		if q.ClientRate == 0 {
			return t.Probe != results.ProbeRate || t.Clients != q.Clients
		}
		return t.Probe != results.ProbeCapacity || math.Abs(t.RateRPS/float64(t.Clients)/q.ClientRate-1) > 0.01
	})
}

// Probes are those of trials that answer a question: they ask it, or, of quiet clients where there are
// such, so many were kept that send more.
func (g Goal) Probes(questions []Question, question int, trials []*results.Trial) []*results.Trial {
	probes := questions[question].Of(trials)
	if question == Quiet && len(probes) > 0 {
		kept := slices.DeleteFunc(questions[Plain].Of(trials), func(t *results.Trial) bool { return g.Bound(t) != Kept })
		probes = append(kept, probes...)
	}
	return probes
}

// asked is the number that a probe asks of.
func asked(t *results.Trial) int {
	if t.Probe == results.ProbeRate {
		return int(t.RateRPS)
	}
	return t.Clients
}

// A search shrinks to a quarter, where nothing says more, and ends after so many doubtful probes.
const (
	shrinks    = 4
	mostDoubts = 4
)

// Search is with which number the probes of a question begin, up to which they go, by how much they
// grow while nothing is lost, how many of them tell at the most, and how long those last that are
// to be sure, 0 where there are none.
type Search struct {
	First, Limit, Most int
	Stride             float64
	Sure               time.Duration
}

func (s Search) sure(t *results.Trial) bool { return t.DurationNS >= int64(s.Sure) }

// Next is the number of which the next probe is to ask, given those before, 0 if enough is known
// or there is no more to know. One that is to be sure lasts longer: what stalls now and then is
// quick in some seconds by luck. Where nothing was lost numbers grow, and shrink where nothing was
// kept. Between the two the next is where the server itself says that it stopped, in the middle
// where it is a lack of room, and else where it says the most about an estimate.
func (g Goal) Next(s Search, probes []*results.Trial) (n int, sure bool) {
	telling := slices.DeleteFunc(slices.Clone(probes), func(t *results.Trial) bool { return !g.Tells(t) })
	doubts := len(probes) - len(telling)
	again := doubts > 0 && !g.Tells(probes[len(probes)-1])
	if again && (doubts >= mostDoubts || doubts >= 3 && costly(probes)) {
		return 0, false
	}
	c := g.mostKept(telling)
	switch {
	case c.ofRate && c.Bound.LeftOut() && len(telling) > 1:
		return 0, false // whatever the rate, so it seems: once may have been a jam
	case again:
		return s.anew(c, probes)
	case len(telling) == 0:
		return min(s.First, s.Limit), s.Sure > 0 && s.First >= s.Limit
	case len(telling) == s.Most:
		return 0, false
	case c.At == 0 && c.Most >= s.Limit:
		if s.sure(c.Trial) {
			return 0, false
		}
		return s.Limit, true // which Sure asks for
	case c.At == 0 && s.Stride*float64(c.Most) >= float64(s.Limit):
		return s.Limit, s.Sure > 0
	case c.At == 0: // further each time, where all is far from where it was expected
		return max(c.Most+1, min(s.Limit, int(math.Pow(s.Stride, float64(max(1, len(telling)-1)))*float64(c.Most)))), false
	case c.Most == 0:
		return g.less(c, telling), false
	case c.Bound.Passing():
		return g.refine(s, telling)
	}
	return between(c.Most, c.At, c.served), false
}

// anew is what to ask after a probe that tells nothing: the same, when others may have gone, and
// if that was done, less, with which the client may keep up.
func (s Search) anew(c Capacity, probes []*results.Trial) (n int, sure bool) {
	last := probes[len(probes)-1]
	n = asked(last)
	if len(probes) > 1 && asked(probes[len(probes)-2]) == n {
		n = n * 5 / 8
	}
	if n <= c.Most {
		return 0, false
	}
	return n, s.Sure > 0 && s.sure(last)
}

// less is a number below the least of those that were all lost, 0 where that is one: as many as
// were served, a single one where nothing works, and where the latency tells how far the edge is,
// that.
func (g Goal) less(c Capacity, telling []*results.Trial) int {
	lost := c.At
	n := lost / shrinks
	switch {
	case !c.ofRate && 0 < c.served && c.served < lost:
		n = c.served
	case c.Bound == BoundFailure:
		n = 1
	default:
		if edge := int(stats.EdgeOf(g.evidence(telling)).Quantile(0.5)); edge > lost/2 {
			n = edge
		}
	}
	if lost == 1 {
		return 0
	}
	return min(max(1, n), lost-1)
}

// between is what to ask where a lack of room is between kept and lost: nothing where it is known
// to within [CapacityResolution], or the server served as many as are kept when there were a few
// more. When there were far more it may have been a jam.
func between(kept, lost, served int) int {
	switch {
	case kept == served && lost <= fewMore*kept || lost-kept <= CapacityStep(kept):
		return 0
	case kept == served:
		return max(kept+1, kept*3/2)
	case kept < served && served < lost:
		return served
	}
	return int(math.Sqrt(float64(kept) * float64(lost)))
}

// refine asks on about an estimate until it is known well.
func (g Goal) refine(s Search, telling []*results.Trial) (n int, sure bool) {
	e := stats.EdgeOf(g.evidence(telling))
	i := e.Interval()
	confirmed := slices.ContainsFunc(telling, s.sure)
	near := i.High <= 2*i.Low || confirmed
	if confirmed && (i.High <= KnownWell*i.Low || costly(telling)) {
		return 0, false
	}
	// The edge itself says where it is, and what is beside it how sharp it is.
	n = int(math.Round(e.Quantile([]float64{0.5, 0.25, 0.75}[len(telling)%3])))
	return min(max(1, n), s.Limit), s.Sure > 0 && near
}

// fewMore clients than there is room for are up to so many times as many.
const fewMore = 2

// manyThreads take seconds to begin and to end: 17,000 some fifteen, of which one is
// measured.
const manyThreads = 4500

// costly reports whether probes take so long that few are made: a row would take minutes.
func costly(probes []*results.Trial) bool {
	return slices.ContainsFunc(probes, func(t *results.Trial) bool { return t.ServerUsage != nil && t.ServerThreads > manyThreads })
}
