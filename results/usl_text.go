package results

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// WriteScalings says for people what the fitted laws have for more clients than were
// measured: a table for each workload of which a row was measured with clients enough.
// Of any other workloads it writes nothing.
func WriteScalings(w io.Writer, scalings []Scaling) error {
	var b bytes.Buffer
	fitted := false
	for _, group := range scalingWorkloads(scalings) {
		fmt.Fprintf(&b, "Beyond this machine (extrapolation) · %s\n\n", scalingHeading(group))
		if slices.ContainsFunc(group, func(s Scaling) bool { return s.Fitted() }) {
			fmt.Fprintf(&b, "%s\n\n", renderScalings(group))
			fitted = true
		}
		fmt.Fprintf(&b, "%s\n\n", strings.Join(scalingNotes(group), "\n"))
	}
	if fitted {
		fmt.Fprintf(&b, "%s\n\n", scalingLegend)
	}
	_, err := w.Write(b.Bytes())
	return err
}

const scalingLegend = `X(N) = λN / (1 + σ(N−1) + κN(N−1)): the Universal Scalability Law (N. J. Gunther), fitted to the medians by relative error
λ: requests/s of one client alone; contention σ: the share of the work that waits its turn, from 0 (linear) to 1 (more clients gain
nothing); coherency κ: what each pair of clients costs besides: where it is above 0 beyond chance, throughput falls after a peak
off: how far the law is off a point at most; 10 × clients: ten times the most that were fitted
intervals hold with 95 % if the law does: they are of the scatter of the trials, and of the points about the law`

// scalingWorkloads are the scalings of one table each, of those that are worth one.
func scalingWorkloads(scalings []Scaling) [][]Scaling {
	var order []Key
	groups := map[Key][]Scaling{}
	for _, s := range scalings {
		key := s.Key.shared()
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], s)
	}
	var worth [][]Scaling
	for _, key := range order {
		if slices.ContainsFunc(groups[key], func(s Scaling) bool { return len(s.Measured) >= leastCounts }) {
			worth = append(worth, groups[key])
		}
	}
	return worth
}

func scalingHeading(group []Scaling) string {
	points := make([]Point, len(group))
	for i, s := range group {
		points[i].Key = s.Key
	}
	return heading(points)
}

func renderScalings(group []Scaling) string {
	t := table.NewWriter()
	header := table.Row{modelTitle, "λ\nreq/s", "contention\nσ", "coherency\nκ × 10⁶", "peak at\nclients", "peak\nreq/s", "off", "req/s at\n10 × clients", "memory at\n1M clients"}
	t.AppendHeader(header)
	configs := []table.ColumnConfig{{Number: 1, WidthMax: modelWidth, WidthMaxEnforcer: wrapName, VAlignHeader: text.VAlignBottom}}
	for i := 2; i <= len(header); i++ {
		configs = append(configs, table.ColumnConfig{Number: i, Align: text.AlignRight, AlignHeader: text.AlignRight, VAlignHeader: text.VAlignBottom})
	}
	for i := range group {
		t.AppendRow(group[i].row())
	}
	t.SetColumnConfigs(configs)
	t.SetStyle(lightLines())
	t.SuppressTrailingSpaces()
	return t.Render()
}

// beyond is how many times the most clients the table looks.
const beyond = 10

func (s *Scaling) row() table.Row {
	memory := absent
	if s.Memory != nil {
		memory = withBounds(s.Memory.At(MillionClients), bytesText)
	}
	if !s.Fitted() {
		return table.Row{flagMark + " " + s.Model, absent, absent, absent, absent, absent, absent, absent, memory}
	}
	peak, highest := "none\nseen", ""
	switch {
	case s.Peak != nil:
		peak, highest = withBounds(*s.Peak, Count), withBounds(*s.PeakThroughput, Count)
	case len(s.resamples) == 0:
		peak = "too few\ntrials"
	}
	further := s.interval(func(l law) float64 { return l.at(beyond * float64(s.Most())) })
	return table.Row{
		s.Model, withBounds(s.PerClient, Count), withBounds(s.Contention, ratioText), withBounds(s.Coherency, perMillion), peak, highest,
		fmt.Sprintf("%.0f %%", 100*s.Misfit), withBounds(further, Count), memory,
	}
}

func perMillion(v float64) string {
	if v *= 1e6; v != 0 && v < 0.001 {
		return ratioText(v)
	}
	return Count(v)
}

// withBounds is an interval below its estimate.
func withBounds(i Interval, write func(float64) string) string {
	if !i.Bounded() {
		return write(i.Estimate)
	}
	return write(i.Estimate) + "\n" + strings.Replace(bounds(i, write), " to ", "–", 1)
}

// scalingNotes are what a reader must know beside the figures: of each row, and of how far
// the measurement went.
func scalingNotes(group []Scaling) []string {
	var lines []string
	most, connections := 0, 0
	for i := range group {
		s := &group[i]
		for _, note := range s.notes() {
			lines = append(lines, s.Model+": "+note)
		}
		most = max(most, s.Most())
		if s.Memory != nil {
			connections = max(connections, s.Memory.Connections)
		}
	}
	if most > 0 {
		lines = append(lines, fmt.Sprintf("Nothing beyond %s was measured: what stands here for more is what the law makes of the points, on this machine.\n"+
			"A limit that was not met up to there, of ports, descriptors or memory, is not in it.", plural(most, "client")))
	}
	if most > 0 && connections > 0 {
		lines = append(lines, fmt.Sprintf("Memory at 1,000,000 clients is extrapolation too: what a connection that has sent nothing takes, resident and in the kernel,\n"+
			"measured with up to %d of them, a million times.", connections))
	}
	return lines
}

func (s *Scaling) notes() []string {
	if !s.Fitted() {
		return []string{"not fitted: " + s.Why}
	}
	var notes []string
	switch first := s.fitted()[0].Clients; {
	case s.Flat && first == 1:
		notes = append(notes, "at its highest with 1 client: more gain nothing")
	case s.Flat:
		notes = append(notes, fmt.Sprintf("at its highest with %d clients already: what one alone does, and σ with it, is beyond what was measured", first))
	}
	if len(s.resamples) == 0 {
		notes = append(notes, fmt.Sprintf("too few trials for intervals: %d are needed at each of %d client counts", leastTrials, leastCounts))
	}
	if left := s.left(); left != "" {
		notes = append(notes, "client counts not fitted, for want of valid trials: "+left)
	}
	if s.Memory != nil && !s.Memory.Kernel {
		notes = append(notes, "memory without the kernel's, which is not known")
	}
	return notes
}

// left are the client counts that were measured and not fitted.
func (s *Scaling) left() string {
	var left []string
	for _, p := range s.Measured {
		if !p.Fitted {
			left = append(left, strconv.Itoa(p.Clients))
		}
	}
	return strings.Join(left, ", ")
}
