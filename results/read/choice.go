package read

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

// Candidate is a row at the point that a choice is for.
type Candidate struct {
	stats.Standing                // by the server's CPU time per request
	Latency        stats.Interval // of the limit's percentile, in ns: the median of the valid trials
	Keeps          bool           // the limit, all clients served
	Open           bool           // whether it keeps it, or its place, is not known: too few trials are valid
	Lines          int            // of source that not every row has; 0 where that is not known
}

// Choice is which rows do for a workload, and what that rests on.
type Choice struct {
	Point      results.Key // without model, network and framing
	SLO        SLO
	Offer      *Offer      // whence the rate of Point; nil where somebody asked for it
	Candidates []Candidate // those that keep the limit in the order of the ranking, then the others
	Simplest   int         // the candidate with the least source that keeps the limit; -1 if there is none
}

// First lists the candidates that keep the limit and may be the cheapest.
func (c *Choice) First() []Candidate {
	return slices.DeleteFunc(slices.Clone(c.Candidates), func(x Candidate) bool { return !x.Keeps || x.First != 1 })
}

// Out is why rows are no candidates, by model, before the trials of the choice itself.
type Out map[string]string

// Choose reads a choice from the trials of a single point. Lines are those of the
// rows' source, where known. Rows that do not keep the limit are not in the ranking.
func Choose(trials []results.Trial, models []string, slo SLO, lines map[string]int, left Out) Choice {
	c := Choice{SLO: slo, Simplest: -1}
	points := stats.Summarize(trials, models)
	var out []Candidate
	kept := map[string]Candidate{}
	for _, p := range results.Each(points) {
		c.Point = p.Key.Shared()
		if x := slo.candidate(p); x.Keeps {
			kept[p.Model] = x
		} else {
			out = append(out, x)
		}
	}
	for _, model := range slices.Sorted(maps.Keys(left)) {
		out = append(out, Candidate{Standing: stats.Standing{Model: model, Why: left[model]}})
	}
	c.Candidates = append(ranked(points, kept), out...)
	for i, x := range results.Each(c.Candidates) {
		x.Lines = lines[x.Model]
		if x.Keeps && x.Lines > 0 && (c.Simplest < 0 || x.Lines < c.Candidates[c.Simplest].Lines) {
			c.Simplest = i
		}
	}
	return c
}

// ranked puts the rows that keep the limit in order. Those of which too few trials are valid to
// place them come last, and are out.
func ranked(points []stats.Point, kept map[string]Candidate) (all []Candidate) {
	points = slices.DeleteFunc(points, func(p stats.Point) bool { return !kept[p.Model].Keeps })
	cpu := func([]*results.Trial) *results.Figure { return results.ServerCPU }
	for _, r := range stats.RankBy(points, cpu) {
		for _, standing := range r.Standings {
			x := kept[standing.Model]
			x.Standing, x.Keeps, x.Open = standing, standing.First > 0, standing.First == 0
			all = append(all, x)
		}
	}
	return all
}

// candidate says whether a point keeps the limit.
func (s SLO) candidate(p *stats.Point) Candidate {
	var values []float64
	for _, t := range p.All {
		if v, known := s.of(t); known && t.Valid() {
			values = append(values, v)
		}
	}
	x := Candidate{Latency: stats.MedianInterval(values)}
	x.Model = p.Model
	x.Why, x.Open = why(p)
	if x.Why == "" && x.Latency.Estimate > float64(s.Limit) {
		x.Why = "too slow"
	}
	x.Keeps = x.Why == ""
	return x
}

// why is the reason that a point must not be ranked, "" for none, and whether that leaves open what it
// can do. A row that misses the rate in most of its quiet trials does not keep it, whatever the
// others were like.
func why(p *stats.Point) (why string, open bool) {
	quiet, missed := 0, 0
	for _, t := range p.All {
		if t.Failure == "" && !slices.Contains(t.Verdicts, results.Noisy) {
			quiet++
			if slices.Contains(t.Verdicts, results.MissedRate) {
				missed++
			}
		}
	}
	why = p.Unranked()
	switch {
	case 2*missed > quiet:
		return fmt.Sprintf("misses the rate in %d of %s", missed, results.Plural(quiet, "trial")), false
	case why != "" && !p.HasFigures():
		return "failed: " + results.OneLine(p.Failures[0]), false
	case why != "" && p.Valid == 0:
		return why + ": " + strings.Join(p.Verdicts, " "), true
	}
	return why, false
}

// Offer is a load that all rows are offered alike. In a closed loop a saturated server's latency is
// the number of clients over its throughput, whatever it is like, and a limit of it says
// nothing; and the server's CPU time a request depends on how busy it is. So all rows are
// measured at one rate, which each of them can answer.
type Offer struct {
	RateRPS  float64
	Slowest  string  // of the rows that are offered it
	Capacity float64 // of that one, in requests/s
	Out      Out     // those that are not
}

const (
	// offered is the share of the slowest row's capacity that all are offered: busy enough
	// for a service, and far enough from saturation for queues to end and for the client, which
	// does as much for a request as a fast server, to send on time.
	offered = 0.35
	// slowestOffered is the share of the fastest row's throughput below which a row is out:
	// it takes several times the CPU, and at a rate for it the others would be idle.
	slowestOffered = 0.25
)

// Offered is what to offer, from trials of a closed loop. What a row can do is its best trial, since
// whatever disturbs one makes it slower. The rate is 0 where no row answers all its clients.
func Offered(trials []results.Trial) *Offer {
	o := &Offer{Out: Out{}}
	best := map[string]float64{}
	for _, t := range results.Final(trials) {
		switch {
		case t.Failure != "":
			o.Out[t.Model] = "failed: " + results.OneLine(t.Failure)
		case t.ClientsServed < t.ClientsActive || t.ThroughputRPS == 0:
			o.Out[t.Model] = "clients without any answer"
		default:
			best[t.Model] = max(best[t.Model], t.ThroughputRPS)
		}
	}
	fastest := 0.0
	for _, rps := range best {
		fastest = max(fastest, rps)
	}
	for _, model := range slices.Sorted(maps.Keys(best)) {
		delete(o.Out, model)
		if rps := best[model]; rps < slowestOffered*fastest {
			o.Out[model] = fmt.Sprintf("answered %s requests/s in its best trial, of the fastest's %s", results.Count(rps), results.Count(fastest))
		} else if o.Slowest == "" || rps < o.Capacity {
			o.Slowest, o.Capacity = model, rps
		}
	}
	o.RateRPS = twoDigits(offered * o.Capacity)
	return o
}

// twoDigits rounds a number down to two digits, so that it can be said and asked for again.
func twoDigits(v float64) float64 {
	if v <= 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(v))-1)
	return math.Floor(v/unit) * unit
}

// Change is what became of a choice when one thing about the workload was another.
type Change struct {
	What   string // clients, payload or work
	From   string
	To     string
	Choice Choice
}

// Still is which rows that may be first in the choice may be first after the change too, which
// not, and of which that is open: as they are then, or with no more than their name.
func (c *Change) Still(before *Choice) (still, not, open []Candidate) {
	for _, x := range before.First() {
		i := slices.IndexFunc(c.Choice.Candidates, func(y Candidate) bool { return x.Model == y.Model })
		switch {
		case i < 0:
			not = append(not, Candidate{Standing: stats.Standing{Model: x.Model}})
		case c.Choice.Candidates[i].Keeps && c.Choice.Candidates[i].First == 1:
			still = append(still, c.Choice.Candidates[i])
		case c.Choice.Candidates[i].Open:
			open = append(open, c.Choice.Candidates[i])
		default:
			not = append(not, c.Choice.Candidates[i])
		}
	}
	return still, not, open
}

// ChooseKind is the kind of a folder that has the runs of a choice.
const ChooseKind = "choose"

// The folders of a choice: of the workload itself, and of what finds the rate for it.
const (
	ChoiceDir   = "choice"
	CapacityDir = "capacity-" // before the name of the choice that it gives the rate of
)

// runIn is the folder of the run that a folder stands for, empty where it is none.
func runIn(path string) (kind, run string) {
	if results.IsRun(path) {
		return "", path
	}
	for _, in := range []string{ChoiceDir, CapacityDir + ChoiceDir} {
		stage := filepath.Join(path, in)
		if run, err := results.Planned(stage); results.IsRun(stage) && (err != nil || run.Choose != nil) {
			return ChooseKind, stage
		}
	}
	return "", ""
}

// IsChoice reports whether a folder has the runs of a choice.
func IsChoice(path string) bool {
	kind, _ := runIn(path)
	return kind == ChooseKind
}
