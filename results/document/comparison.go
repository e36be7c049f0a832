package document

import (
	"fmt"
	"math"
	"slices"

	"connbench/results"
	"connbench/results/stats"
)

// Comparison is how b differs from a, which are named as given.
func Comparison(all []stats.Compared, a, b string) Document {
	var d Document
	d.Add(Lines("A: "+a, "B: "+b))
	list := &Table{Columns: comparedColumns}
	for _, group := range results.Grouped(all, func(c stats.Compared) results.Key { return c.A }) {
		t := &Table{Columns: comparedColumns}
		for i := range group {
			t.add(comparedCells(&group[i])...)
		}
		list.Rows = append(list.Rows, t.Rows...)
		d.Add(Block{Heading: comparedHeading(&group[0]), Table: t})
	}
	d.Verdict = conclusion(all)
	d.Add(Lines(
		"Medians of valid trials; the ratio's interval, with the drift of the machine taken out, holds with 95 % by itself; p is corrected for all comparisons (Holm), " +
			"so that in 95 of 100 cases not one difference is reported that is none. No difference: not beyond chance, and the interval is within ±5 %; undecided: all that the interval has."))
	if slices.ContainsFunc(all, otherThanMedians) {
		d.Add(Lines("Where B / A is another ratio than that of the medians beside it, these are of trials from other phases of the machine, which B / A has taken out."))
	}
	if slices.ContainsFunc(all, func(c stats.Compared) bool { return c.Common > 0 }) {
		d.Add(Lines("As all rows: the machine was in another phase, or what all rows share has changed; two runs cannot tell which. To know, measure both in one run (--exec)."))
	}
	d.Main = list
	d.Fields = []Field{{"a", a}, {"b", b}, {"comparisons", list}}
	return d
}

// otherThanMedians reports whether a ratio is another than that of the medians, by more than is a difference
// to anybody.
func otherThanMedians(c stats.Compared) bool {
	return c.Effect.Ratio.Bounded() && math.Abs(math.Log(c.BValue.Estimate/c.AValue.Estimate/c.Effect.Ratio.Estimate)) > math.Log1p(stats.Same)
}

func comparedHeading(c *stats.Compared) string {
	model := c.A.Model
	if c.B.Model != model {
		model += " → " + c.B.Model
	}
	transport := c.A.Transport()
	if other := c.B.Transport(); other != transport {
		transport += " → " + other
	}
	return Dotted(model, transport, c.A.Work, c.A.Knobs, c.A.Payload(), results.Plural(c.A.Clients, "client"), asked(c.A), c.A.LoopLabel())
}

var comparedColumns = slices.Concat(named("model_a", "model_b", "network", "framing", "request", "work", "knobs", "loop", "clients", "payload_bytes", "payload_mix", "rate_rps", "rate_profile"), []Column{
	{Title: "", Name: "metric", Left: true}, {Title: "A", Name: "a"}, {Title: "B", Name: "b"}, {Title: "B / A", Name: "ratio"}, {Title: "95 %", Left: true},
	{Name: "ratio_low", Only: CSV | JSON}, {Name: "ratio_high", Only: CSV | JSON}, {Title: "p", Name: "p_adjusted", Spare: 2}, {Title: "trials", Name: "trials", Spare: 1},
}, named("paired", "outcome", "why"), []Column{{Title: "B is", Left: true, Wrap: 20}})

// comparedCells leave out of JSON what is infinite, as the bounds of too few trials.
func comparedCells(c *stats.Compared) []Cell {
	cells := values(c.A.Model, c.B.Model, c.A.Network, c.A.Framing, some(c.A.Request), c.A.Work, some(c.A.Knobs), c.A.Loop, c.A.Clients, c.A.PayloadBytes, some(c.A.PayloadMix), some(c.A.RateRPS), some(c.A.RateProfile))
	cells = append(cells, Cell{Text: c.Metric.Title, Value: c.Metric.Name})
	outcome := values(c.SameRun, c.Outcome, some(c.Why))
	if c.Outcome == stats.NotCompared {
		return slices.Concat(cells, []Cell{none, none, none, {}, {}, {}, {}, {Value: c.Effect.Trials}}, outcome, []Cell{words("not compared: " + c.Why)})
	}
	r, ratio, interval, p := c.Effect.Ratio, none, Cell{}, none
	if !c.Few() { // else the medians are all that there is
		ratio, interval, p = Cell{Text: results.Ratio(r.Estimate), Value: r.Estimate}, within(&r, results.Ratio), Cell{Text: probability(c.Adjusted), Value: c.Adjusted}
	}
	return slices.Concat(cells, []Cell{
		{Text: c.Metric.Text(c.AValue.Estimate), Value: finitely(c.AValue.Estimate)}, {Text: c.Metric.Text(c.BValue.Estimate), Value: finitely(c.BValue.Estimate)},
		ratio, interval, {Value: known(r.Low, r.Bounded())}, {Value: known(r.High, r.Bounded())},
		p, count(c.Effect.Trials),
	}, outcome, []Cell{words(c.Verdict())})
}

func probability(p float64) string {
	if p < 0.001 {
		return "<0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

// conclusion counts outcomes in a sentence.
func conclusion(all []stats.Compared) string {
	n, small, few := map[stats.Outcome]int{}, 0, 0
	for i := range all {
		n[all[i].Outcome]++
		if all[i].Few() {
			few++
		}
		if all[i].Small() {
			small++
		}
	}
	said, separator := fmt.Sprintf("Of %s B is better than A in %d and worse in %d", results.Plural(len(all), "comparison"), n[stats.Better], n[stats.Worse]), "; "
	if small > 0 {
		said += fmt.Sprintf(", in %d of these by less than 5 %%", small)
	}
	if n[stats.Better]+n[stats.Worse] == 0 {
		said, separator = fmt.Sprintf("In none of %s is B told better or worse than A", results.Plural(len(all), "comparison")), ": "
		if len(all) == 1 {
			said = "In the one comparison B is not told better or worse than A"
		}
	}
	for _, rest := range []stats.Outcome{stats.NoDifference, stats.Undecided, stats.NotCompared} {
		if n := n[rest]; n > 0 {
			said += fmt.Sprintf("%s%d %s", separator, n, rest)
			separator = ", "
			switch {
			case rest != stats.Undecided || few == 0:
			case few == n:
				said += " for too few trials"
			default:
				said += fmt.Sprintf(" (%d for too few trials)", few)
			}
		}
	}
	return said + "."
}
