package document

import (
	"fmt"
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
	d.Add(Lines(conclusion(all),
		"Medians of valid trials; the ratio's interval, with the drift of the machine taken out, holds with 95 % by itself; p is corrected for all comparisons (Holm), "+
			"so that in 95 of 100 cases not one difference is reported that is none. No difference is one within ±5 %, undecided all that the interval has."))
	if slices.ContainsFunc(all, func(c stats.Compared) bool { return c.Common > 0 }) {
		d.Add(Lines("As all rows: the machine was in another phase, or what all rows share has changed; two runs cannot tell which. To know, measure both in one run (--exec)."))
	}
	d.Fields = []Field{{"a", a}, {"b", b}, {"comparisons", list}}
	return d
}

func comparedHeading(c *stats.Compared) string {
	model := c.A.Model
	if c.B.Model != model {
		model += " → " + c.B.Model
	}
	return Dotted(model, c.A.Transport(), c.A.Work, c.A.Knobs, c.A.Payload(), results.Plural(c.A.Clients, "client"), asked(c.A), c.A.LoopLabel())
}

var comparedColumns = slices.Concat(data("model_a", "model_b", "network", "framing", "request", "work", "knobs", "loop", "clients", "payload_bytes", "payload_mix", "rate_rps", "rate_profile"), []Column{
	{Title: "", Name: "metric", Left: true}, {Title: "A", Name: "a"}, {Title: "B", Name: "b"}, {Title: "B / A", Name: "ratio"}, {Title: "95 %", Left: true},
	{Name: "ratio_low", Only: JSON}, {Name: "ratio_high", Only: JSON}, {Title: "p", Name: "p_adjusted", Spare: 2}, {Title: "trials", Name: "trials", Spare: 1},
}, data("paired", "outcome", "why"), []Column{{Title: "B is", Left: true, Wrap: 20}})

// comparedCells leave out of JSON what is infinite, as the bounds of too few trials.
func comparedCells(c *stats.Compared) []Cell {
	cells := values(c.A.Model, c.B.Model, c.A.Network, c.A.Framing, some(c.A.Request), c.A.Work, some(c.A.Knobs), c.A.Loop, c.A.Clients, c.A.PayloadBytes, some(c.A.PayloadMix), some(c.A.RateRPS), some(c.A.RateProfile))
	cells = append(cells, Cell{Text: c.Metric.Title, Value: c.Metric.Name})
	outcome := values(c.SameRun, c.Outcome, some(c.Why))
	if c.Outcome == stats.NotCompared {
		return slices.Concat(cells, []Cell{none, none, none, {}, {}, {}, {}, {Value: c.Effect.Trials}}, outcome, []Cell{words("not compared: " + c.Why)})
	}
	r := c.Effect.Ratio
	return slices.Concat(cells, []Cell{
		{Text: c.Metric.Text(c.AValue.Estimate), Value: finitely(c.AValue.Estimate)}, {Text: c.Metric.Text(c.BValue.Estimate), Value: finitely(c.BValue.Estimate)},
		{Text: results.Ratio(r.Estimate), Value: finitely(r.Estimate)}, within(&r, results.Ratio), {Value: known(r.Low, r.Bounded())}, {Value: known(r.High, r.Bounded())},
		{Text: probability(c.Adjusted), Value: c.Adjusted}, count(c.Effect.Trials),
	}, outcome, []Cell{words(c.Verdict())})
}

func probability(p float64) string {
	if p < 0.001 {
		return "<0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

func conclusion(all []stats.Compared) string {
	n := map[stats.Outcome]int{}
	for i := range all {
		n[all[i].Outcome]++
	}
	said := fmt.Sprintf("%s: %d better, %d worse, %d no difference", results.Plural(len(all), "comparison"), n[stats.Better], n[stats.Worse], n[stats.NoDifference])
	if n := n[stats.Undecided]; n > 0 {
		said += fmt.Sprintf(", %d undecided", n)
	}
	if n := n[stats.NotCompared]; n > 0 {
		said += fmt.Sprintf(", %d not compared", n)
	}
	return said + "."
}
