package document

import (
	"fmt"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
)

// Choice is which row to choose, why, which is the simplest that will do, and what would
// change that.
func Choice(c *read.Choice, changes []read.Change) Document {
	var d Document
	d.Add(Block{Heading: workload(c), Table: choiceTable(c)}, Lines("Choose "+answer(c)))
	if simplest := simplest(c); simplest != "" {
		d.Add(Lines(simplest))
	}
	if len(changes) > 0 {
		lines := []string{"What would change the answer:"}
		for i := range changes {
			lines = append(lines, "  "+changed(&changes[i], c))
		}
		d.Add(Lines(lines...))
	}
	return d
}

func workload(c *read.Choice) string {
	k := c.Point
	rate := ""
	if k.Loop == results.OpenLoop {
		rate = results.Count(k.RateRPS) + " requests/s"
	}
	return dotted(results.Plural(k.Clients, "client"), results.Bytes(int64(k.PayloadBytes)), rate, k.Work, k.Knobs, c.SLO.String(), k.LoopLabel())
}

func choiceTable(c *read.Choice) *Table {
	t := &Table{Columns: []Column{
		{Title: "rank"}, {Title: "model", Left: true}, {Title: results.ServerCPU.Title}, {Title: "95 %", Left: true, Spare: 1}, {Title: "× first"}, {Title: "95 %", Left: true, Spare: 2},
		{Title: c.SLO.Percentile}, {Title: "lines", Spare: 3}, {Title: "not told apart from", Left: true, Wrap: 12},
	}}
	for i := range c.Candidates {
		x := &c.Candidates[i]
		lines, latency := none, none
		if x.Lines > 0 {
			lines = count(x.Lines)
		}
		if x.Latency.Estimate > 0 {
			latency = words(results.Nanoseconds.Text(x.Latency.Estimate))
		}
		cells := []Cell{words(flagMark), words(x.Model), none, {}, {}, {}}
		last := words(x.Why)
		if x.Keeps {
			cells, last = place(&x.Standing, results.ServerCPU), words(strings.Join(x.Alike, ", "))
		}
		t.Rows = append(t.Rows, Row{Cells: append(cells, latency, lines, last), Break: i > 0 && c.Candidates[i-1].Keeps && !x.Keeps})
	}
	return t
}

// answer is the choice and why, in two sentences.
func answer(c *read.Choice) string {
	first := c.First()
	if !slices.ContainsFunc(c.Candidates, func(x read.Candidate) bool { return x.Latency.Estimate > 0 }) {
		return "none yet: not one row has a valid trial here; connbench doctor says what disturbs them."
	}
	if len(first) == 0 {
		return "none of these: no row keeps " + c.SLO.String() + " with every client served and a valid trial."
	}
	x, cpu := first[0], results.ServerCPU.Text
	why := fmt.Sprintf("It takes %s of the server's CPU a request (%s)", cpu(x.Value.Estimate), x.Value.Bounds(cpu))
	if len(first) > 1 {
		why = fmt.Sprintf("They take %s of the server's CPU a request or so, and cannot be told apart", cpu(x.Value.Estimate))
	}
	i := slices.IndexFunc(c.Candidates, func(x read.Candidate) bool { return x.Keeps && x.First > 1 }) // beyond doubt not the cheapest
	if i >= 0 && c.Candidates[i].Best != nil {
		next := c.Candidates[i]
		why += fmt.Sprintf(", and %s, which comes next, %s times as much (%s)", next.Model, results.Ratio(next.Best.Ratio.Estimate), next.Best.Ratio.Bounds(results.Ratio))
	}
	return fmt.Sprintf("%s. %s. The %s of the response is %s, where %s are allowed.",
		names(first), why, c.SLO.Percentile, results.Nanoseconds.Text(x.Latency.Estimate), c.SLO.Limit)
}

func names(all []read.Candidate) string {
	names := make([]string, len(all))
	for i, x := range all {
		names[i] = x.Model
	}
	return strings.Join(names, " or ")
}

func simplest(c *read.Choice) string {
	if c.Simplest < 0 {
		return ""
	}
	x := &c.Candidates[c.Simplest]
	said := fmt.Sprintf("The simplest that will do is %s: %d lines of source", x.Model, x.Lines)
	if x.Best != nil {
		said += fmt.Sprintf(", at %s times the CPU a request (%s)", results.Ratio(x.Best.Ratio.Estimate), x.Best.Ratio.Bounds(results.Ratio))
	}
	return said + "."
}

// changed says what a change makes of the choice before.
func changed(c *read.Change, before *read.Choice) string {
	first := c.Choice.First()
	what := fmt.Sprintf("%s %s instead of %s: ", c.What, c.To, c.From)
	switch {
	case len(first) == 0:
		return what + "no row keeps the limit any more"
	case c.Overtaken(before):
		return what + "yes, then it is " + names(first) + "; the crossover lies between the two"
	}
	return what + "no, still " + names(first)
}
