package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Choice is which row to choose, why, and which is the simplest that will do.
func Choice(c *read.Choice) Document {
	var d Document
	d.Add(Block{Heading: workload(c), Table: choiceTable(c)})
	if c.Offer != nil && c.Offer.Slowest != "" {
		d.Add(Lines(offer(c.Offer)))
	}
	d.Add(Lines(begin(c) + answer(c)))
	if simplest := simplest(c); simplest != "" {
		d.Add(Lines(simplest))
	}
	return d
}

// offer says why it is that rate.
func offer(o *read.Offer) string {
	return fmt.Sprintf("Each row was offered %s requests/s, %.0f %% of the %s that %s, the slowest of them, answers at most.",
		results.Count(o.RateRPS), 100*o.RateRPS/o.Capacity, results.Count(o.Capacity), o.Slowest)
}

func workload(c *read.Choice) string {
	k := c.Point
	rate := ""
	if k.Loop == results.OpenLoop {
		rate = results.Count(k.RateRPS) + " requests/s"
	}
	return Dotted(results.Plural(k.Clients, "client"), results.Bytes(int64(k.PayloadBytes)), rate, k.Work, k.Knobs, c.SLO.String(), k.LoopLabel())
}

func choiceTable(c *read.Choice) *Table {
	t := &Table{Columns: []Column{
		{Title: "group"}, {Title: "model", Left: true}, {Title: results.ServerCPU.Title}, {Title: "95 %", Left: true, Spare: 1}, {Title: "× first"}, {Title: "95 %", Left: true, Spare: 2},
		{Title: c.SLO.Percentile}, {Title: "own lines", Spare: 3}, {Title: "out", Left: true, Wrap: 12},
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

// begin begins the answer: with its limits where it is one among a few.
func begin(c *read.Choice) string {
	open, kept := len(open(c)), 0
	for _, x := range c.Candidates {
		if x.Keeps {
			kept++
		}
	}
	if kept == 0 || open <= kept {
		return "Choose "
	}
	return fmt.Sprintf("Not decided: of %d of %d rows too few trials are valid; connbench doctor says what disturbs them. Of the others choose ", open, len(c.Candidates))
}

// answer is the choice and why, in two sentences.
func answer(c *read.Choice) string {
	first := c.First()
	if len(first) == 0 {
		if slices.ContainsFunc(c.Candidates, func(x read.Candidate) bool { return x.Open }) {
			return "none yet: of no row it is known that it keeps " + c.SLO.String() + ", since too few trials are valid; connbench doctor says what disturbs them."
		}
		return "none of these: no row keeps " + c.SLO.String() + " with every client served."
	}
	x := first[0]
	why := "It takes " + ValueOf(results.ServerCPU, &x.Standing) + " of the server's CPU a request"
	if len(first) > 1 {
		why = fmt.Sprintf("They take %s of the server's CPU a request and up%s", results.ServerCPU.Text(x.Value.Estimate), apart(standings(first)))
	}
	i := slices.IndexFunc(c.Candidates, func(x read.Candidate) bool { return x.Keeps && x.First > 1 }) // beyond doubt not the cheapest
	if i >= 0 {
		next := c.Candidates[i]
		why += fmt.Sprintf("; %s, which comes next, takes %s times as much (%s)", next.Model, results.Ratio(next.Best.Estimate), next.Best.Bounds(results.Ratio))
	}
	far, rather := roomier(c, first), ""
	switch {
	case far == nil || far.Best.Estimate > 1+stats.Same:
	case far.First == 1:
		rather = ", of these rather " + far.Model
	default:
		rather = ", or rather " + far.Model
	}
	return fmt.Sprintf("%s%s. %s. %s, where %s are allowed.%s%s", names(first), rather, why, latencyOf(c.SLO.Percentile, first), c.SLO.Limit, room(far), notKnown(c))
}

// roomier is the cheapest row that is far from the limit where a first one is close to it, else nil.
func roomier(c *read.Choice, first []read.Candidate) *read.Candidate {
	limit := float64(c.SLO.Limit)
	if !slices.ContainsFunc(first, func(x read.Candidate) bool { return x.Latency.Estimate > closeToLimit*limit }) {
		return nil
	}
	return results.Find(c.Candidates, func(x *read.Candidate) bool { return x.Keeps && x.Latency.Estimate < farFromLimit*limit })
}

// room says how far a row is from the limit.
func room(far *read.Candidate) string {
	if far == nil {
		return ""
	}
	said := fmt.Sprintf(" %s leaves far more room: %s", far.Model, results.Nanoseconds.Text(far.Latency.Estimate))
	if far.First > 1 {
		said += fmt.Sprintf(", at %s times the CPU (%s)", results.Ratio(far.Best.Estimate), far.Best.Bounds(results.Ratio))
	}
	return said + "."
}

// The shares of the limit from which on a row is close to it, and up to which it is far from it.
const closeToLimit, farFromLimit = 0.5, 0.1

// notKnown names the rows that might do as well, for all that is known.
func notKnown(c *read.Choice) string {
	open := open(c)
	if len(open) == 0 {
		return ""
	}
	return " Whether " + names(open) + " would do as well is not known: too few trials are valid."
}

func open(c *read.Choice) []read.Candidate {
	return slices.DeleteFunc(slices.Clone(c.Candidates), func(x read.Candidate) bool { return !x.Open })
}

// latencyOf is the percentile of one row, or of the quickest and the slowest of several.
func latencyOf(percentile string, all []read.Candidate) string {
	by := func(a, b read.Candidate) int { return cmp.Compare(a.Latency.Estimate, b.Latency.Estimate) }
	low := results.Nanoseconds.Text(slices.MinFunc(all, by).Latency.Estimate)
	high := results.Nanoseconds.Text(slices.MaxFunc(all, by).Latency.Estimate)
	if low == high {
		return fmt.Sprintf("The %s of the response is %s", percentile, low)
	}
	return fmt.Sprintf("The %s of the response is %s to %s", percentile, low, high)
}

func standings(all []read.Candidate) []stats.Standing {
	return results.Map(all, func(x read.Candidate) stats.Standing { return x.Standing })
}

func names(all []read.Candidate) string {
	return strings.Join(results.Map(standings(all), modelOf), " or ")
}

func simplest(c *read.Choice) string {
	if c.Simplest < 0 {
		return ""
	}
	x := &c.Candidates[c.Simplest]
	said := fmt.Sprintf("The simplest that will do is %s: %d lines of source beside those that every model has", x.Model, x.Lines)
	if x.First > 1 {
		said += fmt.Sprintf(", at %s times the CPU a request (%s)", results.Ratio(x.Best.Estimate), x.Best.Bounds(results.Ratio))
	}
	return said + "."
}

// Changed says in a line what a change makes of the choice before: which rows are first then, which
// of those before are not any more, and of which it is not known.
func Changed(c *read.Change, before *read.Choice) string {
	first := c.Choice.First()
	still, gone, open := c.Still(before)
	var parts []string
	if len(first) > 0 || len(open) == 0 {
		parts = append(parts, outcome(first, still, gone, open))
	}
	parts = append(parts, slices.Concat(listed("no longer", gone), listed("not known of", open))...)
	if len(first) > 0 && len(still) == 0 && len(open) == 0 {
		parts = append(parts, fmt.Sprintf("the crossover lies between %s and %s", c.From, c.To))
	}
	return fmt.Sprintf("%s %s instead of %s: %s", c.What, c.To, c.From, strings.Join(parts, "; "))
}

// outcome is which rows are first after a change, given what has become of those before.
func outcome(first, still, gone, open []read.Candidate) string {
	var said string
	switch {
	case len(first) == 0:
		return "no row keeps the limit any more"
	case len(still) == 0 && len(open) > 0:
		said = "perhaps, of the rows that are placed it is " + names(first)
	case len(still) == 0:
		said = "yes, then it is " + names(first)
	case len(gone) == 0:
		said = "no, still " + names(still)
	default:
		said = "in part, still " + names(still)
	}
	joined := slices.DeleteFunc(slices.Clone(first), func(x read.Candidate) bool {
		return slices.ContainsFunc(still, func(y read.Candidate) bool { return x.Model == y.Model })
	})
	if len(still) > 0 && len(joined) > 0 {
		said += ", with " + names(joined) + " beside"
	}
	if len(first) > 1 {
		said += apart(standings(first))
	}
	return said
}

// listed names rows that were among the first, and why they are not any more; it is empty for none.
func listed(lead string, all []read.Candidate) []string {
	if len(all) == 0 {
		return nil
	}
	return []string{lead + " " + Enumerate(results.Map(all, dropped))}
}

// dropped is a row that was among the first, and why it is not any more.
func dropped(x read.Candidate) string {
	why := cmp.Or(x.Why, "not measured")
	if x.Keeps {
		why = fmt.Sprintf("%s times as much CPU, %s", results.Ratio(x.Best.Estimate), x.Best.Bounds(results.Ratio))
	}
	return x.Model + " (" + why + ")"
}
