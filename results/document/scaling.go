package document

import (
	"fmt"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Scalings says what the fitted laws have for more clients than were measured: a table for
// each workload of which a row was measured with clients enough. Of any other workloads it
// says nothing.
func Scalings(scalings []read.Scaling) Document {
	var d Document
	fitted := false
	for _, group := range results.Grouped(scalings, func(s read.Scaling) results.Key { return s.Key.Shared() }) {
		if !slices.ContainsFunc(group, func(s read.Scaling) bool { return s.Worth() }) {
			continue
		}
		b := Block{Heading: "Beyond this machine (extrapolation) · " + heading(results.Map(group, func(s read.Scaling) stats.Point { return stats.Point{Key: s.Key} })), Lines: scalingNotes(group)}
		if slices.ContainsFunc(group, func(s read.Scaling) bool { return s.Fitted() }) {
			b.Lead, b.Table, fitted = scalingLead(group), scalingTable(group), true
		}
		d.Add(b)
	}
	if fitted {
		d.Add(Lines(
			"X(N) = λN / (1 + σ(N−1) + κN(N−1)): the Universal Scalability Law (N. J. Gunther), fitted to the medians by relative error",
			"λ: requests/s of one client alone; contention σ: the share of the work that waits its turn, from 0 (linear) to 1 (more clients gain nothing); coherency κ: what each pair of clients costs besides: where it is above 0 beyond chance, throughput falls after a peak",
			"off: how far the law is off a point at most; 10 × clients: ten times the most that were fitted",
			"intervals hold with 95 % if the law does: they are of the scatter of the trials, and of the points about the law"))
	}
	return d
}

// scalingLead is where the fitted rows are at their highest.
func scalingLead(group []read.Scaling) []string {
	var peaks, flat, rising []string
	for _, s := range results.Each(group) {
		switch {
		case !s.Fitted():
		case s.Peak != nil:
			peaks = append(peaks, fmt.Sprintf("%s with %s clients (%s)", s.Model, results.Count(s.Peak.Estimate), s.Peak.Bounds(results.Count)))
		case s.Flat:
			flat = append(flat, s.Model)
		default:
			rising = append(rising, s.Model)
		}
	}
	var lines results.Sentences
	lines.When(peaks != nil, "By the law throughput is highest, and falls with more, of "+Enumerate(peaks)+".")
	lines.When(flat != nil, "More clients than the fewest gain nothing with "+Enumerate(flat)+".")
	lines.When(rising != nil, "No peak beyond chance of "+Enumerate(rising)+".")
	return lines
}

// beyond is how many times the most clients the table looks.
const beyond = 10

func scalingTable(group []read.Scaling) *Table {
	t := &Table{Columns: []Column{
		{Title: "model", Left: true}, {Title: "λ\nreq/s"}, {Title: "contention\nσ"}, {Title: "coherency\nκ × 10⁶"}, {Title: "peak at\nclients"},
		{Title: "peak\nreq/s"}, {Title: "off", Spare: 2}, {Title: "req/s at\n10 × clients"}, {Title: "memory at\n1M clients", Spare: 1},
	}}
	for i := range group {
		t.add(scalingCells(&group[i])...)
	}
	return t
}

func scalingCells(s *read.Scaling) []Cell {
	memory := none
	if s.Memory != nil {
		memory = between(s.Memory.At(read.MillionClients), results.ByteCount.Text)
	}
	if !s.Fitted() {
		return append(append([]Cell{words(flagMark + " " + s.Model)}, slices.Repeat([]Cell{none}, 7)...), memory)
	}
	peak, highest := words("none\nseen"), Cell{}
	switch {
	case s.Peak != nil:
		peak, highest = between(*s.Peak, results.Count), between(*s.PeakThroughput, results.Count)
	case s.FewTrials():
		peak = words("too few\ntrials")
	}
	return []Cell{
		words(s.Model), between(s.PerClient, results.Count), between(s.Contention, results.Ratio), between(s.Coherency, perMillion), peak, highest,
		words(fmt.Sprintf("%.0f %%", 100*s.Misfit)), between(s.AtInterval(beyond*float64(s.Most())), results.Count), memory,
	}
}

func perMillion(v float64) string {
	if v *= 1e6; v != 0 && v < 0.001 {
		return results.Ratio(v)
	}
	return results.Count(v)
}

// between is an interval below its estimate.
func between(i stats.Interval, write func(float64) string) Cell {
	if !i.Bounded() {
		return words(write(i.Estimate))
	}
	return words(write(i.Estimate) + "\n" + strings.Replace(i.Bounds(write), " to ", "–", 1))
}

// scalingNotes are what a reader must know beside the figures: of each row, and of how far
// the measurement went.
func scalingNotes(group []read.Scaling) []string {
	var lines []string
	most, connections := 0, 0
	for _, s := range results.Each(group) {
		lines = append(lines, results.Map(s.Notes(), func(note string) string { return s.Model + ": " + note })...)
		most = max(most, s.Most())
		if s.Memory != nil {
			connections = max(connections, s.Memory.Connections)
		}
	}
	if most > 0 {
		lines = append(lines, fmt.Sprintf("Nothing beyond %s was measured: what stands here for more is what the law makes of the points, on this machine. "+
			"A limit that was not met up to there, of ports, descriptors or memory, is not in it.", results.Plural(most, "client")))
	}
	if most > 0 && connections > 0 {
		lines = append(lines, "Memory at 1,000,000 clients is extrapolation too: what a connection that has sent nothing takes, resident and in the kernel, "+
			fmt.Sprintf("measured with up to %d of them, a million times.", connections))
	}
	return lines
}
