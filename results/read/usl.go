package read

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

// Scaling is the Universal Scalability Law fitted to the throughput of one row of a
// closed loop against its clients:
//
//	X(N) = λN / (1 + σ(N−1) + κN(N−1))
//
// (N. J. Gunther, "Guerrilla Capacity Planning", 2007). What it says of more clients than
// were measured is extrapolation, and of less as well.
type Scaling struct {
	results.Key // of the row; Clients is 0
	Measured    []ScalePoint

	PerClient  stats.Interval // λ, requests/s of one client alone
	Contention stats.Interval // σ, the share of the work that waits its turn, 0 to 1
	Coherency  stats.Interval // κ, what each pair of clients costs beside that, 0 or more

	// Peak is at how many clients throughput is highest, 1 or more, and PeakThroughput
	// what it is there, in requests/s. Both are nil where κ may be 0: no peak is seen.
	Peak, PeakThroughput *stats.Interval

	// Misfit is how far the law is off a fitted point at most, as a share of what was
	// measured there.
	Misfit float64
	// Flat is true where the fewest clients that were fitted already have the highest
	// throughput, or nearly so. Unless that is one client, λ and σ then rest on little.
	Flat bool
	// Why there is no fit; empty where there is one. All above but Measured is then zero.
	Why string

	Memory *ConnectionMemory // nil where it was not measured

	resamples []law
}

// ScalePoint is a row's throughput at one number of clients.
type ScalePoint struct {
	Clients    int
	Throughput stats.Spread // requests/s, over the trials as of a [Point]
	Valid      int          // trials
	Fitted     bool         // whether the fit rests on it
}

// Fitted reports whether there is a fit.
func (s *Scaling) Fitted() bool { return s.Why == "" }

// Most is the largest number of clients that was fitted, 0 where there is no fit. Beyond
// it everything is extrapolation.
func (s *Scaling) Most() int {
	if fitted := s.fitted(); s.Fitted() && len(fitted) > 0 {
		return fitted[len(fitted)-1].Clients
	}
	return 0
}

// At is the throughput that the law has for so many clients, 1 or more, in requests/s;
// NaN where there is no fit.
func (s *Scaling) At(clients float64) float64 {
	if !s.Fitted() {
		return math.NaN()
	}
	return s.law().at(clients)
}

func (s *Scaling) law() law {
	return law{s.PerClient.Estimate, s.Contention.Estimate, s.Coherency.Estimate}
}

func (s *Scaling) fitted() []ScalePoint {
	return slices.DeleteFunc(slices.Clone(s.Measured), func(p ScalePoint) bool { return !p.Fitted })
}

const (
	leastCounts  = 4    // of clients: the law has three parameters
	worstMisfit  = 0.5  // beyond which it is no description of the points
	flatFraction = 0.95 // of the highest throughput, at the fewest clients
)

// Scalings fits the law to each row of a closed loop, in the order of the points. Those that must not be
// ranked are no part of a fit.
func Scalings(points []stats.Point) []Scaling {
	var closed []*stats.Point
	for _, p := range results.Each(points) {
		if p.Loop == results.ClosedLoop && p.HasFigures() {
			closed = append(closed, p)
		}
	}
	rowOf := func(p *stats.Point) results.Key {
		key := p.Key
		key.Clients = 0
		return key
	}
	return results.Map(results.Grouped(closed, rowOf), func(row []*stats.Point) Scaling { return scalingOf(rowOf(row[0]), row) })
}

func scalingOf(key results.Key, points []*stats.Point) Scaling {
	slices.SortFunc(points, func(a, b *stats.Point) int { return cmp.Compare(a.Clients, b.Clients) })
	s := Scaling{Key: key, Memory: connectionMemory(points)}
	samples := samplesOf(points)
	for i, p := range points {
		s.Measured = append(s.Measured, ScalePoint{
			Clients: p.Clients, Throughput: p.Figures[results.Throughput], Valid: p.Valid, Fitted: samples[i].fitted,
		})
	}
	samples = slices.DeleteFunc(samples, func(x sample) bool { return !x.fitted })
	if len(samples) < leastCounts {
		s.Why = fmt.Sprintf("valid trials at %s, %d are needed", results.Plural(len(samples), "client count"), leastCounts)
		return s
	}
	s.fit(samples)
	return s
}

// fit fits the law to the samples, or says why it cannot.
func (s *Scaling) fit(samples []sample) {
	l, off := fitSamples(samples)
	if !(off <= worstMisfit) { // or NaN
		s.Why = fmt.Sprintf("throughput does not follow the law, which is more than %.0f %% off at one count", 100*worstMisfit)
		return
	}
	s.PerClient, s.Contention, s.Coherency = stats.Unbounded(l.lambda), stats.Unbounded(l.sigma), stats.Unbounded(l.kappa)
	s.Misfit = off
	highest := slices.MaxFunc(samples, func(a, b sample) int { return cmp.Compare(a.median, b.median) })
	s.Flat = samples[0].median >= flatFraction*highest.median
	s.resamples = resample(samples, l)
	s.PerClient = s.interval(func(l law) float64 { return l.lambda })
	s.Contention = s.interval(func(l law) float64 { return l.sigma })
	s.Coherency = s.interval(func(l law) float64 { return l.kappa })
	if s.Coherency.Low > 0 {
		s.Peak, s.PeakThroughput = new(s.interval(law.peak)), new(s.interval(func(l law) float64 { return l.at(l.peak()) }))
	}
}

// Worth reports whether the row was measured with clients enough to say something of more.
func (s *Scaling) Worth() bool { return len(s.Measured) >= leastCounts }

// FewTrials reports whether there are too few for intervals.
func (s *Scaling) FewTrials() bool { return len(s.resamples) == 0 }

// AtInterval is the throughput that the law has for so many clients, with its interval: from 0
// to +Inf where too few trials stand behind it, as PerClient is not bounded either.
func (s *Scaling) AtInterval(clients float64) stats.Interval {
	return s.interval(func(l law) float64 { return l.at(clients) })
}

// Notes are what a reader must know beside the figures of the row.
func (s *Scaling) Notes() []string {
	if !s.Fitted() {
		return []string{"not fitted: " + s.Why}
	}
	var notes results.Sentences
	switch first := s.fitted()[0].Clients; {
	case s.Flat && first == 1:
		notes = append(notes, "at its highest with 1 client: more gain nothing")
	case s.Flat:
		notes = append(notes, fmt.Sprintf("at its highest with %d clients already: what one alone does, and σ with it, is beyond what was measured", first))
	}
	notes.When(s.FewTrials(), fmt.Sprintf("too few trials for intervals: %d are needed at each of %d client counts", leastTrials, leastCounts))
	if left := s.left(); left != "" {
		notes = append(notes, "client counts not fitted, for want of valid trials: "+left)
	}
	notes.When(s.Memory != nil && !s.Memory.Kernel, "memory without the kernel's, which is not known")
	return notes
}

func (s *Scaling) left() string {
	left := slices.DeleteFunc(slices.Clone(s.Measured), func(p ScalePoint) bool { return p.Fitted })
	return strings.Join(results.Map(left, func(p ScalePoint) string { return strconv.Itoa(p.Clients) }), ", ")
}

// ConnectionMemory is what one connection more costs a server in memory, from connections
// that have sent nothing.
type ConnectionMemory struct {
	Each        stats.Interval // bytes; the median of the trials at Connections
	Connections int            // the most at which it was measured
	Kernel      bool           // whether the kernel's part is in it, not the resident one alone
}

// MillionClients is how many clients memory is extrapolated to.
const MillionClients = 1_000_000

// At is what so many connections cost, in bytes: extrapolation, beyond the connections it
// was measured at. It is their growth, without what the server takes for none.
func (m *ConnectionMemory) At(connections int) stats.Interval {
	n := float64(connections)
	return stats.Interval{Estimate: n * m.Each.Estimate, Low: n * m.Each.Low, High: n * m.Each.High}
}

// connectionMemory is that of a row's points, in the order of their clients: from the one
// with the most that has it.
func connectionMemory(points []*stats.Point) *ConnectionMemory {
	for i := len(points) - 1; i >= 0; i-- {
		var idle []*results.IdleMemory
		for _, t := range points[i].All {
			if t.Valid() && TellsIdle(t) {
				idle = append(idle, t.ServerIdle)
			}
		}
		if m := memoryOf(idle); m != nil {
			return m
		}
	}
	return nil
}

// memoryOf is nil where the growth cannot be told from none.
func memoryOf(idle []*results.IdleMemory) *ConnectionMemory {
	if len(idle) == 0 {
		return nil
	}
	m := &ConnectionMemory{Connections: idle[0].Connections, Kernel: true}
	for _, i := range idle {
		m.Kernel = m.Kernel && i.KernelBytes != nil
	}
	each := make([]float64, len(idle))
	for j, i := range idle {
		each[j] = i.ResidentBytes
		if m.Kernel {
			each[j] += *i.KernelBytes
		}
	}
	if m.Each = stats.MedianInterval(each); !(m.Each.Estimate > 0) {
		return nil
	}
	return m
}
