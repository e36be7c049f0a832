package document

import (
	"fmt"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
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
		{Title: "group"}, {Title: "model", Left: true}, {Title: results.ServerCPU.Title}, {Title: "95 %", Left: true, Spare: 1}, {Title: "× first"}, {Title: "95 %", Left: true, Spare: 2},
		{Title: c.SLO.Percentile}, {Title: "lines", Spare: 3}, {Title: "out", Left: true, Wrap: 12},
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
			cells, last = place(&x.Standing, results.ServerCPU), Cell{}
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
	x := first[0]
	why := "It takes " + ValueOf(results.ServerCPU, &x.Standing) + " of the server's CPU a request"
	if len(first) > 1 {
		standings := make([]stats.Standing, len(first))
		for i := range first {
			standings[i] = first[i].Standing
		}
		why = fmt.Sprintf("They take %s of the server's CPU a request and up%s", results.ServerCPU.Text(x.Value.Estimate), apart(standings))
	}
	i := slices.IndexFunc(c.Candidates, func(x read.Candidate) bool { return x.Keeps && x.First > 1 }) // beyond doubt not the cheapest
	if i >= 0 {
		next := c.Candidates[i]
		why += fmt.Sprintf("; %s, which comes next, takes %s times as much (%s)", next.Model, results.Ratio(next.Best.Estimate), next.Best.Bounds(results.Ratio))
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
	if x.First > 1 {
		said += fmt.Sprintf(", at %s times the CPU a request (%s)", results.Ratio(x.Best.Estimate), x.Best.Bounds(results.Ratio))
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
