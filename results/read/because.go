package read

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

// Because is where the difference of two rows comes from at a point: a sum of parts of the
// server's time a request, each measured, and what they leave unexplained. All is in
// nanoseconds a request, of A less B.
//
// The difference is that of the run's trials, by the ratio that [stats.Compare] finds. The parts are shares
// of it by the trials that were made for their profiles, in pairs by their blocks: of a second each, they may
// have met phases of the machine that were not the same for both, where the run's trials took turns. So what
// a row's parts come to together is what the row took in the run; and how far the rows' ratio was another in
// the profiles, beyond what chance may do, is a doubt about all of it.
type Because struct {
	A, B        results.Key
	Outcome     stats.Outcome // what A takes, held against B, at this point alone
	Took        [2]float64    // by A and B, in the run
	Difference  stats.Interval
	Causes      []Cause // the largest first
	Functions   []Cause // the same difference by the functions of an interpreter's program; nil where it does not say
	Unexplained float64
	Doubt       float64        // how much more or less the difference was in the profiles, beyond chance
	Profiled    stats.Interval // how many times as much A took as B in the profiles
	Pairs       int            // of them
	Disturbed   bool           // of trials that are not all valid, since too few are
	User        float64        // of the difference, outside of the kernel; NaN where that is not known
	Of          [2][]Spent
}

// Cause is a part of a difference.
type Cause struct {
	Part       string
	A, B       float64 // of each row, means
	Difference stats.Interval
	AEach      *float64 // how often a request it was done; nil where nobody counted
	BEach      *float64
}

// Explained is which part of the difference is explained, at most 1, and less than 0 where more is in
// doubt than there is.
func (b *Because) Explained() float64 {
	return 1 - (math.Abs(b.Unexplained)+math.Abs(b.Doubt))/math.Abs(b.Difference.Estimate)
}

// Becauses are those of each point of a run at which both rows have trials and profiles, in the
// order of points; left are the points at which the run's trials do not compare the rows, with the reason.
func Becauses(run *results.Run, trials []results.Trial, spending []Spent, a, b string) (all []Because, left []Uncompared) {
	side := func(row string) stats.Side { return stats.Side{Run: *run, Trials: trials, Row: row} }
	for _, c := range stats.Compare(side(b), side(a), true) { // what A takes, held against B
		if c.Outcome == stats.NotCompared {
			left = append(left, Uncompared{c.A, strings.NewReplacer("A: ", b+": ", "B: ", a+": ").Replace(c.Why)})
			continue
		}
		of := [2][]Spent{at(spending, c.B), at(spending, c.A)}
		if c.Metric != results.ServerCPU || len(of[0]) == 0 || len(of[1]) == 0 {
			continue
		}
		because := Because{A: c.B, B: c.A, Outcome: c.Effect.Outcome(c.Metric), Of: of}
		because.measure(&c)
		because.explain()
		all = append(all, because)
	}
	return all, left
}

// Uncompared is a point at which two rows are not compared, and why.
type Uncompared struct {
	results.Key
	Why string
}

// measure takes up what the rows took: around the middle of their medians, so that their ratio is that of
// the comparison, which has the drift of the machine taken out. Of too few trials for that they are the medians.
func (b *Because) measure(c *stats.Compared) {
	middle, r := math.Sqrt(c.AValue.Estimate*c.BValue.Estimate), c.Effect.Ratio
	if !r.Bounded() {
		r = stats.Unbounded(c.BValue.Estimate / c.AValue.Estimate)
	}
	difference := func(ratio float64) float64 { return middle * (math.Sqrt(ratio) - 1/math.Sqrt(ratio)) }
	b.Took = [2]float64{middle * math.Sqrt(r.Estimate), middle / math.Sqrt(r.Estimate)}
	b.Difference = stats.Unbounded(difference(r.Estimate))
	if r.Bounded() && r.Low > 0 {
		b.Difference = stats.Interval{Estimate: difference(r.Estimate), Low: difference(r.Low), High: difference(r.High)}
	}
	if b.Outcome == stats.Worse || b.Outcome == stats.Better {
		if r.Low >= 1-stats.Same && r.High <= 1+stats.Same { // beyond chance, and nothing to anybody
			b.Outcome = stats.NoDifference
		}
	}
}

func at(spending []Spent, k results.Key) []Spent {
	return slices.DeleteFunc(slices.Clone(spending), func(s Spent) bool { return s.Key() != k })
}

// explain finds the causes.
func (b *Because) explain() {
	pairs := paired(valid(b.Of[0]), valid(b.Of[1]))
	if len(pairs) < fewestPairs {
		pairs, b.Disturbed = paired(b.Of[0], b.Of[1]), true
	}
	b.Pairs = len(pairs)
	b.Causes = b.causes(pairs, func(s *Spent) map[string]float64 { return s.Parts })
	b.Functions = b.causes(pairs, func(s *Spent) map[string]float64 { return s.Program })
	b.Unexplained, b.User = b.Difference.Estimate, 0
	for i := range b.Causes {
		b.Unexplained -= b.Causes[i].Difference.Estimate
	}
	for _, p := range pairs {
		b.User += (b.share(0, p[0].User, p[0]) - b.share(1, p[1].User, p[1])) / float64(len(pairs))
	}
	b.doubt(pairs)
}

// fewestPairs is how many valid ones are enough not to look at the others.
const fewestPairs = 3

func valid(of []Spent) []Spent {
	return slices.DeleteFunc(slices.Clone(of), func(s Spent) bool { return !s.Valid() })
}

// share is what a part of a trial's time comes to in the run, of a row.
func (b *Because) share(side int, ns float64, of *Spent) float64 {
	return ns / of.ServerCPUPerRequest * b.Took[side]
}

// doubt is about parts of which the rows' ratio was another in the profiles.
func (b *Because) doubt(pairs [][2]*Spent) {
	log := mean(results.Map(pairs, func(p [2]*Spent) float64 { return math.Log(p[0].ServerCPUPerRequest / p[1].ServerCPUPerRequest) }))
	b.Profiled = stats.Interval{Estimate: math.Exp(log.Estimate), Low: math.Exp(log.Low), High: math.Exp(log.High)}
	ratio := b.Took[0] / b.Took[1]
	b.Doubt = (min(max(ratio, b.Profiled.Low), b.Profiled.High) - ratio) * b.Took[1]
}

// causes are all that have a name, the largest first: to be somewhere in the kernel is none.
func (b *Because) causes(pairs [][2]*Spent, of func(*Spent) map[string]float64) (all []Cause) {
	parts := map[string]bool{}
	for _, p := range pairs {
		for _, s := range p {
			for part := range of(s) {
				parts[taskOf(part)] = true
			}
		}
	}
	for part := range parts {
		if part != partUnknown && part != partKernel {
			all = append(all, b.cause(part, pairs, of))
		}
	}
	slices.SortFunc(all, func(x, y Cause) int {
		return cmp.Or(cmp.Compare(math.Abs(y.Difference.Estimate), math.Abs(x.Difference.Estimate)), cmp.Compare(x.Part, y.Part))
	})
	return all
}

// paired are the trials of two rows of one block each; where the blocks have nothing in common,
// those of the same rank.
func paired(as, bs []Spent) (pairs [][2]*Spent) {
	for i := range as {
		for j := range bs {
			if as[i].Block == bs[j].Block {
				pairs = append(pairs, [2]*Spent{&as[i], &bs[j]})
			}
		}
	}
	if pairs == nil {
		for i := range min(len(as), len(bs)) {
			pairs = append(pairs, [2]*Spent{&as[i], &bs[i]})
		}
	}
	return pairs
}

func (b *Because) cause(part string, pairs [][2]*Spent, parts func(*Spent) map[string]float64) Cause {
	c := Cause{Part: part}
	var differences []float64
	var each [2][]float64
	for _, p := range pairs {
		sum := [2]float64{}
		for side := range p {
			for of, ns := range parts(p[side]) {
				if taskOf(of) != part {
					continue
				}
				sum[side] += b.share(side, ns, p[side])
			}
			if n := p[side].each(part); n != nil {
				each[side] = append(each[side], *n)
			}
		}
		c.A, c.B = c.A+sum[0]/float64(len(pairs)), c.B+sum[1]/float64(len(pairs))
		differences = append(differences, sum[0]-sum[1])
	}
	c.Difference = mean(differences)
	c.AEach, c.BEach = average(each[0]), average(each[1])
	return c
}

// average is nil for no values.
func average(values []float64) *float64 {
	if len(values) == 0 {
		return nil
	}
	return new(mean(values).Estimate)
}
